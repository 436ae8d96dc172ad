import type { TestContext } from "vitest";

/** What the table of faults shows of one that was injected. */
export interface FaultRow {
  /** What was injected. */
  readonly fault: string;
  /** Where in the operation, such as "statement 3 of 9, ALTER SECRET"; rows that differ in nothing else are one. */
  readonly at?: string;
  readonly host: string;
  /** What a person saw; empty where nothing was to be seen. */
  readonly saw: string;
  readonly ended: string;
  /** How long the operation took that was hit, in milliseconds. */
  readonly tookMs: number;
  /** Within which time it had to end, in milliseconds. */
  readonly boundMs: number;
}

declare module "vitest" {
  interface TaskMeta {
    faults?: FaultRow[];
  }
}

/** Adds a row to the table that is printed when the run ends. */
export function tellRow({ task }: TestContext, row: FaultRow): void {
  task.meta.faults = [...(task.meta.faults ?? []), row];
}

/** The table is for a look; the whole text stands in the tests of each error. */
export function shorten(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length > 400 ? `${line.slice(0, 400)} …` : line;
}
