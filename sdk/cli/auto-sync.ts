import { setTimeout as sleep } from "node:timers/promises";
import { describeFailure, toJsonFailure } from "./output.js";
import { isStackLocked } from "./stack-access.js";
import type { SyncOutcome } from "./sync-run.js";

/** One decision of the loop, as it is told. */
export interface Decision {
  readonly event: "unchanged" | "synced" | "refused" | "failed" | "waiting";
  readonly text: string;
  /** Further lines for people: what Pulumi's engine said. */
  readonly more?: readonly string[];
  readonly data: Readonly<Record<string, unknown>>;
}

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
  /** Ends when `stopping` was signalled and nothing is under way. */
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
    while (!stopping.aborted) {
      wasWoken = false;
      const decisions = await look(options.run);
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

async function look(run: AutoSyncOptions["run"]): Promise<Decision[]> {
  try {
    const outcome = await run();
    const failed = outcome.failures.map(describeFailed);
    // With nothing seen there is nothing to say but why.
    return failed.length > 0 && outcome.syncs.length === 0 ? failed : [describeOutcome(outcome), ...failed];
  } catch (error) {
    return [{ ...describeFailed(error), event: isStackLocked(error) ? "waiting" : "failed" }];
  }
}

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
        text:
          outcome.syncs.length === 0 ? "no sync to follow" : `nothing changed (${outcome.syncs.join(", ")})`,
      };
    case "synced":
      return { event: kind, data, text: `synced ${outcome.changes}` };
    case "refused":
      return {
        event: kind,
        data,
        text: `refused: more than secrets would change; run pulumi up from the checkout that is deployed. ${outcome.excess.join("; ")}`,
      };
  }
}

function addJitter(ms: number): number {
  return ms * (0.9 + Math.random() * 0.2);
}
