import type { EngineRun } from "./engine-runs.js";
import type { HookRuns } from "./hook-runs.js";

/** Prints rows under their titles; the first column is text, the others are numbers. */
export function printTable(titles: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  const cells = [titles, ...rows].map((row) => row.map(String));
  const widths = titles.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  console.log();
  for (const row of cells) {
    console.log(
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join("  "),
    );
  }
}

const seconds = (ms: number) => (ms / 1_000).toFixed(2);

export function printEngineRuns(runs: readonly EngineRun[]): void {
  printTable(
    ["pulumi up, tofu apply", "wall s", "CPU s", "MB", "statements", "log-ins", "state kB"],
    runs.map((run) => [
      `${run.contestant}, ${run.size}: ${run.phase}`,
      seconds(run.wallMs),
      seconds(run.cpuMs),
      run.peakMb.toFixed(0),
      run.statements,
      run.logins,
      (run.stateBytes / 1_000).toFixed(0),
    ]),
  );
}

export function printHookRuns({ naive, scenario, creations, firstSyncRatio }: HookRuns): void {
  printTable(
    [
      "through the hooks alone",
      "statements",
      "log-ins",
      "HTTP requests",
      "seconds",
      "times as fast as naive",
    ],
    [naive, ...scenario].map((row) => [
      row.what,
      row.statements,
      row.logins,
      row.httpRequests,
      seconds(row.durationMs),
      (naive.durationMs / row.durationMs).toFixed(1),
    ]),
  );
  console.log(
    `The first sync took ${firstSyncRatio.toFixed(2)} times what its statements need at the least.`,
  );
  const [oneByOne] = creations;
  printTable(
    ["maxConcurrentStatements", "statements", "most at once", "seconds", "times as fast as 1"],
    creations.map((row) => [
      row.what,
      row.statements,
      row.mostAtOnce,
      seconds(row.durationMs),
      ((oneByOne?.durationMs ?? 0) / row.durationMs).toFixed(1),
    ]),
  );
}
