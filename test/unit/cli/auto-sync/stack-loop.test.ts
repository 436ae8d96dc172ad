import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { ProviderError } from "../../../../provider/core/errors.js";
import { type Decision, describeOutcome, startAutoSync } from "../../../../sdk/cli/auto-sync/stack-loop.js";
import { createLockError } from "../../../../sdk/cli/stack-lock.js";
import type { SyncOutcome } from "../../../../sdk/cli/sync-run.js";

/** Runs the loop over prepared looks and collects what it tells, until the looks are used up. */
async function follow(looks: (() => Promise<SyncOutcome>)[], intervalMs = 1): Promise<Decision[]> {
  const told: Decision[] = [];
  const stopping = new AbortController();
  const left = [...looks];
  const sync = startAutoSync({
    intervalMs,
    tell: (decision) => {
      told.push(decision);
      if (left.length === 0) stopping.abort();
    },
    stopping: stopping.signal,
    run: async () => {
      const next = left.shift();
      if (next === undefined) throw new Error("no look left");
      return next();
    },
  });
  await sync.ended;
  return told;
}

const unchanged = async (): Promise<SyncOutcome> => ({
  kind: "unchanged",
  syncs: ["app"],
  withoutSource: [],
  failures: [],
});
const refused = async (): Promise<SyncOutcome> => ({
  kind: "refused",
  syncs: ["app"],
  excess: ["app: create"],
  reasons: [],
  failures: [],
});
const synced = async (failures: readonly ProviderError[] = []): Promise<SyncOutcome> => ({
  kind: "synced",
  syncs: ["app"],
  changes: "app: ~ A",
  counts: { added: 0, changed: 1, removed: 0 },
  failures,
});
const failure = new ProviderError("SOURCE_FAILED", { operation: "read", hint: "mend it.", retryable: true });
const fail = async (): Promise<SyncOutcome> => {
  throw failure;
};

describe("the loop of auto-sync", () => {
  it("tells each decision, goes on after a failure, and shows no foreign error's text", async () => {
    const told = await follow([
      unchanged,
      fail,
      async () => {
        throw new Error("pl4nted");
      },
      refused,
      synced,
    ]);
    expect(told.map(({ event }) => event)).toEqual(["unchanged", "failed", "failed", "refused", "synced"]);
    expect(told[1]?.data).toEqual({
      code: "SOURCE_FAILED",
      message: "[SOURCE_FAILED] read. Fix: mend it.",
      retryable: true,
    });
    expect(JSON.stringify(told)).not.toContain("pl4nted");
    expect(told[4]?.text).toBe("synced app: ~ A");
  });

  it("tells of the syncs whose sources failed beside what was done for the others", async () => {
    const told = await follow([
      () => synced([failure]),
      async () => ({ kind: "unchanged", syncs: [], withoutSource: [], failures: [failure] }),
    ]);
    expect(told.map(({ event }) => event).slice(0, 3)).toEqual(["synced", "failed", "failed"]);
  });

  it("ends at the first look when there is no such stack, and goes on where one is not found later", async () => {
    const missing = async () => {
      throw new ProviderError("NOT_FOUND", {
        operation: 'stack "nope" not found',
        hint: "give another.",
        details: { isStackMissing: true },
      });
    };
    await expect(follow([missing, unchanged])).rejects.toThrow('[NOT_FOUND] stack "nope" not found.');
    const told = await follow([unchanged, missing, unchanged]);
    expect(told.map(({ event }) => event)).toEqual(["unchanged", "failed", "unchanged"]);
  });

  it("says that it tries again while another update is running, and asks for nothing", async () => {
    const [told] = await follow([
      async () => {
        throw createLockError("dev");
      },
    ]);
    expect(told).toMatchObject({
      event: "waiting",
      text: 'another update of stack "dev" is running; auto-sync tries again by itself. Fix: run again when it has ended. If it was interrupted, run `pulumi cancel --stack dev`, then `pulumi up`.',
      data: { code: "TIMED_OUT" },
    });
  });

  it("says what was not synced and why, ten reasons at most, and what only pulumi up writes", () => {
    const describeRefused = (excess: string[]) =>
      describeOutcome({ kind: "refused", syncs: ["app"], excess, reasons: [], failures: [] }).text;
    expect(describeRefused(["the stack's config has changed"])).toBe(
      "not synced: the stack's config has changed. Run `pulumi up` first, or use the checkout that was deployed last.",
    );
    expect(describeRefused(Array.from({ length: 12 }, (_, index) => `r${index}`))).toContain(
      "r9 and 2 more. Run",
    );
    const byProgram = "values of `secrets` come from the program, and only `pulumi up` writes them";
    const describeUnchanged = (withoutSource: string[]) =>
      describeOutcome({ kind: "unchanged", syncs: ["app", "b"], withoutSource, failures: [] }).text;
    expect(describeUnchanged([])).toBe("nothing changed (app, b)");
    expect(describeUnchanged(["b"])).toBe(`nothing changed (app, b); no source to follow (b): ${byProgram}`);
    expect(describeUnchanged(["app", "b"])).toBe(`no source to follow (app, b): ${byProgram}`);
  });

  it("never has two looks under way, and looks again when it was woken meanwhile", async () => {
    let underWay = 0;
    let most = 0;
    let looks = 0;
    const stopping = new AbortController();
    const sync = startAutoSync({
      intervalMs: 3_600_000,
      tell: () => {
        if (looks === 3) stopping.abort();
      },
      stopping: stopping.signal,
      run: async () => {
        underWay += 1;
        looks += 1;
        most = Math.max(most, underWay);
        await new Promise((resolve) => setTimeout(resolve, 20));
        underWay -= 1;
        return unchanged();
      },
    });
    sync.wake();
    await new Promise((resolve) => setTimeout(resolve, 60));
    sync.wake();
    sync.wake();
    await sync.ended;
    expect([looks, most]).toEqual([3, 1]);
  });

  const measure = async (looks: (() => Promise<SyncOutcome>)[]): Promise<number[]> => {
    const at: number[] = [];
    const marked = looks.map((look) => () => {
      at.push(performance.now());
      return look();
    });
    await follow(marked, 40);
    return at.slice(1).map((time, index) => time - (at[index] ?? 0));
  };
  it("waits longer after each refusal and failure, and no longer when it is over", async () => {
    const looks = [refused, fail, refused, unchanged, unchanged];
    const [first = 0, second = 0, third = 0, after = 0] = await measure(looks);
    expect(first).toBeGreaterThan(34);
    expect(second).toBeGreaterThan(70);
    expect(third).toBeGreaterThan(140);
    expect(after).toBeLessThan(third);
  });

  it("leaves a server alone for as long as it asks", async () => {
    const details = { retryAfterMs: 300 };
    const busy = new ProviderError("SOURCE_FAILED", { operation: "read", hint: "wait.", details });
    const [wait] = await measure([async () => ({ ...(await unchanged()), failures: [busy] }), unchanged]);
    expect(wait).toBeGreaterThan(295);
  });

  it("leaves one listener at the signal that ends it, however often it waits", async () => {
    const stopping = new AbortController();
    let most = 0;
    let looks = 0;
    const sync = startAutoSync({
      intervalMs: 1,
      tell: () => {
        most = Math.max(most, getEventListeners(stopping.signal, "abort").length);
        looks += 1;
        if (looks === 30) stopping.abort();
      },
      stopping: stopping.signal,
      run: unchanged,
    });
    await sync.ended;
    expect([looks, most]).toEqual([30, 1]);
  });

  it("finishes the look that is under way before it ends", async () => {
    const stopping = new AbortController();
    const told: string[] = [];
    const sync = startAutoSync({
      intervalMs: 3_600_000,
      tell: ({ event }) => told.push(event),
      stopping: stopping.signal,
      run: async () => {
        stopping.abort();
        await new Promise((resolve) => setTimeout(resolve, 20));
        return synced();
      },
    });
    await sync.ended;
    expect(told).toEqual(["synced"]);
  });
});
