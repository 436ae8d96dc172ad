import { availableParallelism } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { deployWithEngine } from "./real-stacks.js";
import { type DeployedStacks, type Servers, secretsPerStack, wakeAll } from "./stage.js";
import { deployWithoutEngine } from "./stand-in.js";

/** What one process of auto-sync does for so many stacks. */
export interface ScaleRun {
  readonly engine: "stand-in" | "real";
  readonly stacks: number;
  readonly secretsPerStack: number;
  /** Runs of the engine at once. */
  readonly concurrency: number;
  /** Of a statement on Snowflake, in its normal state and when it is slow. */
  readonly latencyMs: number;
  readonly slowMs: number;
  /** While nothing changes, at the default interval. */
  readonly idle: { readonly intervalMs: number; readonly cpuPercent: number; readonly residentMb: number };
  /** At most: every stack is looked at as fast as it goes. */
  readonly looksPerSecond: number;
  readonly intervalMs: number;
  /** Of those that are not all at once. */
  readonly betweenChangesMs: number;
  readonly changes: readonly ChangeRun[];
  /** After all of it. */
  readonly residentMb: number;
}

/** From a change in the source until Snowflake has it. */
export interface ChangeRun {
  readonly what: string;
  readonly changes: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly statements: number;
  readonly logins: number;
}

const idleIntervalMs = 60_000;
const intervalMs = 10_000;
const [latencyMs, slowMs] = [50, 500];
const wakes = 5;
/** So many changes, as far apart as a run takes, so that one need not wait for another. */
const pace = {
  "stand-in": { maxChanges: 30, betweenChangesMs: 1_000 },
  real: { maxChanges: 10, betweenChangesMs: 6_000 },
} as const;

/** A quarter of an hour. */
export async function measureScale(onRun: (run: ScaleRun) => void): Promise<readonly ScaleRun[]> {
  const runs: ScaleRun[] = [];
  const add = (run: ScaleRun) => {
    runs.push(run);
    onRun(run);
  };
  for (const count of [10, 100, 500]) add(await measureStacks("stand-in", await deployWithoutEngine(count)));
  add(await measureStacks("real", await deployWithEngine(20)));
  return runs;
}

async function measureStacks(engine: ScaleRun["engine"], deployed: DeployedStacks): Promise<ScaleRun> {
  const { servers } = deployed;
  servers.snowflake.control.setLatencyMs(latencyMs);
  try {
    const idle = await follow(deployed, idleIntervalMs, measureIdle);
    const busy = await follow(deployed, intervalMs, async (addresses) => {
      const looksPerSecond = await measureLooks(servers, addresses);
      const changes = await measureChanges(servers, addresses, pace[engine]);
      const { residentMb } = await readUse(addresses);
      return { looksPerSecond, changes, residentMb };
    });
    return {
      engine,
      stacks: servers.names.length,
      secretsPerStack,
      concurrency: availableParallelism(),
      latencyMs,
      slowMs,
      idle,
      intervalMs,
      betweenChangesMs: pace[engine].betweenChangesMs,
      ...busy,
    };
  } finally {
    await deployed.stop();
  }
}

interface Addresses {
  readonly monitor: string;
  readonly webhooks: string;
}

/** Works with an auto-sync that has looked at every stack once. */
async function follow<T>(
  deployed: DeployedStacks,
  everyMs: number,
  work: (addresses: Addresses) => Promise<T>,
): Promise<T> {
  const run = await deployed.follow(everyMs);
  try {
    const { monitor } = await run.find("listening");
    const { url } = await run.find("listening", run.events.findIndex((event) => event.monitor) + 1);
    const addresses = { monitor: String(monitor), webhooks: String(url) };
    while (!(await fetch(`${addresses.monitor}readyz`)).ok) await pause(100);
    return await work(addresses);
  } finally {
    await run.stop();
  }
}

async function measureIdle(addresses: Addresses): Promise<ScaleRun["idle"]> {
  const before = await readUse(addresses);
  await pause(idleIntervalMs);
  const after = await readUse(addresses);
  return {
    intervalMs: idleIntervalMs,
    cpuPercent: ((after.cpuSeconds - before.cpuSeconds) / (idleIntervalMs / 1_000)) * 100,
    residentMb: after.residentMb,
  };
}

async function measureLooks({ infisical, names }: Servers, { webhooks }: Addresses): Promise<number> {
  const startedAt = performance.now();
  for (let wake = 0; wake < wakes; wake += 1) {
    const goal = infisical.listings + names.length;
    await wakeAll(webhooks);
    while (infisical.listings < goal) await pause(10);
  }
  return (wakes * names.length) / ((performance.now() - startedAt) / 1_000);
}

async function measureChanges(
  servers: Servers,
  addresses: Addresses,
  { maxChanges, betweenChangesMs }: (typeof pace)[ScaleRun["engine"]],
): Promise<readonly ChangeRun[]> {
  const { names, snowflake } = servers;
  const measureOne = async (what: string, change: () => Promise<readonly number[]>) => {
    snowflake.control.resetCounts();
    const times = await change();
    // A value is there before its run has ended.
    while (await hasRuns(addresses)) await pause(500);
    return summarize(what, times, snowflake.control.counts());
  };
  const measureSome = async (what: string, of: readonly string[]) =>
    measureOne(what, async () => {
      const arrivals: Promise<number>[] = [];
      for (const name of of.slice(0, maxChanges)) {
        arrivals.push(servers.change(name));
        await pause(betweenChangesMs);
      }
      return Promise.all(arrivals);
    });
  const calm = await measureSome("one after the other", names);

  const failing = names.filter((_, index) => index % 10 === 0);
  for (const name of failing) servers.setDenied(name, true);
  const beside = await measureSome(
    "a tenth of the sources fail",
    names.filter((name) => !failing.includes(name)),
  );
  for (const name of failing) servers.setDenied(name, false);
  // They would wait for longer and longer.
  await wakeAll(addresses.webhooks);

  snowflake.control.setLatencyMs(slowMs);
  const slow = await measureSome("Snowflake is slow", names);
  snowflake.control.setLatencyMs(latencyMs);

  const burst = await measureOne("all at once", () => Promise.all(names.map(servers.change)));
  return [calm, beside, slow, burst];
}

function summarize(
  what: string,
  times: readonly number[],
  { statements, logins }: Pick<ChangeRun, "statements" | "logins">,
): ChangeRun {
  const sorted = [...times].sort((a, b) => a - b);
  const find = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
  return { what, changes: times.length, p50Ms: find(0.5), p99Ms: find(0.99), statements, logins };
}

async function hasRuns(addresses: Addresses): Promise<boolean> {
  const read = await readMetrics(addresses);
  return read('auto_sync_runs{state="running"}') + read('auto_sync_runs{state="waiting"}') > 0;
}

async function readUse(addresses: Addresses): Promise<{ cpuSeconds: number; residentMb: number }> {
  const read = await readMetrics(addresses);
  return {
    cpuSeconds: read("process_cpu_seconds_total"),
    residentMb: read("process_resident_memory_bytes") / 1e6,
  };
}

async function readMetrics({ monitor }: Addresses): Promise<(name: string) => number> {
  const lines = (await (await fetch(`${monitor}metrics`)).text()).split("\n");
  return (name) => Number(lines.find((line) => line.startsWith(`${name} `))?.slice(name.length));
}
