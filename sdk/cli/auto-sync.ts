import { setTimeout as sleep } from "node:timers/promises";
import { describeFailure, toJsonFailure } from "./output.js";
import { isStackLocked, isStackMissing } from "./stack-access.js";
import type { SyncOutcome } from "./sync-run.js";

/** One decision of the loop, as it is told. */
export interface Decision {
  readonly event: "unchanged" | "synced" | "refused" | "failed" | "waiting";
  readonly text: string;
  /** Further lines for people: what Pulumi's engine said. */
  readonly more?: readonly string[];
  readonly data: Readonly<Record<string, unknown>>;
}

/** How the loop looks, how often, and whom it tells. */
export interface AutoSyncOptions {
  /** One look at the sources, and the run that follows from it. */
  readonly run: () => Promise<SyncOutcome>;
  /** Between two looks; each is moved by up to a tenth, so that many do not come at once. */
  readonly intervalMs: number;
  /** The longest wait after repeated failures. @default 15 minutes, at least the interval */
  readonly maxBackOffMs?: number;
  readonly tell: (decision: Decision) => void;
  /** Ends the loop; a run that is under way is finished first. */
  readonly stopping: AbortSignal;
}

/** A loop that can be told to look now. */
export interface AutoSync {
  /** Looks at once, or right after the look that is under way. */
  wake(): void;
  /**
   * Ends when `stopping` was signalled and nothing is under way.
   *
   * @throws NOT_FOUND when the first look finds that there is no such stack
   */
  readonly ended: Promise<void>;
}

const lockWaitMs = 3_000;

/**
 * Follows the sources: one look after the other, never two at a time, each from the state as it is then. A failure is
 * told, and tried again after a wait that doubles; nothing is remembered between looks, so nothing gets lost or done
 * twice.
 */
export function startAutoSync(options: AutoSyncOptions): AutoSync {
  const { stopping, intervalMs } = options;
  const maxBackOffMs = Math.max(intervalMs, options.maxBackOffMs ?? 900_000);
  let waiter: AbortController | undefined;
  let wasWoken = false;
  stopping.addEventListener("abort", () => waiter?.abort(), { once: true });
  const wait = async (ms: number) => {
    if (wasWoken || stopping.aborted) return;
    waiter = new AbortController();
    await sleep(ms, undefined, { signal: waiter.signal }).catch(() => undefined);
    waiter = undefined;
  };
  const loop = async () => {
    let failures = 0;
    let isFirst = true;
    while (!stopping.aborted) {
      wasWoken = false;
      const decisions = await look(options.run, isFirst);
      isFirst = false;
      const has = (event: Decision["event"]) => decisions.some((decision) => decision.event === event);
      // What a second signal interrupted is no failure.
      if (stopping.aborted && has("failed")) return;
      for (const decision of decisions) options.tell(decision);
      failures = has("failed") ? failures + 1 : 0;
      const regular = has("waiting") ? Math.min(lockWaitMs, intervalMs) : intervalMs;
      await wait(addJitter(failures === 0 ? regular : Math.min(maxBackOffMs, regular * 2 ** (failures - 1))));
    }
  };
  return {
    wake: () => {
      wasWoken = true;
      waiter?.abort();
    },
    ended: loop(),
  };
}

async function look(run: AutoSyncOptions["run"], isFirst: boolean): Promise<Decision[]> {
  try {
    const outcome = await run();
    const failed = outcome.failures.map(describeFailed);
    // With nothing seen there is nothing to say but why.
    return failed.length > 0 && outcome.syncs.length === 0 ? failed : [describeOutcome(outcome), ...failed];
  } catch (error) {
    if (isFirst && isStackMissing(error)) throw error;
    const failed = describeFailed(error);
    return [isStackLocked(error) ? { ...failed, event: "waiting", text: waitingText } : failed];
  }
}

const waitingText =
  "another update of the stack is running; auto-sync tries again in a few seconds (if that update was interrupted: `pulumi cancel`, then `pulumi up`)";

function describeFailed(error: unknown): Decision {
  const failure = describeFailure(error, "look at the sources");
  return {
    event: "failed",
    text: failure.message,
    more: failure.engineLines,
    data: toJsonFailure(failure),
  };
}

/** An outcome in words. */
export function describeOutcome(outcome: SyncOutcome): Decision {
  const { kind, failures: _, ...data } = outcome;
  switch (outcome.kind) {
    case "unchanged":
      return {
        event: kind,
        data,
        text: describeUnchanged(outcome),
      };
    case "synced":
      return { event: kind, data, text: `synced ${outcome.changes}` };
    case "refused":
      return {
        event: kind,
        data,
        text: `not synced: ${shorten(outcome.excess, "; ")}. Run \`pulumi up\` first, or use the checkout that was deployed last.`,
      };
  }
}

function describeUnchanged({ syncs, withoutSource }: Extract<SyncOutcome, { kind: "unchanged" }>): string {
  const byProgram = "values of `secrets` come from the program, and only `pulumi up` writes them";
  if (syncs.length === 0) return "no sync to follow: none has auto-sync enabled";
  const names = shorten(syncs, ", ");
  if (withoutSource.length === syncs.length) return `no source to follow (${names}): ${byProgram}`;
  if (withoutSource.length === 0) return `nothing changed (${names})`;
  return `nothing changed (${names}); no source to follow (${shorten(withoutSource, ", ")}): ${byProgram}`;
}

const maxListed = 10;

function shorten(items: readonly string[], separator: string): string {
  const rest = items.length - maxListed;
  return items.slice(0, maxListed).join(separator) + (rest > 0 ? ` and ${rest} more` : "");
}

function addJitter(ms: number): number {
  return ms * (0.9 + Math.random() * 0.2);
}
