import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { EngineRun, Phase } from "../bench/engine-runs.js";
import type { Benchmark } from "../bench/main.js";
import { projectFolder } from "../support/engine/engine.js";
import { drawTable } from "./table.js";

const phases: readonly Phase[] = ["first", "unchanged", "one changed"];
/** The size that the chart shows. */
const chartSize = 1_000;

const readBenchmark = () =>
  JSON.parse(readFileSync(join(projectFolder, "docs/benchmark.json"), "utf8")) as Benchmark;

/** The page of the run that `docs/benchmark.json` holds. */
export function buildBenchmarkPage(): string {
  const { at, machine, latencyMs, engineRuns, absent = [] } = readBenchmark();
  const sizes = [...new Set(engineRuns.map(({ size }) => size))];
  const names = [...new Set(engineRuns.map(({ contestant }) => contestant))].filter((name) => !isEmpty(name));
  const rows = sizes.flatMap((size) =>
    phases.map((phase) => [
      `${size.toLocaleString("en")}, ${phase}`,
      ...names.map((name) => describe(engineRuns, name, size, phase)),
      ...absent.map(() => "not there"),
    ]),
  );
  return `${[
    "# Benchmark",
    `Seconds of \`pulumi up --skip-preview\`, from start to end; in columns *with preview*, of \`pulumi up\`. In brackets: seconds more than an empty program in the same language. A dash means not measured. *First* creates all secrets, *unchanged* finds nothing to do, *one changed* writes one secret.`,
    drawTable(["Secrets", ...names, ...absent], rows, "numbers"),
    `![Seconds for ${chartSize.toLocaleString("en")} secrets](benchmark.svg)`,
    `One run each, on ${at.slice(0, 10)}, against [this package's Snowflake server](snowflake-server.md) with a delay of ${latencyMs} ms per statement. Machine: ${machine.cpus} CPUs (${machine.cpu}), Node ${machine.node}, Pulumi ${machine.pulumi}, \`@pulumi/pulumi\` ${machine.sdk}. The JavaScript program uses the plugin in the npm package; YAML and Python use the installed plugin.${machine.openTofu === undefined ? "" : ` OpenTofu ${machine.openTofu} runs \`tofu apply -parallelism=30\` with Snowflake's provider.`}`,
    "Statements, log-ins, CPU time, memory and the size of the state are in [benchmark.json](benchmark.json).",
    "`npm run bench -- --json docs/benchmark.json` measures again, and `npm run generate` then writes this page and the chart.",
  ].join("\n\n")}\n`;
}

/** Bars of one size. */
export function buildBenchmarkChart(): string {
  const runs = readBenchmark().engineRuns.filter(({ size }) => size === chartSize);
  const [barHeight, labelWidth, barsWidth] = [16, 320, 420];
  const longestMs = Math.max(1, ...runs.map(({ wallMs }) => wallMs));
  const bars = runs.map(({ contestant, phase, wallMs }, index) => {
    const y = 36 + index * (barHeight + 4);
    const width = (wallMs / longestMs) * barsWidth;
    return [
      `<text x="${labelWidth - 8}" y="${y + 12}" text-anchor="end">${contestant}: ${phase}</text>`,
      `<rect x="${labelWidth}" y="${y}" width="${width.toFixed(1)}" height="${barHeight}" fill="${isEmpty(contestant) ? "#9aa4b2" : "#2f6fde"}"/>`,
      `<text x="${(labelWidth + width + 6).toFixed(1)}" y="${y + 12}">${seconds(wallMs)} s</text>`,
    ].join("\n");
  });
  const title = `Seconds for ${chartSize.toLocaleString("en")} secrets`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="820" height="${44 + runs.length * (barHeight + 4)}" font-family="sans-serif" font-size="12">
<title>${title}</title>
<rect width="100%" height="100%" fill="white"/>
<text x="8" y="20" font-size="14">${title}</text>
${bars.join("\n")}
</svg>
`;
}

const seconds = (ms: number) => (ms / 1_000).toFixed(2);
const isEmpty = (contestant: string) => contestant.endsWith(", empty");
/** What ran like it, but for the work; nothing for a run with a preview. */
const findEmpty = (contestant: string) =>
  contestant.endsWith(", with preview") ? "" : contestant.replace(/, .*/, ", empty");

function describe(runs: readonly EngineRun[], name: string, size: number, phase: Phase): string {
  const find = (contestant: string) =>
    runs.find((run) => run.contestant === contestant && run.size === size && run.phase === phase);
  const [run, empty] = [find(name), find(findEmpty(name))];
  if (run === undefined) return "–";
  return empty === undefined
    ? seconds(run.wallMs)
    : `${seconds(run.wallMs)} (+${seconds(run.wallMs - empty.wallMs)})`;
}
