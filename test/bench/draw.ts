import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command, EngineRun, Phase } from "./engine-runs.js";
import type { Benchmark } from "./main.js";

const phases: readonly Phase[] = ["first", "unchanged", "one changed", "all changed", "destroy"];
const commands: readonly Command[] = ["up --skip-preview", "up", "preview"];

/** Draws the page and the chart of a run: every figure is one of its own. */
export function drawBenchmark(benchmark: Benchmark, folder: string): void {
  writeFileSync(join(folder, "benchmark.svg"), drawChart(benchmark));
  writeFileSync(join(folder, "benchmark.md"), drawPage(benchmark));
}

function drawPage({ at, machine, latencyMs, engineRuns, hookRuns }: Benchmark): string {
  const sizes = [...new Set(engineRuns.map(({ size }) => size))];
  const tables = sizes.flatMap((size) => {
    const runs = engineRuns.filter((run) => run.size === size);
    return [
      `## ${size.toLocaleString("en")} secrets`,
      ...commands.flatMap((command) => drawWallTable(runs, command)),
      ...drawCostTable(runs),
    ];
  });
  return `${[
    "# Benchmark",
    `Whole runs of \`pulumi\`, from start to end, against [this package's Snowflake server](snowflake-server.md) with ${latencyMs} ms for each statement; one run each, ${at.slice(0, 10)}, on ${machine.cpus} CPUs (${machine.cpu}), Node ${machine.node}, Pulumi ${machine.pulumi}, SDK ${machine.sdk}. The plugin is the package's for JavaScript, and installed into Pulumi for YAML and Python. Drawn by \`npm run bench -- --json bench.json\` and \`npm run bench -- --draw bench.json\`.`,
    "![Seconds of an up --skip-preview, by contestant and phase](benchmark.svg)",
    ...tables,
    ...(hookRuns === undefined
      ? []
      : [
          `Inside the hooks, without engine and program, a first sync takes ${hookRuns.firstSyncRatio.toFixed(2)} times what its statements need at the least.`,
        ]),
  ].join("\n\n")}\n`;
}

function drawWallTable(runs: readonly EngineRun[], command: Command): string[] {
  const names = [...new Set(runs.filter((run) => run.command === command).map((run) => run.contestant))];
  if (names.length === 0) return [];
  const shown = phases.filter((phase) => runs.some((run) => run.command === command && run.phase === phase));
  const rows = names.map((name) => [
    name,
    ...shown.map((phase) => {
      const run = find(runs, name, phase, command);
      return run === undefined ? "" : (run.wallMs / 1_000).toFixed(2);
    }),
  ]);
  return [`\`${command}\`, seconds:`, drawTable(["", ...shown], rows)];
}

function drawCostTable(runs: readonly EngineRun[]): string[] {
  const names = [...new Set(runs.map((run) => run.contestant))];
  const cost = (run: EngineRun | undefined) =>
    run === undefined
      ? ["", "", "", ""]
      : [run.statements, run.logins, (run.cpuMs / 1_000).toFixed(1), run.peakMb.toFixed(0)];
  const rows = names.map((name) => {
    const unchanged = find(runs, name, "unchanged", "up --skip-preview");
    return [
      name,
      ...cost(find(runs, name, "first", "up --skip-preview")),
      ...cost(unchanged),
      ...cost(find(runs, name, "one changed", "up --skip-preview")).slice(0, 1),
      unchanged === undefined ? "" : (unchanged.stateBytes / 1_000).toFixed(0),
    ].map(String);
  });
  const titles = [
    "",
    "first: statements",
    "log-ins",
    "CPU s",
    "MB",
    "unchanged: statements",
    "log-ins",
    "CPU s",
    "MB",
    "one changed: statements",
    "state kB",
  ];
  return ["What it cost, `up --skip-preview`:", drawTable(titles, rows)];
}

function drawTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(titles), line(titles.map((_, i) => (i === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n");
}

const find = (runs: readonly EngineRun[], contestant: string, phase: Phase, command: Command) =>
  runs.find((run) => run.contestant === contestant && run.phase === phase && run.command === command);

const barHeight = 16;
const labelWidth = 320;
const barsWidth = 420;

/** Bars of `up --skip-preview` at the size that most have in common, nearest to 500. */
function drawChart({ engineRuns }: Benchmark): string {
  const runs = engineRuns.filter(({ command }) => command === "up --skip-preview");
  const sizes = [...new Set(runs.map(({ size }) => size))];
  const size = sizes.sort((a, b) => Math.abs(a - 500) - Math.abs(b - 500))[0] ?? 0;
  const shown = runs.filter(
    (run) => run.size === size && ["first", "unchanged", "one changed"].includes(run.phase),
  );
  const longestMs = Math.max(1, ...shown.map(({ wallMs }) => wallMs));
  const bars = shown.map((run, index) => {
    const y = 36 + index * (barHeight + 4);
    const width = (run.wallMs / longestMs) * barsWidth;
    return [
      `<text x="${labelWidth - 8}" y="${y + 12}" text-anchor="end">${run.contestant}: ${run.phase}</text>`,
      `<rect x="${labelWidth}" y="${y}" width="${width.toFixed(1)}" height="${barHeight}" fill="${run.contestant.includes("empty") ? "#9aa4b2" : "#2f6fde"}"/>`,
      `<text x="${(labelWidth + width + 6).toFixed(1)}" y="${y + 12}">${(run.wallMs / 1_000).toFixed(2)} s</text>`,
    ].join("\n");
  });
  const height = 44 + shown.length * (barHeight + 4);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="820" height="${height}" font-family="sans-serif" font-size="12">
<title>Seconds of pulumi up --skip-preview with ${size} secrets</title>
<rect width="100%" height="100%" fill="white"/>
<text x="8" y="20" font-size="14">pulumi up --skip-preview, ${size} secrets, seconds</text>
${bars.join("\n")}
</svg>
`;
}
