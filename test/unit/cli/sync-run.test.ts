import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readSource } from "../../../provider/sources/index.js";
import { parseEnginePlan } from "../../../sdk/cli/plan-guard.js";
import type { StackAccess } from "../../../sdk/cli/stack-access.js";
import { isStackLocked } from "../../../sdk/cli/stack-lock.js";
import { type ExportedResource, readStackSyncs } from "../../../sdk/cli/stack-syncs.js";
import { type KnownState, runSync, type SyncMemory } from "../../../sdk/cli/sync-run.js";
import { buildResource, print } from "./exported-sync.js";

/** A stack whose engine does what its program says: the secrets that are given here, and nothing else. */
class FakeStack implements StackAccess {
  readonly stackName = "dev";
  readonly programDirectory = ".";
  readonly mayRun = () => false;
  readonly engineVersion = "0";
  resource = buildResource();
  others: ExportedResource[] = [];
  program: Record<string, string> = {};
  /** What somebody else does while the preview runs. */
  onPreview = () => {};
  readonly calls: string[] = [];

  readResources = async (): Promise<readonly ExportedResource[]> => {
    this.calls.push("read");
    return [this.resource, ...this.others];
  };
  /** As a backend of files has it: another one for each state. */
  hasStamps = false;
  readStamp = async () => (this.hasStamps ? JSON.stringify(this.resource) : undefined);
  isBeingUpdated = false;
  isUpdating = async () => this.isBeingUpdated;
  readConfig = async () => ({ get: () => undefined, ofPackage: () => ({}) });
  runPlanned: StackAccess["runPlanned"] = async ([urn = ""], { judge }) => {
    this.onPreview();
    const goal = { inputDiff: { updates: { secrets: this.program } } };
    const plan = parseEnginePlan(JSON.stringify({ resourcePlans: { [urn]: { steps: ["update"], goal } } }));
    this.calls.push("preview");
    if (!judge(plan, [this.resource, ...this.others])) return "declined";
    this.calls.push("up");
    this.resource = buildResource({ secrets: this.program });
    return "done";
  };
}

const ofProgram = { P: print("P", "program") };

describe("a run of auto-sync that begins with what the last one left", () => {
  let stack: FakeStack;
  let memory: SyncMemory;

  beforeEach(() => {
    stack = new FakeStack();
    stack.resource = buildResource({ secrets: { ...ofProgram, A: print("A", "1") } });
    stack.program = { ...ofProgram, A: print("A", "2") };
    memory = { maxAgeMs: 60_000 };
    remember(stack.resource);
    process.env.APP_A = "2";
  });
  afterEach(() => {
    delete process.env.APP_A;
  });

  const remember = (resource: ExportedResource, { stamp, readAt = Date.now() }: Partial<KnownState> = {}) => {
    memory.known = Promise.resolve({ syncs: readStackSyncs([resource]), stamp, readAt });
  };
  const run = () => runSync(stack, { choose: (syncs) => syncs, isManual: false, memory });

  it("does not wait for the state, and leaves what the next one begins with", async () => {
    expect(await run()).toMatchObject({ kind: "synced", changes: "app: ~ A" });
    expect(stack.calls).toEqual(["preview", "up", "read"]);
    expect((await memory.known)?.syncs[0]?.secrets).toEqual(stack.program);

    stack.calls.length = 0;
    process.env.APP_A = "3";
    stack.program = { ...ofProgram, A: print("A", "3") };
    expect(await run()).toMatchObject({ kind: "synced" });
    expect(stack.calls).toEqual(["preview", "up", "read"]);
  });

  it("runs no engine while neither the state nor a source changes, and sees that another state was written", async () => {
    stack.hasStamps = true;
    stack.resource = buildResource({ secrets: stack.program });
    delete memory.known;
    for (let looks = 0; looks < 3; looks += 1) expect(await run()).toMatchObject({ kind: "unchanged" });
    expect(stack.calls).toEqual(["read"]);

    // Somebody deploys what the source no longer holds.
    stack.resource = buildResource({ secrets: { ...ofProgram, A: print("A", "1") } });
    expect(await run()).toMatchObject({ kind: "synced" });
    expect(stack.calls).toEqual(["read", "read", "preview", "up", "read"]);
  });

  it("reads the state again after a time where nothing tells that it was written", async () => {
    stack.resource = buildResource({ secrets: stack.program });
    remember(stack.resource, { readAt: Date.now() - 59_000 });
    await run();
    expect(stack.calls).toEqual([]);
    remember(stack.resource, { readAt: Date.now() - 60_001 });
    await run();
    expect(stack.calls).toEqual(["read"]);
  });

  it("reads a source by what others have read, and by itself when it looks again", async () => {
    let reads = 0;
    stack.onPreview = () => {
      if (process.env.APP_A === "2")
        stack.resource = buildResource({ secrets: { ...ofProgram, A: print("A", "0") } });
      process.env.APP_A = "3";
      stack.program = { ...ofProgram, A: print("A", "3") };
    };
    const outcome = await runSync(stack, {
      choose: (syncs) => syncs,
      isManual: false,
      memory,
      read: (...given) => {
        reads += 1;
        return readSource(...given);
      },
    });
    expect(outcome).toMatchObject({ kind: "synced" });
    expect(reads).toBe(1);
  });

  it("does nothing by a memory that somebody's deployment has overtaken", async () => {
    // The checkout here still has the program's old value, which the memory takes for the deployed one.
    stack.resource = buildResource({ secrets: { P: print("P", "newer"), A: print("A", "1") } });
    expect(await run()).toMatchObject({
      kind: "refused",
      excess: ["app: secrets.P has another value in the program, which only `pulumi up` writes"],
    });
    expect(stack.calls).toEqual(["preview", "read", "preview", "read"]);
  });

  it("waits, in place of refusing, while what differs is somebody's update that is in progress", async () => {
    stack.program = { ...ofProgram, A: print("A", "other") };
    expect(await run()).toMatchObject({ kind: "refused" });
    stack.isBeingUpdated = true;
    const error = await run().catch((thrown: unknown) => thrown);
    expect(isStackLocked(error)).toBe(true);
    expect(String(error)).toContain(
      'another update of stack "dev" is running. Fix: run again when it has ended',
    );
    expect(stack.calls).not.toContain("up");
  });

  it("names the syncs that have no source to follow", async () => {
    stack.others = [
      { ...buildResource({ secrets: ofProgram, sources: [] }), urn: `${stack.resource.urn}-2` },
    ];
    process.env.APP_A = "1";
    delete memory.known;
    expect(await run()).toMatchObject({
      kind: "unchanged",
      syncs: ["app", "app-2"],
      withoutSource: ["app-2"],
    });
  });

  it("does not overlook a sync that was deployed since", async () => {
    const other = { ...buildResource({ secrets: {} }), urn: `${stack.resource.urn}-2` };
    stack.others = [other];
    expect(await run()).toMatchObject({ kind: "synced", syncs: ["app", "app-2"] });
    expect(stack.calls).toEqual(["preview", "read", "preview", "up", "read"]);
  });

  it("looks again when a source changes between the look and the preview", async () => {
    stack.onPreview = () => {
      process.env.APP_A = "3";
      stack.program = { ...ofProgram, A: print("A", "3") };
    };
    expect(await run()).toMatchObject({ kind: "synced", changes: "app: ~ A" });
    expect(stack.calls).toEqual(["preview", "read", "preview", "up", "read"]);
  });

  it("looks again when somebody deploys in between, and waits for one who does not stop", async () => {
    delete memory.known;
    const deploy = (version: string) => {
      stack.resource = buildResource({ secrets: { P: print("P", version), A: print("A", "1") } });
    };
    stack.onPreview = () => deploy("newer");
    expect(await run()).toMatchObject({ kind: "refused" });
    expect(stack.calls).toEqual(["read", "preview", "read", "preview", "read"]);

    let deployments = 0;
    stack.onPreview = () => {
      deployments += 1;
      deploy(String(deployments));
    };
    const error = await run().catch((thrown: unknown) => thrown);
    expect(isStackLocked(error)).toBe(true);
    expect(stack.calls).not.toContain("up");
  });

  it("reads the state first without a memory, or when it could not be read last time", async () => {
    memory.known = Promise.resolve(undefined);
    expect(await run()).toMatchObject({ kind: "synced" });
    expect(stack.calls).toEqual(["read", "preview", "up", "read"]);
  });
});
