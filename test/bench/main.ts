import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { arch, cpus, platform, tmpdir } from "node:os";
import { join } from "node:path";
import { Command as Program } from "commander";
import { findEngine, projectFolder } from "../support/engine/engine.js";
import { installPythonSdk } from "../support/pulumi/language-stage.js";
import { contestants } from "./contestants.js";
import { type EngineRun, measureEngineRuns } from "./engine-runs.js";
import { measureHookRuns } from "./hook-runs.js";
import { measureLoading } from "./loading.js";
import { findOpenTofu } from "./open-tofu.js";
import { measureScale, type ScaleRun } from "./scale/scale.js";
import { printEngineRuns, printHookRuns, printTable } from "./table.js";
import { measureArrival } from "./webhook.js";

/** Everything that a run of the benchmark measured. */
export interface Benchmark {
  readonly at: string;
  readonly machine: Readonly<Record<string, string | number>>;
  readonly latencyMs: number;
  readonly engineRuns: readonly EngineRun[];
  /** Contestants whose programs are not on this machine. */
  readonly absent?: readonly string[];
  /** Absent in a quick run. */
  readonly hookRuns?: Awaited<ReturnType<typeof measureHookRuns>>;
  readonly loading?: Awaited<ReturnType<typeof measureLoading>>;
  readonly arrival?: Awaited<ReturnType<typeof measureArrival>>;
}

const latencyMs = 50;
/** A quick run shows that everything runs, and roughly where it stands. */
const quick = {
  sizes: [100],
  contestants: [
    "JavaScript, dynamic",
    "JavaScript, plugin",
    "YAML, empty",
    "YAML, plugin",
    "OpenTofu, one resource per secret",
  ],
};
const whole = {
  sizes: [10, 100, 1_000, 10_000],
  contestants: contestants.map(({ name }) => name),
};

interface Options {
  readonly quick?: true;
  readonly json?: string | true;
  readonly sizes?: string;
  readonly scale?: true;
}

/** What auto-sync of many stacks takes. */
export interface ScaleBenchmark extends Pick<Benchmark, "at" | "machine"> {
  readonly runs: readonly ScaleRun[];
}

async function main(): Promise<void> {
  const program = new Program("npm run bench --")
    .description(
      "Measures whole runs of pulumi in several languages, side by side, and what they are made of.",
    )
    .option("--quick", "one size, few programs, under a minute")
    .option("--json [file]", "what was measured, as JSON, into a file or to the standard output")
    .option("--sizes <numbers>", "how many secrets, such as 10,1000")
    .option("--scale", "auto-sync of many stacks instead, a quarter of an hour")
    .parse();
  const options = program.opts<Options>();
  if (options.scale) {
    const runs = await measureScale(({ engine, stacks }) =>
      process.stderr.write(`${stacks} stacks, ${engine}: done\n`),
    );
    tell(options, { at: new Date().toISOString(), machine: describeMachine(), runs }, printScale);
  } else tell(options, await measure(options), print);
}

function tell<T>({ json }: Options, measured: T, show: (measured: T) => void): void {
  const text = `${JSON.stringify(measured, null, 2)}\n`;
  if (json === true) {
    process.stdout.write(text);
    return;
  }
  if (json !== undefined) writeFileSync(json, text);
  show(measured);
}

async function measure(options: Options): Promise<Benchmark> {
  const plan = options.quick ? quick : whole;
  const sizes = options.sizes?.split(",").map(Number) ?? plan.sizes;
  const engineRuns: EngineRun[] = [];
  const openTofu = findOpenTofu();
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "pulumi-bench-sdk-")));
  try {
    const needsPython = plan.contestants.some((name) => name.startsWith("Python"));
    const env: Record<string, string> = needsPython ? { PYTHONPATH: await installPythonSdk(folder) } : {};
    for (const size of sizes) {
      for (const contestant of contestants) {
        if (!plan.contestants.includes(contestant.name) || size > contestant.maxSize) continue;
        await measureEngineRuns(contestant, {
          size,
          latencyMs,
          env,
          openTofu,
          onRun: (run) => {
            engineRuns.push(run);
            const seconds = (run.wallMs / 1_000).toFixed(2);
            process.stderr.write(`${run.contestant}, ${size}: ${run.phase}: ${seconds} s\n`);
          },
        });
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return {
    at: new Date().toISOString(),
    machine: { ...describeMachine(), ...(openTofu === undefined ? {} : { openTofu: openTofu.version }) },
    latencyMs,
    engineRuns,
    absent: contestants
      .filter(({ name, runsInOpenTofu }) => runsInOpenTofu && !openTofu && plan.contestants.includes(name))
      .map(({ name }) => name),
    ...(options.quick
      ? {}
      : {
          hookRuns: await measureHookRuns(latencyMs),
          loading: await measureLoading(projectFolder),
          arrival: await measureArrival(latencyMs),
        }),
  };
}

function describeMachine(): Record<string, string | number> {
  const sdk = join(projectFolder, "node_modules/@pulumi/pulumi/package.json");
  return {
    cpus: cpus().length,
    cpu: cpus()[0]?.model ?? "",
    system: `${platform()} ${arch()}`,
    node: process.versions.node,
    pulumi: findEngine().version,
    sdk: existsSync(sdk) ? (JSON.parse(readFileSync(sdk, "utf8")) as { version: string }).version : "",
  };
}

function print({ engineRuns, absent = [], hookRuns, loading, arrival }: Benchmark): void {
  printEngineRuns(engineRuns);
  for (const name of absent) {
    console.log(
      `${name}: not there. Put tofu and terraform-provider-snowflake on PATH, or name them by BENCH_TOFU and BENCH_TOFU_PROVIDER.`,
    );
  }
  if (hookRuns !== undefined) printHookRuns(hookRuns);
  if (loading !== undefined) {
    printTable(
      ["loading, a process each, median", "ms more than Node alone", "MB more"],
      loading.map(({ what, moreMs, moreMb }) => [what, moreMs.toFixed(0), moreMb.toFixed(0)]),
    );
  }
  if (arrival !== undefined) {
    printTable(
      ["from a changed source to Snowflake, by the real engine", "seconds, median", "worst"],
      arrival.map(({ what, medianMs, worstMs }) => [
        what,
        (medianMs / 1_000).toFixed(2),
        (worstMs / 1_000).toFixed(2),
      ]),
    );
  }
}

function printScale({ runs }: ScaleBenchmark): void {
  printTable(
    ["one process", "idle CPU %", "idle MB", "MB after changes", "looks a second"],
    runs.map(({ engine, stacks, idle, residentMb, looksPerSecond }) => [
      `${stacks} stacks, ${engine}`,
      idle.cpuPercent.toFixed(2),
      idle.residentMb.toFixed(0),
      residentMb.toFixed(0),
      looksPerSecond.toFixed(0),
    ]),
  );
  printTable(
    ["from a change to Snowflake", "changes", "p50 s", "p99 s", "statements", "log-ins"],
    runs.flatMap(({ engine, stacks, changes }) =>
      changes.map((run) => [
        `${stacks} stacks, ${engine}: ${run.what}`,
        run.changes,
        (run.p50Ms / 1_000).toFixed(1),
        (run.p99Ms / 1_000).toFixed(1),
        run.statements,
        run.logins,
      ]),
    ),
  );
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
