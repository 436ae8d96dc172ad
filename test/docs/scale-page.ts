import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ScaleBenchmark } from "../bench/main.js";
import type { ScaleRun } from "../bench/scale/scale.js";
import { projectFolder } from "../support/engine/engine.js";
import { drawTable } from "./table.js";

/** The page of the run that `docs/scale.json` holds. */
export function buildScalePage(): string {
  const text = readFileSync(join(projectFolder, "docs/scale.json"), "utf8");
  const { at, machine, runs } = JSON.parse(text) as ScaleBenchmark;
  const [first] = runs;
  const real = runs.find(({ engine }) => engine === "real");
  const largest = runs.reduce((most, run) => (run.stacks > most.stacks ? run : most));
  if (first === undefined || real === undefined)
    throw new Error("docs/scale.json has no run of real stacks.");
  const { secretsPerStack, intervalMs, latencyMs, slowMs, concurrency, idle } = first;
  const runSeconds = findRunSeconds(real);
  const minutes = (stacks: number) => ((stacks * runSeconds) / concurrency / 60).toFixed(0);
  return `${[
    "# How many stacks one auto-sync can follow",
    `Each stack has one sync with ${secretsPerStack} secrets, an Infisical folder of its own and a schema of its own. The rows *real* run Pulumi. In the other rows, the process is the same, but the work of Pulumi is done without its engine, so they show what auto-sync itself needs.`,
    "## While nothing changes",
    drawTable(
      ["Stacks", "Pulumi", "Processor", "Memory", "Memory after the changes below", "Most looks per second"],
      runs.map((run) => [
        String(run.stacks),
        run.engine === "real" ? "real" : "without its engine",
        `${run.idle.cpuPercent.toFixed(1)} %`,
        `${run.idle.residentMb.toFixed(0)} MB`,
        `${run.residentMb.toFixed(0)} MB`,
        run.looksPerSecond.toFixed(0),
      ]),
    ),
    `The interval is the default, ${idle.intervalMs / 1_000} s. A look is one request to Infisical: all stacks share one token. *Processor* is a part of one processor.`,
    "## From a change to Snowflake",
    drawTable(
      ["Stacks", "Pulumi", "What changes", "Changes", "Median", "99 % within", "Statements", "Log-ins"],
      runs.flatMap((run) =>
        run.changes.map((change) => [
          String(run.stacks),
          run.engine === "real" ? "real" : "without its engine",
          change.what,
          String(change.changes),
          seconds(change.p50Ms),
          seconds(change.p99Ms),
          String(change.statements),
          String(change.logins),
        ]),
      ),
    ),
    `The interval is ${intervalMs / 1_000} s here, so a change is seen after ${intervalMs / 2_000} s in the median; a webhook removes this wait. *One after the other*: a stack changes each second, with Pulumi every ${real.betweenChangesMs / 1_000} s. *A tenth of the sources fail*: every tenth folder can no longer be read; the changes are in the other stacks. *Snowflake is slow*: a statement takes ${slowMs} ms instead of ${latencyMs} ms.`,
    "## Where one process ends",
    `Looks are not the limit: ${largest.stacks} stacks need ${((largest.stacks / idle.intervalMs) * 1_000).toFixed(0)} looks per second at the default interval, and one process does ${largest.looksPerSecond.toFixed(0)}. The limit is how many stacks change at the same moment. Each of them needs a preview and an \`up\`, and \`--concurrency\` of these run at the same time. On this machine a stack takes ${runSeconds.toFixed(1)} s, ${concurrency} at the same time. So if every stack changes at once, the last of ${first.stacks * 10} stacks is written after about ${minutes(first.stacks * 10)} minutes, and the last of ${largest.stacks} after ${minutes(largest.stacks)}. Give the process more processors, or divide the stacks among several machines, if that is too long for you.`,
    `The service of the source may have a lower limit. Infisical Cloud [allows](https://infisical.com/docs/api-reference/overview/rate-limits) 120 reads of secrets per minute and address; stacks that share a folder count once. So with more than 120 folders set \`--interval\` above 60 s, or use webhooks.`,
    `One run, on ${at.slice(0, 10)}, against [this package's Snowflake server](snowflake-server.md). Machine: ${machine.cpus} CPUs (${machine.cpu}), Node ${machine.node}, Pulumi ${machine.pulumi}. \`npm run bench -- --scale --json docs/scale.json\` measures again, and \`npm run generate\` then writes this page.`,
  ].join("\n\n")}\n`;
}

/** How long a stack keeps one of the runs of the engine busy, by the time that all of them together took. */
function findRunSeconds({ changes, stacks, concurrency }: ScaleRun): number {
  const burst = changes.find(({ what, changes: count }) => what === "all at once" && count === stacks);
  if (burst === undefined) throw new Error("docs/scale.json has no run in which all stacks changed.");
  return (burst.p99Ms / 1_000) * (concurrency / stacks);
}

const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
