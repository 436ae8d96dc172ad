import { setTimeout as sleep } from "node:timers/promises";
import { isProviderError, type ProviderError } from "../../../provider/core/errors.js";
import { describeFailure, toJsonFailure } from "../output.js";
import { isStackMissing } from "../stack-access.js";
import { isStackLocked } from "../stack-lock.js";
import type { SyncOutcome } from "../sync-run.js";
import { addJitter, countDown } from "./schedule.js";

/** One decision of the loop, as it is told. */
export interface Decision {
  readonly event: "unchanged" | "synced" | "refused" | "failed" | "waiting";
  readonly text: string;
  /** Further lines for people: what Pulumi's engine said. */
  readonly more?: readonly string[];
  readonly data: Readonly<Record<string, unknown>>;
  /** A server asked to be left alone for so long. */
  readonly retryAfterMs?: number;
}

/** How the loop looks, how often, and whom it tells. */
export interface AutoSyncOptions {
  /** One look at the sources, and the run that follows from it. */
  readonly run: () => Promise<SyncOutcome>;
  /** From one look to the next. */
  readonly intervalMs: number;
  /** Where in the interval the looks are, from 0 to 1; read before each wait. @default at random */
  readonly phase?: () => number;
  /** The longest wait after repeated failures or refusals. @default 15 minutes, at least the interval */
  readonly maxBackOffMs?: number;
  readonly tell: (decision: Decision) => void;
  /** After all decisions of a look; `durationMs` with the run of Pulumi that followed from it. */
  readonly onLook?: (decisions: readonly Decision[], durationMs: number) => void;
  /** Goes on where there is no such stack yet. @default false */
  readonly waitsForStack?: boolean;
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
/** No server can keep a stack from being looked at for longer. */
const maxAskedMs = 3_600_000;

/**
 * Follows the sources: one look after the other, never two at a time, each from the state as it is then. A failure is
 * told, and tried again after a wait that doubles; so is a refusal, since each costs a run of the engine.
 */
export function startAutoSync(options: AutoSyncOptions): AutoSync {
  const { stopping, intervalMs } = options;
  const maxBackOffMs = Math.max(intervalMs, options.maxBackOffMs ?? 900_000);
  const random = Math.random();
  const phase = options.phase ?? (() => random);
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
    let troubles = 0;
    let locks = 0;
    let endsIfMissing = options.waitsForStack !== true;
    while (!stopping.aborted) {
      wasWoken = false;
      const started = performance.now();
      const decisions = await look(options.run, endsIfMissing);
      const durationMs = performance.now() - started;
      endsIfMissing = false;
      const has = (event: Decision["event"]) => decisions.some((decision) => decision.event === event);
      // What a second signal interrupted is no failure.
      if (stopping.aborted && has("failed")) return;
      for (const decision of decisions) options.tell(decision);
      options.onLook?.(decisions, durationMs);
      troubles = has("failed") || has("refused") ? troubles + 1 : 0;
      locks = has("waiting") ? locks + 1 : 0;
      if (locks > 0) await wait(addJitter(Math.min(intervalMs, lockWaitMs * 2 ** (locks - 1))));
      else if (troubles === 0) await wait(countDown(intervalMs, phase()));
      else {
        const asked = Math.min(
          maxAskedMs,
          Math.max(...decisions.map(({ retryAfterMs = 0 }) => retryAfterMs)),
        );
        await wait(Math.max(asked, addJitter(Math.min(maxBackOffMs, intervalMs * 2 ** (troubles - 1)))));
      }
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

async function look(run: AutoSyncOptions["run"], endsIfMissing: boolean): Promise<Decision[]> {
  try {
    const outcome = await run();
    const failed = outcome.failures.map(describeFailed);
    // With nothing seen there is nothing to say but why.
    return failed.length > 0 && outcome.syncs.length === 0 ? failed : [describeOutcome(outcome), ...failed];
  } catch (error) {
    if (endsIfMissing && isStackMissing(error)) throw error;
    const failed = describeFailed(error);
    return [isStackLocked(error) ? { ...failed, event: "waiting", text: describeWait(error) } : failed];
  }
}

function describeWait({ operation, target, hint }: ProviderError): string {
  const holder = target === undefined ? "" : ` (${target})`;
  return `${operation}${holder}; auto-sync tries again by itself. Fix: ${hint}`;
}

function describeFailed(error: unknown): Decision {
  const failure = describeFailure(error, "look at the sources");
  const { retryAfterMs, reasonCodes: reasons = [] } = isProviderError(error) ? error.details : {};
  return {
    event: "failed",
    text: failure.message,
    more: failure.engineLines,
    data: { ...toJsonFailure(failure), ...(reasons.length > 0 && { reasons }) },
    ...(retryAfterMs !== undefined && { retryAfterMs }),
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
