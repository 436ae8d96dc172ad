import type { Reporter, TestModule } from "vitest/node";
import type { FaultRow } from "./row.js";

const widths = { fault: 46, host: 16, ended: 44, time: 18 };

/** Prints what was injected, host by host, what a person saw, and how it ended; from the tests that passed. */
export default class FaultTableReporter implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>): void {
    const rows = modules.flatMap((module) =>
      [...module.children.allTests("passed")].flatMap((test) => test.meta().faults ?? []),
    );
    if (rows.length > 0) process.stdout.write(`\n${buildFaultTable(rows)}\n`);
  }
}

/** The table as text: one line a fault and host, and what a person saw beneath it. */
export function buildFaultTable(rows: readonly FaultRow[]): string {
  const lines = mergeRows(rows).flatMap(({ fault, at, host, saw, ended, tookMs, boundMs }) => {
    const cells = [
      wrap(at.length === 0 ? fault : `${fault}, at ${at.join("; ")}`, widths.fault),
      wrap(host, widths.host),
      wrap(ended, widths.ended),
      wrap(`${formatSeconds(tookMs)} of ${formatSeconds(boundMs)}`, widths.time),
    ];
    const height = Math.max(...cells.map((cell) => cell.length));
    const body = Array.from({ length: height }, (_, i) => layOut(cells.map((cell) => cell[i] ?? "")));
    const quote =
      saw === "" ? [] : wrap(saw, 120).map((line, i) => `${i === 0 ? "  saw: " : "       "}${line}`);
    return [...body, ...quote, ""];
  });
  const head = layOut(["injected", "host", "how it ended", "took, of at most"]);
  return [head, "-".repeat(head.length), ...lines].join("\n");
}

type MergedRow = Omit<FaultRow, "at"> & { readonly at: readonly string[] };

// One line for what differs in nothing but the place or the host.
function mergeRows(rows: readonly FaultRow[]): readonly MergedRow[] {
  const byPlace = new Map<string, MergedRow>();
  for (const { at, ...row } of rows) {
    const key = JSON.stringify([row.fault, row.host, row.saw, row.ended]);
    const known = byPlace.get(key);
    const places = new Set([...(known?.at ?? []), ...(at === undefined ? [] : [at])]);
    byPlace.set(key, { ...row, at: [...places], tookMs: Math.max(row.tookMs, known?.tookMs ?? 0) });
  }
  const byHost = new Map<string, MergedRow>();
  for (const row of byPlace.values()) {
    const key = JSON.stringify([row.fault, row.at, row.saw, row.ended]);
    const known = byHost.get(key);
    const host = known === undefined ? row.host : `${known.host}, ${row.host}`;
    byHost.set(key, { ...row, host, tookMs: Math.max(row.tookMs, known?.tookMs ?? 0) });
  }
  return [...byHost.values()];
}

function layOut([fault = "", host = "", ended = "", time = ""]: readonly string[]): string {
  return [
    fault.padEnd(widths.fault),
    host.padEnd(widths.host),
    ended.padEnd(widths.ended),
    time.padEnd(widths.time),
  ].join("  ");
}

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function formatSeconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
