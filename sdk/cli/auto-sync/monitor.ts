import * as z from "zod";
import type { FollowedStack } from "./followed-stacks.js";
import type { Decision } from "./stack-loop.js";

/** What is told of a stack under `/status`. */
export const stackStatus = z.object({
  project: z.string(),
  stack: z.string(),
  /** How the last look ended; "starting" before the first. */
  outcome: z.string(),
  /** Of an error, where the last look ended with one. */
  code: z.string().exactOptional(),
  /** ISO 8601; when a look last found nothing new, or synced. */
  lastSuccessAt: z.string().exactOptional(),
  lastLookAt: z.string().exactOptional(),
});

/** What the process knows of a stack. */
interface StackStatus extends Readonly<z.infer<typeof stackStatus>> {
  readonly outcome: Decision["event"] | "starting";
}

const troubles = ["failed", "waiting", "refused"] as const;

/** Whether a look ended so that a person may have to act. */
export function isTrouble(outcome: string): boolean {
  return troubles.some((trouble) => trouble === outcome);
}

/** What the process counts and knows; no name of a secret is in there. */
export interface Monitor {
  add(stack: FollowedStack): void;
  remove(stack: FollowedStack): void;
  record(stack: FollowedStack, decisions: readonly Decision[], durationMs: number): void;
  countSourceRead(): void;
  /** Every stack was looked at once. */
  isReady(): boolean;
  statuses(): readonly StackStatus[];
  /** In Prometheus's text format. */
  renderMetrics(): Promise<{ readonly type: string; readonly text: string }>;
}

const worstFirst = [...troubles, "synced", "unchanged"] as const;

/** Counts for one process. */
export async function createMonitor(): Promise<Monitor> {
  const { Counter, Gauge, Registry, collectDefaultMetrics } = await import("prom-client");
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const ofStack = ["project", "stack"] as const;
  const common = { registers: [registry] };
  const lastSuccess = new Gauge({
    ...common,
    name: "auto_sync_last_success_timestamp_seconds",
    help: "When a look last found nothing new, or synced.",
    labelNames: ofStack,
  });
  const duration = new Gauge({
    ...common,
    name: "auto_sync_look_duration_seconds",
    help: "How long the last look took, with the run of Pulumi that followed from it.",
    labelNames: ofStack,
  });
  const isRefused = new Gauge({
    ...common,
    name: "auto_sync_refused",
    help: "1 while a stack waits for a person, because more than secrets would change.",
    labelNames: ofStack,
  });
  const looks = new Counter({
    ...common,
    name: "auto_sync_looks_total",
    help: "Looks by how they ended.",
    labelNames: [...ofStack, "outcome"] as const,
  });
  const failures = new Counter({
    ...common,
    name: "auto_sync_failures_total",
    help: "Failures by error code.",
    labelNames: [...ofStack, "code"] as const,
  });
  const reads = new Counter({
    ...common,
    name: "auto_sync_source_reads_total",
    help: "Reads of sources; an answer that several stacks share counts once.",
  });
  const known = new Map<string, StackStatus>();
  const labelsOf = ({ project, stackName }: FollowedStack) => ({ project: project.name, stack: stackName });
  new Gauge({
    ...common,
    name: "auto_sync_stacks",
    help: "Stacks that are followed.",
    collect() {
      this.set(known.size);
    },
  });
  return {
    add: (stack) => {
      known.set(stack.key, { ...labelsOf(stack), outcome: "starting" });
    },
    remove: (stack) => {
      known.delete(stack.key);
      const { project, stack: name } = labelsOf(stack);
      for (const metric of [lastSuccess, duration, isRefused]) metric.remove(project, name);
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
      const isGood = !isTrouble(outcome);
      const codes = decisions.flatMap(({ data: { code } }) => (typeof code === "string" ? [code] : []));
      const [code] = codes;
      const lastSuccessAt = isGood ? time.toISOString() : before.lastSuccessAt;
      known.set(stack.key, {
        ...labels,
        outcome,
        ...(code && { code }),
        ...(lastSuccessAt && { lastSuccessAt }),
        lastLookAt: time.toISOString(),
      });
      looks.inc({ ...labels, outcome });
      duration.set(labels, durationMs / 1_000);
      isRefused.set(labels, outcome === "refused" ? 1 : 0);
      if (isGood) lastSuccess.set(labels, time.getTime() / 1_000);
      for (const each of new Set(codes)) failures.inc({ ...labels, code: each });
    },
    countSourceRead: () => reads.inc(),
    isReady: () => known.size > 0 && [...known.values()].every(({ outcome }) => outcome !== "starting"),
    statuses: () => [...known.values()],
    renderMetrics: async () => ({ type: registry.contentType, text: await registry.metrics() }),
  };
}
