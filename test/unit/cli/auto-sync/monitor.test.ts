import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { FollowedStack } from "../../../../sdk/cli/auto-sync/followed-stacks.js";
import type { Listener } from "../../../../sdk/cli/auto-sync/listener.js";
import { createMonitor, type Monitor } from "../../../../sdk/cli/auto-sync/monitor.js";
import { serveMonitor } from "../../../../sdk/cli/auto-sync/monitor-server.js";
import type { Decision } from "../../../../sdk/cli/auto-sync/stack-loop.js";
import { runCommandLine } from "../../../../sdk/cli/command-line.js";

const stackOf = (stackName: string) =>
  ({ key: stackName, stackName, project: { name: "p" } }) as FollowedStack;
const [dev, prod] = [stackOf("dev"), stackOf("prod")];
const decide = (event: Decision["event"], data = {}): Decision => ({ event, text: "pl4nted", data });
const failed = decide("failed", { code: "SOURCE_FAILED", message: "pl4nted" });

let monitor: Monitor;
let server: Listener;
beforeEach(async () => {
  monitor = await createMonitor(() => ({ running: 1, waiting: 2 }));
  server = await serveMonitor(monitor, { host: "127.0.0.1", port: 0 });
});
afterEach(async () => {
  vi.useRealTimers();
  await server.close();
});

const get = async (path: string, method = "GET") => {
  const response = await fetch(new URL(path, server.url), { method });
  return { status: response.status, text: await response.text() };
};
const readMetrics = async () =>
  (await get("/metrics")).text.split("\n").filter((line) => /^auto_sync/.test(line));

describe("what auto-sync tells of itself", () => {
  it("is that it lives at once, and that it is ready when it has looked at every stack", async () => {
    expect(await get("/healthz")).toEqual({ status: 200, text: "ok\n" });
    expect((await get("/readyz")).status).toBe(503);
    monitor.add(dev);
    monitor.add(prod);
    monitor.record(dev, [decide("unchanged")], 5);
    expect((await get("/readyz")).status).toBe(503);
    monitor.record(prod, [failed], 5);
    expect((await get("/readyz")).status).toBe(200);
  });

  it("are counts by stack, outcome and code, and nothing of a stack that is gone but its counts", async () => {
    monitor.add(dev);
    monitor.add(prod);
    const before = Date.now() / 1_000;
    const counts = { added: 1, changed: 2, removed: 0 };
    monitor.recordChanges(dev, counts);
    expect(await readMetrics()).toContain('auto_sync_pending_changes{project="p",stack="dev"} 3');
    monitor.record(dev, [decide("synced", { changes: "app: ~ pl4nted", counts })], 1_500);
    monitor.record(prod, [decide("refused", { excess: ["pl4nted"], reasons: ["config", "output"] })], 2);
    monitor.countSourceRead("vault", true);
    monitor.countSourceRead("vault", false);
    const lines = await readMetrics();
    expect(lines).toContain('auto_sync_looks_total{project="p",stack="dev",outcome="synced"} 1');
    expect(lines).toContain('auto_sync_look_duration_seconds{project="p",stack="dev"} 1.5');
    expect(lines).toContain('auto_sync_refused{project="p",stack="prod",reason="config"} 1');
    expect(lines).toContain('auto_sync_refused{project="p",stack="prod",reason="output"} 1');
    expect(lines.join()).not.toContain('auto_sync_refused{project="p",stack="dev"');
    expect(lines).toContain('auto_sync_changes_total{project="p",stack="dev",kind="changed"} 2');
    expect(lines).toContain('auto_sync_pending_changes{project="p",stack="dev"} 0');
    expect(lines).toContain('auto_sync_source_reads_total{type="vault",outcome="read"} 1');
    expect(lines).toContain('auto_sync_source_reads_total{type="vault",outcome="failed"} 1');
    expect(lines).toContain("auto_sync_stacks 2");
    expect(lines).toContain('auto_sync_runs{state="waiting"} 2');
    const success = lines.filter((line) => line.startsWith("auto_sync_last_success"));
    expect(success).toHaveLength(1);
    expect(Number(success[0]?.split(" ")[1])).toBeGreaterThanOrEqual(before);
    expect(lines.join()).not.toContain("pl4nted");

    monitor.remove(prod);
    monitor.record(prod, [failed], 1);
    const after = await readMetrics();
    expect(after).toContain("auto_sync_stacks 1");
    // Counts stay: a counter that goes away is one that was reset.
    const ofProd = after.filter((line) => line.includes('stack="prod"'));
    expect(ofProd.map((line) => line.split("{")[0])).toEqual(["auto_sync_looks_total"]);
  });

  it("is what runs of Pulumi did on Snowflake, and how often a user was refused, whatever stack it is of", async () => {
    for (const stack of [dev, prod]) monitor.add(stack);
    const login = (outcome: "accepted" | "refused", expiresAt?: number) =>
      ({ kind: "login", login: "a1", outcome, ...(expiresAt && { expiresAt }) }) as const;
    const readRefused = async () =>
      (await readMetrics()).filter((line) => line.startsWith("auto_sync_refused_logins"));
    monitor.recordRun(dev, [login("refused")]);
    monitor.recordRun(prod, [login("refused"), { kind: "failure", code: "AUTHENTICATION_FAILED" }]);
    expect(await readRefused()).toEqual([
      'auto_sync_refused_logins_in_a_row{project="p",stack="dev"} 2',
      'auto_sync_refused_logins_in_a_row{project="p",stack="prod"} 2',
    ]);
    monitor.recordRun(prod, [login("accepted", 1_900_000_000), { kind: "statement" }, { kind: "statement" }]);
    expect((await readRefused()).map((line) => line.split(" ")[1])).toEqual(["0", "0"]);
    const lines = await readMetrics();
    expect(lines).toContain('auto_sync_statements_total{project="p",stack="prod"} 2');
    expect(lines).toContain('auto_sync_logins_total{project="p",stack="prod",outcome="refused"} 1');
    expect(lines).toContain('auto_sync_login_expires_timestamp_seconds{project="p",stack="prod"} 1900000000');
    monitor.recordRun(prod, [login("accepted")]);
    expect((await readMetrics()).join()).not.toContain("auto_sync_login_expires");
  });

  it("is a failure where one of several syncs failed, and no success", async () => {
    monitor.add(dev);
    monitor.record(dev, [decide("synced"), failed, failed], 1);
    const lines = await readMetrics();
    expect(lines).toContain('auto_sync_failures_total{project="p",stack="dev",code="SOURCE_FAILED"} 1');
    expect(lines).toContain('auto_sync_looks_total{project="p",stack="dev",outcome="failed"} 1');
    expect(lines).toContain('auto_sync_failures_in_a_row{project="p",stack="dev"} 1');
    const byEngine = { code: "ENGINE_FAILED", reasons: ["PRIVILEGE_MISSING"] };
    monitor.record(dev, [decide("failed", byEngine)], 1);
    const later = await readMetrics();
    expect(later).toContain('auto_sync_failures_in_a_row{project="p",stack="dev"} 2');
    expect(later).toContain('auto_sync_failures_total{project="p",stack="dev",code="PRIVILEGE_MISSING"} 1');
    expect(later.join()).not.toContain("ENGINE_FAILED");
    expect(lines.filter((line) => line.startsWith("auto_sync_last_success"))).toEqual([]);
  });

  it("can be read, and nothing else", async () => {
    expect((await get("/metrics", "POST")).status).toBe(404);
    for (const path of ["/", "/constructor", "/nope"]) expect((await get(path)).status).toBe(404);
    const { port } = new URL(server.url);
    await expect(serveMonitor(monitor, { host: "127.0.0.1", port: Number(port) })).rejects.toThrow(
      `[INVALID_INPUT] the port is in use: 127.0.0.1:${port}. Fix: `,
    );
  });
});

describe("auto-sync status", () => {
  const run = async (...args: string[]) => {
    let text = "";
    const stream = { write: (more: string) => (text += more) };
    const code = await runCommandLine(["auto-sync", "status", ...args], { stdout: stream, stderr: stream });
    return { code, text };
  };

  it("shows what is wrong first when three of a hundred stacks fail, for people and as JSON", async () => {
    const now = new Date("2026-11-29T12:00:00Z");
    vi.useFakeTimers({ now: now.getTime() - 4 * 60_000, toFake: ["Date"] });
    const stacks = Array.from({ length: 100 }, (_, index) => stackOf(`team-${index + 1}`));
    const [first = dev, second = dev, third = dev, ...others] = stacks.toReversed();
    for (const stack of stacks) monitor.add(stack);
    for (const stack of stacks) monitor.record(stack, [decide("unchanged")], 1);
    vi.setSystemTime(now.getTime() - 3 * 60_000);
    monitor.recordChanges(second, { added: 1, changed: 1, removed: 0 });
    for (const stack of [first, first, first]) monitor.record(stack, [failed], 1);
    monitor.record(second, [decide("refused", { reasons: ["config"] })], 1);
    vi.setSystemTime(now.getTime() - 20_000);
    for (const stack of others) monitor.record(stack, [decide("unchanged")], 1);
    monitor.record(third, [decide("waiting", { code: "TIMED_OUT" })], 1);
    vi.setSystemTime(now);
    const { port } = new URL(server.url);
    const { code, text } = await run("--monitor", port);
    expect(code).toBe(0);
    // The page shows its beginning.
    const page = readFileSync("docs/auto-sync-service.md", "utf8");
    const [shown = ""] = /(?<=```text\n)\d+ stacks: [^`]+(?=…\n```)/.exec(page) ?? [];
    expect(text.slice(0, shown.length)).toBe(shown);
    expect(shown.split("\n").length).toBeGreaterThan(6);
    expect(text.trimEnd().split("\n")).toHaveLength(103);

    const json = await run("--monitor", port, "--json");
    const told = JSON.parse(json.text).stacks;
    expect(told).toHaveLength(100);
    expect(told.slice(0, 3)).toMatchObject([
      {
        stack: "team-100",
        outcome: "failed",
        code: "SOURCE_FAILED",
        times: 3,
        since: "2026-11-29T11:57:00.000Z",
        lastSuccessAt: "2026-11-29T11:56:00.000Z",
      },
      { stack: "team-99", outcome: "refused", reasons: ["config"], pendingChanges: 2 },
      { stack: "team-98", outcome: "waiting", code: "TIMED_OUT", times: 1 },
    ]);
    expect(json.text).not.toContain("pl4nted");
  });

  it("says that nothing answers, or something else", async () => {
    const { port } = new URL(server.url);
    await server.close();
    const { code, text } = await run("--monitor", port);
    expect(code).toBe(1);
    expect(text).toContain(
      `[UNREACHABLE] no auto-sync answers at this address: 127.0.0.1:${port}. Fix: start auto-sync`,
    );
  });
});
