import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { cacheFolder } from "../engine/engine.js";

/** What is asked of Prometheus's own code. */
export interface Question {
  /** The text of a rule file. */
  readonly rules: string;
  /** Asked at the last scrape. */
  readonly queries?: readonly string[];
  /** What a server answered, by the second, in the order of time. */
  readonly scrapes: readonly { readonly at: number; readonly metrics: string }[];
  /** What Prometheus adds to each sample. */
  readonly labels: Readonly<Record<string, string>>;
}

/** What it says. */
export interface Judgement {
  /** Of the rule file. */
  readonly errors: readonly string[];
  /** At the last scrape. */
  readonly firing: readonly {
    readonly alert: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  }[];
  readonly queries: readonly {
    readonly query: string;
    readonly error?: string;
    readonly metrics: readonly string[];
    readonly series: number;
  }[];
}

const program = join(cacheFolder, "prometheus/prometheus-rules-of-the-tests");

/** Lets Prometheus's own code judge rules and queries. */
export function judge(question: Question): Judgement {
  const { status, stdout, stderr } = spawnSync(program, { input: JSON.stringify(question) });
  if (status !== 0) throw new Error(`${program}: ${stderr}`);
  return JSON.parse(String(stdout));
}
