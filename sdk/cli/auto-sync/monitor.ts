import * as z from "zod";
import type { RunNote } from "../../../provider/engine/run-notes.js";
import type { SourceInputs } from "../../../provider/sources/index.js";
import { refusalReasons } from "../plan-guard.js";
import { type ChangeCounts, changeKinds } from "../source-changes.js";
import type { FollowedStack } from "./followed-stacks.js";
import { watchLogins } from "./login-watch.js";
import { createMetrics, type MetricSources } from "./metrics.js";
import type { Decision } from "./stack-loop.js";

/** What is told of a stack under `/status`. */
export const stackStatus = z.object({
  project: z.string(),
  stack: z.string(),
  /** How the last look ended; "starting" before the first. */
  outcome: z.string(),
  /** Of an error, where the last look ended with one. */
  code: z.string().exactOptional(),
  /** Of a refusal, or the codes of the errors in a run of Pulumi that failed. */
  reasons: z.array(z.string()).exactOptional(),
  /** ISO 8601; of the first look that ended as the last one did, where that needs a person. */
  since: z.string().exactOptional(),
  /** Looks that ended so, one after the other. */
  times: z.number().exactOptional(),
  /** Secrets that differ from what was last synced, where there are any. */
  pendingChanges: z.number().exactOptional(),
  /** ISO 8601; when a look last found nothing new, or synced. */
  lastSuccessAt: z.string().exactOptional(),
  lastLookAt: z.string().exactOptional(),
});

/** What the process knows of a stack. */
interface StackStatus extends Readonly<z.infer<typeof stackStatus>> {
  readonly outcome: Decision["event"] | "starting";
}

const worstFirst = ["failed", "refused", "waiting", "synced", "unchanged"] as const;
const good: ReadonlySet<string> = new Set<Decision["event"]>(["synced", "unchanged"]);

/** What is worse is less; all that is good is the same. */
export function rankOutcome(outcome: string): number {
  const rank = good.has(outcome) ? -1 : (worstFirst as readonly string[]).indexOf(outcome);
  return rank === -1 ? worstFirst.length : rank;
}

/** What the process counts and knows; no name of a secret is in there. */
export interface Monitor {
  add(stack: FollowedStack): void;
  remove(stack: FollowedStack): void;
  record(stack: FollowedStack, decisions: readonly Decision[], durationMs: number): void;
  /** Changes were seen, and are about to be synced. */
  recordChanges(stack: FollowedStack, counts: ChangeCounts): void;
  /** What a run of the engine noted. */
  recordRun(stack: FollowedStack, notes: readonly RunNote[]): void;
  countSourceRead(type: SourceInputs["type"], isRead: boolean): void;
  /** Every stack was looked at once. */
  isReady(): boolean;
  statuses(): readonly StackStatus[];
  /** In Prometheus's text format. */
  renderMetrics(): Promise<{ readonly type: string; readonly text: string }>;
}

/** Counts for one process. */
export async function createMonitor(countRuns: MetricSources["countRuns"]): Promise<Monitor> {
  const known = new Map<string, StackStatus>();
  const logins = watchLogins();
  const metrics = await createMetrics({ countStacks: () => known.size, countRuns });
  const labelsOf = ({ project, stackName }: FollowedStack) => ({ project: project.name, stack: stackName });
  const forgetRefusals = ({ project, stack }: ReturnType<typeof labelsOf>) => {
    for (const reason of refusalReasons) metrics.isRefused.remove(project, stack, reason);
  };
  return {
    add: (stack) => {
      known.set(stack.key, { ...labelsOf(stack), outcome: "starting" });
    },
    remove: (stack) => {
      known.delete(stack.key);
      logins.forget(stack.key);
      const labels = labelsOf(stack);
      metrics.forget(labels.project, labels.stack);
      forgetRefusals(labels);
    },
    record: (stack, decisions, durationMs) => {
      const before = known.get(stack.key);
      // A look of one that is no longer followed.
      if (before === undefined) return;
      const labels = labelsOf(stack);
      const time = new Date();
      // Of several syncs one may have failed.
      const outcome = worstFirst.find((event) => decisions.some((decision) => decision.event === event));
      if (outcome === undefined) return;
      const { codes, reasons, counts } = readData(decisions);
      const [code] = codes;
      const isGood = good.has(outcome);
      const times = before.outcome === outcome ? (before.times ?? 0) + 1 : 1;
      const since = (times > 1 ? before.since : undefined) ?? time.toISOString();
      const lastSuccessAt = isGood ? time.toISOString() : before.lastSuccessAt;
      const { pendingChanges } = before;
      known.set(stack.key, {
        ...labels,
        outcome,
        ...(code && { code }),
        ...(reasons.length > 0 && { reasons }),
        ...(!isGood && { since, times }),
        ...(!isGood && pendingChanges !== undefined && { pendingChanges }),
        ...(lastSuccessAt && { lastSuccessAt }),
        lastLookAt: time.toISOString(),
      });
      metrics.looks.inc({ ...labels, outcome });
      metrics.duration.set(labels, durationMs / 1_000);
      metrics.troubles.set(labels, outcome === "failed" ? times : 0);
      metrics.isWaiting.set(labels, outcome === "waiting" ? 1 : 0);
      if (isGood) {
        metrics.lastSuccess.set(labels, time.getTime() / 1_000);
        metrics.pending.set(labels, 0);
      }
      forgetRefusals(labels);
      if (outcome === "refused")
        for (const reason of reasons) metrics.isRefused.set({ ...labels, reason }, 1);
      for (const each of outcome === "failed" && reasons.length > 0 ? reasons : new Set(codes))
        metrics.failures.inc({ ...labels, code: each });
      for (const kind of changeKinds)
        if (counts !== undefined) metrics.changes.inc({ ...labels, kind }, counts[kind]);
    },
    recordChanges: (stack, { added, changed, removed }) => {
      const before = known.get(stack.key);
      if (before === undefined) return;
      const pendingChanges = added + changed + removed;
      known.set(stack.key, { ...before, pendingChanges });
      metrics.pending.set(labelsOf(stack), pendingChanges);
    },
    recordRun: (stack, notes) => {
      if (!known.has(stack.key)) return;
      const labels = labelsOf(stack);
      const ofLogins = notes.filter((note) => note.kind === "login");
      for (const { outcome } of ofLogins) metrics.logins.inc({ ...labels, outcome });
      metrics.statements.inc(labels, notes.filter(({ kind }) => kind === "statement").length);
      logins.note(stack.key, ofLogins);
      for (const [key, times] of logins.countRefused()) {
        const { project = "", stack: name = "" } = known.get(key) ?? {};
        metrics.refusedLogins.set({ project, stack: name }, times);
      }
      const ends = ofLogins.flatMap(({ expiresAt }) => expiresAt ?? []);
      if (ends.length > 0) metrics.loginExpiry.set(labels, Math.min(...ends));
      else if (ofLogins.some(({ outcome }) => outcome === "accepted"))
        metrics.loginExpiry.remove(labels.project, labels.stack);
    },
    countSourceRead: (type, isRead) => metrics.reads.inc({ type, outcome: isRead ? "read" : "failed" }),
    isReady: () => known.size > 0 && [...known.values()].every(({ outcome }) => outcome !== "starting"),
    statuses: () => [...known.values()],
    renderMetrics: metrics.render,
  };
}

interface DecisionData {
  readonly code?: string;
  readonly reasons?: readonly string[];
  readonly counts?: ChangeCounts;
}

function readData(decisions: readonly Decision[]) {
  const all = decisions.map(({ data }) => data as DecisionData);
  return {
    codes: all.flatMap(({ code }) => code ?? []),
    reasons: [...new Set(all.flatMap(({ reasons = [] }) => reasons))],
    counts: all.find(({ counts }) => counts !== undefined)?.counts,
  };
}
