import { createMemoryMap, type Operation } from "../engine/operation.js";
import { isSame } from "./claim-steps.js";
import { sharesClaim } from "./plan.js";
import type { DestinationState } from "./state.js";

/**
 * The destinations that a replacement would leave behind. `create` gets no old state, so whatever it must know of its
 * predecessor waits here.
 */
const predecessors = createMemoryMap<string, DestinationState>();

/** Remembers a destination that has something to lose, before a replacement is made for it. */
export function rememberPredecessor(operation: Operation, state: DestinationState): void {
  operation.recall(predecessors).set(state.ownerId, state);
}

export function findPredecessor(operation: Operation, ownerId: string): DestinationState | undefined {
  return operation.recall(predecessors).get(ownerId);
}

/** Owners whose resource is being replaced; where the program asks for that (`replaceWith`), no `diff` runs. */
const replacements = createMemoryMap<string, true>();

export function rememberReplacement(operation: Operation, ownerId: string): void {
  operation.recall(replacements).set(ownerId, true);
}

export function isReplacement(operation: Operation, ownerId: string): boolean {
  return operation.recall(replacements).has(ownerId);
}

/** The destinations that stay: made in this operation, or found with nothing to replace. */
const staying = createMemoryMap<string, DestinationState>();

export function rememberStaying(operation: Operation, state: DestinationState): void {
  operation.recall(staying).set(state.ownerId, state);
}

/**
 * Whether what is to be deleted is the very destination that stays. Under `--replace` the engine calls `create` as for
 * a first creation; that takes up what the claim has of this owner, and then the old state is deleted.
 */
export function isStaying(operation: Operation, state: DestinationState): boolean {
  const found = operation.recall(staying).get(state.ownerId);
  // In another account or region the same owner may have come to the same id.
  return found !== undefined && isSame(found, state) && sharesClaim(found, state);
}

/** Once it is deleted there is nothing left to protect. */
export function forgetPredecessor(operation: Operation, { ownerId, generation }: DestinationState): void {
  const known = operation.recall(predecessors);
  if (known.get(ownerId)?.generation === generation) known.delete(ownerId);
  operation.recall(replacements).delete(ownerId);
}
