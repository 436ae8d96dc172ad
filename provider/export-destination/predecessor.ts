import { createMemoryMap, type Operation } from "../engine/operation.js";
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

/** Owners whose resource is being replaced; where a person asked for that (`--replace`), no `diff` ran. */
const replacements = createMemoryMap<string, true>();

export function rememberReplacement(operation: Operation, ownerId: string): void {
  operation.recall(replacements).set(ownerId, true);
}

export function isReplacement(operation: Operation, ownerId: string): boolean {
  return operation.recall(replacements).has(ownerId);
}

/** Once it is deleted there is nothing left to protect. */
export function forgetPredecessor(operation: Operation, { ownerId, generation }: DestinationState): void {
  const known = operation.recall(predecessors);
  if (known.get(ownerId)?.generation === generation) known.delete(ownerId);
  operation.recall(replacements).delete(ownerId);
}
