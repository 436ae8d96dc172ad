import { isDeepStrictEqual } from "node:util";
import { isProviderError, type ProviderError, toProviderError } from "../../provider/core/errors.js";
import { syncNowVariable } from "../../provider/secret-sync/changes.js";
import { digestSecrets, expectedStateVariable } from "../../provider/secret-sync/inputs/guards.js";
import type { ReadSource } from "./auto-sync/shared-reads.js";
import { type Excess, findExcess, plansUpdate } from "./plan-guard.js";
import {
  type ChangeCounts,
  countChanges,
  describeChanges,
  findSourceChanges,
  hasChanges,
  type SourceChanges,
} from "./source-changes.js";
import type { PlannedRun, StackAccess } from "./stack-access.js";
import { createLockError } from "./stack-lock.js";
import { readStackSyncs, type StackSync } from "./stack-syncs.js";

/** What one look at the sources came to. */
export type SyncOutcome = SyncVerdict & {
  /** Syncs whose sources could not be read; the others were seen to all the same. */
  readonly failures: readonly ProviderError[];
};

type SyncVerdict =
  | {
      readonly kind: "unchanged";
      readonly syncs: readonly string[];
      /** Those that have no source to follow: all of their values are the program's. */
      readonly withoutSource: readonly string[];
    }
  /** The plan held more than changed secrets; nothing was done. */
  | {
      readonly kind: "refused";
      readonly syncs: readonly string[];
      readonly excess: readonly string[];
      readonly reasons: readonly Excess["reason"][];
    }
  | {
      readonly kind: "synced";
      readonly syncs: readonly string[];
      readonly changes: string;
      readonly counts: ChangeCounts;
    };

/** Which syncs to look at, and when to write. */
export interface SyncRunOptions {
  /** Which of the stack's syncs to look at; may throw before anything is done. */
  readonly choose: (syncs: readonly StackSync[]) => readonly StackSync[];
  /** Write although auto-sync is off, and where nothing changed too. */
  readonly isManual: boolean;
  readonly signal?: AbortSignal;
  /** What was looked at and needs no run (all of it under `ignoreChanges`), by URN; kept between runs by the caller. */
  readonly settled?: Map<string, string>;
  /** Lets a look begin with what the last one left; kept between runs by the caller. */
  readonly memory?: SyncMemory;
  /** Reads a source for the first look; whoever looks again asks the source itself. */
  readonly read?: ReadSource;
  /** Called when there is something to do, before the engine runs. */
  readonly onChanges?: (syncs: readonly string[], changes: string, counts: ChangeCounts) => void;
  readonly onNotes?: PlannedRun["onNotes"];
}

/** The syncs of a stack as they stood when its state was last read: no value is in there. */
export interface SyncMemory {
  known?: Promise<KnownState | undefined>;
  /** Where nothing tells that a state was written, it is read again after this time. */
  readonly maxAgeMs: number;
}

/** A state that was read. */
export interface KnownState {
  readonly syncs: readonly StackSync[];
  /** From before the state was read. */
  readonly stamp: string | undefined;
  readonly readAt: number;
}

/**
 * Reads the stack, compares the sources' fingerprints with the recorded ones, and only where they differ (or the
 * last sync failed, or somebody asks) runs the engine on those syncs. An unchanged stack costs one read of its sources,
 * and one of its state unless the memory has that; and nothing on Snowflake.
 *
 * @throws ProviderError what `StackAccess` throws; nothing was written then, or what was is recorded and the next run
 *   does the rest.
 */
export async function runSync(stack: StackAccess, options: SyncRunOptions): Promise<SyncOutcome> {
  const { memory } = options;
  const recall = (known: Promise<KnownState>) => {
    if (memory !== undefined) memory.known = known.catch(() => undefined);
    return known;
  };
  let isWritten = true;
  let shared = options.read;
  const lookAt = async (syncs: readonly StackSync[]) => {
    const outcome = await look(stack, syncs, options, shared);
    // Whoever looks again asks the sources themselves.
    shared = undefined;
    isWritten = outcome.kind !== "unchanged";
    return outcome;
  };
  try {
    const remembered = await memory?.known;
    // What is done by memory is judged by the state itself before it is done.
    if (remembered !== undefined && memory !== undefined && (await isCurrent(stack, remembered, memory))) {
      const outcome = await lookAt(remembered.syncs);
      if (outcome.kind !== "outdated") return outcome;
    }
    for (let looks = 0; looks < maxLooks; looks += 1) {
      const { syncs } = await recall(readState(stack));
      const outcome = await lookAt(syncs);
      if (outcome.kind !== "outdated") return outcome;
    }
    throw createLockError(stack.stackName);
  } finally {
    // So that the next look need not wait for it.
    if (memory !== undefined && isWritten) void recall(readState(stack)).catch(() => undefined);
  }
}

async function readState(stack: StackAccess): Promise<KnownState> {
  const [stamp, readAt] = [await stack.readStamp(), Date.now()];
  return { syncs: readStackSyncs(await stack.readResources()), stamp, readAt };
}

async function isCurrent(
  stack: StackAccess,
  { stamp, readAt }: KnownState,
  { maxAgeMs }: SyncMemory,
): Promise<boolean> {
  return stamp === undefined ? Date.now() - readAt < maxAgeMs : stamp === (await stack.readStamp());
}

async function look(
  stack: StackAccess,
  stackSyncs: readonly StackSync[],
  options: SyncRunOptions,
  read: ReadSource | undefined,
): Promise<(SyncVerdict | Outdated) & Pick<SyncOutcome, "failures">> {
  const syncs = options.choose(stackSyncs);
  const settledLooks = await Promise.allSettled(
    syncs.map(async (sync) => ({ sync, changes: await findChanges(stack, sync, read) })),
  );
  const looked = settledLooks.flatMap((look) => (look.status === "fulfilled" ? [look.value] : []));
  const failures = settledLooks.flatMap((look) =>
    look.status === "rejected" ? [toProviderError(look.reason, "read the sources")] : [],
  );
  return { ...(await settle(stack, stackSyncs, looked, options)), failures };
}

/** Before a stack that changes under every look counts as locked. */
const maxLooks = 3;

/** The stack or the sources changed meanwhile; nothing was done. */
interface Outdated {
  readonly kind: "outdated";
}

interface Look {
  readonly sync: StackSync;
  readonly changes: SourceChanges;
}

async function settle(
  stack: StackAccess,
  stackSyncs: readonly StackSync[],
  looked: readonly Look[],
  options: SyncRunOptions,
): Promise<SyncVerdict | Outdated> {
  const due = looked.filter(({ sync, changes }) => {
    if (options.isManual || sync.syncStatus === "failed") return true;
    return hasChanges(changes) && options.settled?.get(sync.urn) !== digest(changes);
  });
  const names = due.map(({ sync }) => sync.resource);
  if (due.length === 0) return describeUnchanged(looked);
  const changes = describeAll(due);
  const counts = countChanges(due.map((look) => look.changes));
  options.onChanges?.(names, changes, counts);
  const allowances = due.map(({ sync, changes: { expected } }) => ({
    urn: sync.urn,
    recorded: sync.secrets,
    wanted: expected,
    programKeys: sync.programKeys,
    protect: sync.protect,
  }));
  let excess: readonly Excess[] = [];
  let isOutdated = false;
  const urns = due.map(({ sync }) => sync.urn);
  const expected = Object.fromEntries(due.map(({ sync }) => [sync.ownerId, digestSecrets(sync.secrets)]));
  const running = stack.runPlanned(urns, {
    judge: (plan, resources) => {
      isOutdated = !isDeepStrictEqual(readStackSyncs(resources), stackSyncs);
      if (isOutdated) return false;
      excess = findExcess(plan, allowances);
      return excess.length === 0 && plansUpdate(plan, urns);
    },
    message: "pulumi-snowflake-secrets: carry changed secrets over",
    env: {
      [expectedStateVariable]: JSON.stringify(expected),
      ...(options.isManual ? { [syncNowVariable]: due.map(({ sync }) => sync.name).join(",") } : {}),
    },
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.onNotes === undefined ? {} : { onNotes: options.onNotes }),
  });
  const result = await running.catch(async (error: unknown) => {
    if (!(await isOvertaken(stack, stackSyncs, due, error))) throw error;
    isOutdated = true;
  });
  if (isOutdated || (excess.length > 0 && (await haveSourcesChanged(stack, due))))
    return { kind: "outdated" };
  if (excess.length > 0) {
    // Half of somebody's update is in the state: what differs is not what it will end with.
    if (await stack.isUpdating()) throw createLockError(stack.stackName);
    const reasons = [...new Set(excess.map(({ reason }) => reason))];
    return { kind: "refused", syncs: names, excess: excess.map(({ text }) => text), reasons };
  }
  if (result === "declined") {
    for (const { sync, changes } of due) options.settled?.set(sync.urn, digest(changes));
    return describeUnchanged(due);
  }
  return { kind: "synced", syncs: names, changes, counts };
}

function describeUnchanged(looked: readonly Look[]): SyncVerdict {
  return {
    kind: "unchanged",
    syncs: looked.map(({ sync }) => sync.resource),
    withoutSource: looked.flatMap(({ sync }) => (sync.sources.length === 0 ? [sync.resource] : [])),
  };
}

/** Whether a run failed, before anything was changed, because the stack or the sources changed under it. */
async function isOvertaken(
  stack: StackAccess,
  stackSyncs: readonly StackSync[],
  due: readonly Look[],
  error: unknown,
): Promise<boolean> {
  if (!isProviderError(error) || error.code !== "ENGINE_FAILED") return false;
  const isSame = isDeepStrictEqual(readStackSyncs(await stack.readResources()), stackSyncs);
  return !isSame || (await haveSourcesChanged(stack, due));
}

/** Whether the sources hold something else than when they were looked at: then so did the preview. */
async function haveSourcesChanged(stack: StackAccess, due: readonly Look[]): Promise<boolean> {
  const moved = await Promise.all(
    due.map(async ({ sync, changes }) => digest(await findChanges(stack, sync)) !== digest(changes)),
  );
  return moved.includes(true);
}

function findChanges(
  { programDirectory, mayRun }: StackAccess,
  sync: StackSync,
  read?: ReadSource,
): Promise<SourceChanges> {
  return findSourceChanges(sync, { programDirectory, mayRun, env: process.env }, read);
}

function digest({ expected }: SourceChanges): string {
  return JSON.stringify(Object.entries(expected).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function describeAll(due: readonly Look[]): string {
  return due
    .map(({ sync, changes }) => {
      const text = describeChanges(changes);
      if (text !== "") return `${sync.resource}: ${text}`;
      return `${sync.resource}: ${sync.syncStatus === "failed" ? "the last sync failed" : "as asked"}`;
    })
    .join("; ");
}
