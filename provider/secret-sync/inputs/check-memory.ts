import type { ProviderError } from "../../core/errors.js";
import type { RunKind } from "../../engine/context.js";
import { createMemoryMap, type Operation } from "../../engine/operation.js";
import type { SourceIds } from "../../sources/index.js";
import type { LastSync } from "../changes.js";
import type { SyncInputs } from "./arguments.js";

/**
 * What `check` tells the later hooks of the same operation, in memory: the engine carries only what may be seen
 * and kept.
 */
export interface CheckedSync {
  /** How messages name the sync. */
  readonly label: string;
  readonly run: RunKind;
  /** organization/project/stack/name; "" where the shell did not say. */
  readonly place: string;
  /** The `connection` argument, with which a successor's predecessor can be removed too. */
  readonly connection: unknown;
  /** Which source supplied each key. */
  readonly sourceOf: ReadonlyMap<string, string>;
  /** What `check` answered of them. */
  readonly secrets: SyncInputs["secrets"];
  /** Keys under `ignoreChanges`: what is kept of them is a fingerprint, which may have no value at hand. */
  readonly ignoredKeys: ReadonlySet<string>;
  /** What is being replaced; undefined at first creation and in an update. */
  readonly predecessor: LastSync | undefined;
  /** Why a source could not be read, where `check` carried it on; what writes fails with it. */
  readonly readFailure?: ProviderError | undefined;
  /** Ids of Infisical's, where a source has them. */
  readonly ids: SourceIds | undefined;
}

const checkedSyncs = createMemoryMap<string, CheckedSync>();
const removedSyncs = createMemoryMap<string, true>();
const removedEntries = "removed sync";

/** Notes what `check` found out, for the hooks that follow. */
export function rememberCheck(operation: Operation, ownerId: string, checked: CheckedSync): void {
  operation.recall(checkedSyncs).set(ownerId, checked);
  operation.recall(removedSyncs).delete(ownerId);
}

/** Undefined on refresh and destroy, where no `check` runs. */
export function findCheck(operation: Operation, ownerId: string): CheckedSync | undefined {
  return operation.recall(checkedSyncs).get(ownerId);
}

/** Says that a revision was deleted since the last `check`: before its successor, with `deleteBeforeReplace`. */
export function rememberRemoval(operation: Operation, ownerId: string): void {
  operation.recall(removedSyncs).set(ownerId, true);
  operation.registry.register(removedEntries, { ownerId });
}

/** Whether a live predecessor depends on this creation: a failure must then leave it alone. */
export function isReplacing(operation: Operation, ownerId: string): boolean {
  const isRemoved =
    operation.recall(removedSyncs).has(ownerId) ||
    operation.registry.find(removedEntries).some((entry) => entry.ownerId === ownerId);
  return findCheck(operation, ownerId)?.predecessor !== undefined && !isRemoved;
}
