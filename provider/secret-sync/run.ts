import type { EngineContext } from "../engine.js";
import { createOperationMap } from "../operation.js";
import { deriveOwnerId } from "../ownership.js";
import type { SourceIds } from "../sources/index.js";
import type { LastSync } from "./decide.js";

/**
 * What `check` tells the later hooks of the same operation, in memory: the engine carries only what may be seen
 * and kept.
 */
export interface Run {
  readonly preview: boolean;
  /** organization/project/stack/name; "" where the shell did not say. */
  readonly place: string;
  /** Which source supplied each key. */
  readonly sourceOf: ReadonlyMap<string, string>;
  /** Keys under `ignoreChanges`: what is kept of them is a fingerprint, which may have no value at hand. */
  readonly ignoredKeys: ReadonlySet<string>;
  /** What is being replaced; undefined at first creation and in an update. */
  readonly predecessor: LastSync | undefined;
  /** Ids of Infisical's, where a source has them. */
  readonly ids: SourceIds | undefined;
}

const runs = createOperationMap<string, Run>();
const removed = createOperationMap<string, true>();

export function rememberRun(ownerId: string, run: Run): void {
  runs.set(ownerId, run);
  removed.delete(ownerId);
}

/** Undefined on refresh and destroy, where no `check` runs. */
export function findRun(ownerId: string): Run | undefined {
  return runs.get(ownerId);
}

/** Says that an incarnation was deleted since the last `check`: before its successor, with `deleteBeforeReplace`. */
export function rememberRemoval(ownerId: string): void {
  removed.set(ownerId, true);
}

/** Whether a live predecessor depends on this creation: a failure must then leave it alone. */
export function isReplacing(ownerId: string): boolean {
  return findRun(ownerId)?.predecessor !== undefined && !removed.has(ownerId);
}

/** What a resource carries from one operation to the next, although no argument says it. */
export interface Identity {
  readonly ownerId: string;
  /** Undefined at first creation. */
  readonly fingerprintKey: string | undefined;
  /** Present in the second `check` of a replacement. */
  readonly predecessor: LastSync | undefined;
}

const predecessors = createOperationMap<string, Identity>();

/**
 * The identity of a resource. In a replacement the engine calls `check` a second time with empty `olds`; what the
 * first call saw is remembered by place, so that the successor keeps owner id and fingerprint key.
 */
export function resolveIdentity(
  olds: Readonly<Record<string, unknown>>,
  { place, instance }: EngineContext,
): Identity {
  const key = JSON.stringify([place, instance]);
  if (typeof olds.ownerId !== "string") {
    return (
      predecessors.get(key) ?? {
        ownerId: deriveOwnerId(place),
        fingerprintKey: undefined,
        predecessor: undefined,
      }
    );
  }
  const identity = {
    ownerId: olds.ownerId,
    fingerprintKey: typeof olds.fingerprintKey === "string" ? olds.fingerprintKey : undefined,
  };
  predecessors.set(key, { ...identity, predecessor: { syncTrigger: olds.syncTrigger } });
  return { ...identity, predecessor: undefined };
}
