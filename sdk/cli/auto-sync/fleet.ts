import { setTimeout as sleep } from "node:timers/promises";
import { ProviderError, toProviderError } from "../../../provider/core/errors.js";
import type { RunNote } from "../../../provider/engine/run-notes.js";
import type { SourceInputs } from "../../../provider/sources/index.js";
import type { ChangeCounts } from "../source-changes.js";
import type { StackAccess } from "../stack-access.js";
import { runSync, type SyncMemory } from "../sync-run.js";
import { type Bound, createBound, runInEnvironment } from "./environment.js";
import type { FollowedStack } from "./followed-stacks.js";
import { findPhase } from "./schedule.js";
import { createSharedReads } from "./shared-reads.js";
import { type AutoSync, type Decision, startAutoSync } from "./stack-loop.js";

/** Which stacks to follow, and how. */
export interface FleetOptions {
  /** The stacks as they are now. */
  readonly find: () => Promise<readonly FollowedStack[]>;
  readonly open: (stack: FollowedStack) => Promise<StackAccess>;
  /** Between two searches for stacks; absent where they are named and stay the same. */
  readonly findEveryMs?: number;
  /** Goes on where a stack that is named is not there yet. */
  readonly waitsForStacks: boolean;
  readonly intervalMs: number;
  /** Runs of the engine at once. */
  readonly concurrency: number;
  readonly listener: FleetListener;
  /** Ends after what is under way. */
  readonly stopping: AbortSignal;
  /** Interrupts what is under way. */
  readonly aborting: AbortSignal;
}

/** Who is told. */
export interface FleetListener {
  onDecision(stack: FollowedStack, decision: Decision): void;
  onLook(stack: FollowedStack, decisions: readonly Decision[], durationMs: number): void;
  onChanges(stack: FollowedStack, syncs: readonly string[], changes: string, counts: ChangeCounts): void;
  /** What a run of the engine noted. */
  onNotes(stack: FollowedStack, notes: readonly RunNote[]): void;
  onStacks(added: readonly FollowedStack[], removed: readonly FollowedStack[]): void;
  onFindFailed(error: ProviderError): void;
  /** A source was asked; stacks that shared the answer are not counted. */
  onSourceRead(type: SourceInputs["type"], isRead: boolean): void;
}

/** Stacks that are followed. */
export interface Fleet {
  /** Looks at these stacks at once, at all without names. @returns how many */
  wake(stackName?: string): number;
  /** Of the engine. */
  countRuns(): { readonly running: number; readonly waiting: number };
  /**
   * Ends when `stopping` was signalled and nothing is under way.
   *
   * @throws NOT_FOUND when a stack that is named is not there
   */
  readonly ended: Promise<void>;
}

/** Looks are light: a few requests. */
const looksAtOnce = 16;
/** How long a state is taken for unchanged where nothing tells. */
const maxStateAgeMs = 900_000;

interface Followed {
  readonly stack: FollowedStack;
  readonly loop: AutoSync;
  readonly leave: () => void;
}

/** Follows stacks side by side: a loop for each, with a bound on what they do at once. */
export function startFleet(options: FleetOptions): Fleet {
  const { listener, intervalMs, stopping } = options;
  const engines = createBound(options.concurrency);
  const looks = createBound(looksAtOnce);
  const reads = createSharedReads(listener.onSourceRead);
  const followed = new Map<string, Followed>();
  // Every loop ends when one has failed for good.
  const failing = new AbortController();
  const ending = AbortSignal.any([stopping, failing.signal]);

  const follow = (stack: FollowedStack, mayEndAll: boolean): Promise<void> => {
    const leaving = new AbortController();
    const memory: SyncMemory = { maxAgeMs: maxStateAgeMs };
    const settled = new Map<string, string>();
    let phase = findPhase([], stack.key);
    const access = options.open(stack).then((opened) => limitEngines(opened, engines, ending));
    access.catch(() => undefined);
    const look = async () =>
      runSync(await access, {
        choose: (syncs) => {
          phase = findPhase(syncs, stack.key);
          return syncs.filter(({ isAutoSyncEnabled }) => isAutoSyncEnabled);
        },
        isManual: false,
        settled,
        memory,
        read: (spec, context) => looks(() => reads.read(spec, context)),
        signal: options.aborting,
        onChanges: (...changes) => listener.onChanges(stack, ...changes),
        onNotes: (notes) => listener.onNotes(stack, notes),
      });
    const loop = startAutoSync({
      run: () => runInEnvironment(stack.environment, look),
      intervalMs,
      phase: () => phase,
      waitsForStack: !mayEndAll || !stack.isNamed,
      tell: (decision) => listener.onDecision(stack, decision),
      onLook: (decisions, durationMs) => listener.onLook(stack, decisions, durationMs),
      stopping: AbortSignal.any([ending, leaving.signal]),
    });
    followed.set(stack.key, { stack, loop, leave: () => leaving.abort() });
    return loop.ended.finally(() => followed.delete(stack.key));
  };

  const update = (stacks: readonly FollowedStack[], mayEndAll = false): Promise<void>[] => {
    const keys = new Set(stacks.map(({ key }) => key));
    const removed = [...followed.values()].filter(({ stack }) => !keys.has(stack.key));
    const added = stacks.filter(({ key }) => !followed.has(key));
    if (added.length + removed.length > 0)
      listener.onStacks(
        added,
        removed.map(({ stack }) => stack),
      );
    for (const { leave } of removed) leave();
    return added.map((stack) => follow(stack, mayEndAll));
  };

  const run = async () => {
    const loops = new Set<Promise<void>>();
    let failure: unknown;
    const add = (started: readonly Promise<void>[]) => {
      for (const loop of started) {
        const caught = loop
          .catch((error: unknown) => {
            failure ??= error;
            failing.abort();
          })
          .finally(() => loops.delete(caught));
        loops.add(caught);
      }
    };
    add(update(await options.find(), !options.waitsForStacks));
    while (!ending.aborted) {
      await pause(options.findEveryMs ?? foreverMs, ending);
      if (ending.aborted) break;
      await options.find().then(
        (stacks) => add(update(stacks)),
        (error: unknown) => listener.onFindFailed(toProviderError(error, "find the stacks")),
      );
    }
    await Promise.all(loops);
    if (failure !== undefined) throw failure;
  };
  return {
    wake: (stackName) => {
      // What is read from now on is as new as the message.
      reads.forget();
      const woken = [...followed.values()].filter(
        ({ stack }) => stackName === undefined || stack.stackName === stackName,
      );
      for (const { loop } of woken) loop.wake();
      return woken.length;
    },
    countRuns: () => ({ running: engines.activeCount, waiting: engines.pendingCount }),
    ended: run().finally(() => reads.end()),
  };
}

/** The runs of the engine wait for one another, and none begins when the process is to end. */
function limitEngines(stack: StackAccess, engines: Bound, ending: AbortSignal): StackAccess {
  const limited =
    <A extends readonly unknown[], T>(run: (...args: A) => Promise<T>) =>
    (...args: A): Promise<T> =>
      engines(async () => {
        if (ending.aborted) throw buildCancelled();
        return run(...args);
      });
  return {
    ...stack,
    readResources: limited(stack.readResources),
    isUpdating: limited(stack.isUpdating),
    runPlanned: limited(stack.runPlanned),
  };
}

/** Nobody is told: the loop that asked ends. */
function buildCancelled(): ProviderError {
  return new ProviderError("CANCELLED", { operation: "auto-sync is ending", hint: "start it again." });
}

/** As long as a timer can be. */
const foreverMs = 2 ** 31 - 1;

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
