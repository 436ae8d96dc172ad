import { afterEach, beforeEach, describe, expect, it } from "vitest";
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
  monitor = await createMonitor();
  server = await serveMonitor(monitor, { host: "127.0.0.1", port: 0 });
});
afterEach(() => server.close());

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
    monitor.record(dev, [decide("synced", { changes: "app: ~ pl4nted" })], 1_500);
    monitor.record(prod, [decide("refused", { excess: ["pl4nted"] })], 2);
    monitor.countSourceRead();
    const lines = await readMetrics();
    expect(lines).toContain('auto_sync_looks_total{project="p",stack="dev",outcome="synced"} 1');
    expect(lines).toContain('auto_sync_look_duration_seconds{project="p",stack="dev"} 1.5');
    expect(lines).toContain('auto_sync_refused{project="p",stack="prod"} 1');
    expect(lines).toContain('auto_sync_refused{project="p",stack="dev"} 0');
    expect(lines).toContain("auto_sync_source_reads_total 1");
    expect(lines).toContain("auto_sync_stacks 2");
    const success = lines.filter((line) => line.startsWith("auto_sync_last_success"));
    expect(success).toHaveLength(1);
    expect(Number(success[0]?.split(" ")[1])).toBeGreaterThanOrEqual(before);
    expect(lines.join()).not.toContain("pl4nted");

    monitor.remove(prod);
    monitor.record(prod, [failed], 1);
    const after = await readMetrics();
    expect(after).toContain("auto_sync_stacks 1");
    expect(after.join()).not.toMatch(/auto_sync_(refused|failures_total)\{project="p",stack="prod"/);
  });

  it("is a failure where one of several syncs failed, and no success", async () => {
    monitor.add(dev);
    monitor.record(dev, [decide("synced"), failed, failed], 1);
    const lines = await readMetrics();
    expect(lines).toContain('auto_sync_failures_total{project="p",stack="dev",code="SOURCE_FAILED"} 1');
    expect(lines).toContain('auto_sync_looks_total{project="p",stack="dev",outcome="failed"} 1');
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

  it("shows what is wrong first, for people and as JSON", async () => {
    for (const stack of [dev, prod]) monitor.add(stack);
    monitor.record(dev, [decide("unchanged")], 1);
    monitor.record(prod, [failed], 1);
    const { port } = new URL(server.url);
    const { code, text } = await run("--monitor", port);
    expect(code).toBe(0);
    const [head, first, second] = text.split("\n").map((line) => line.split(/ {2,}/));
    expect(head).toEqual(["STACK", "LAST LOOK", "LAST SUCCESS"]);
    expect(first).toEqual(["p/prod", "failed (SOURCE_FAILED)", "never"]);
    expect(second).toEqual(["p/dev", "unchanged", expect.stringMatching(/^\d{4}-\d\d-\d\dT/)]);
    const json = await run("--monitor", port, "--json");
    expect(JSON.parse(json.text)).toMatchObject({
      stacks: [{ stack: "prod", outcome: "failed", code: "SOURCE_FAILED" }, { stack: "dev" }],
    });
  });

  it("says that nothing answers, or something else", async () => {
    const { port } = new URL(server.url);
    await server.close();
    const { code, text } = await run("--monitor", port);
    expect(code).toBe(1);
    expect(text).toContain(
      `[UNREACHABLE] no auto-sync answers there: 127.0.0.1:${port}. Fix: start auto-sync`,
    );
  });
});
