import { createMemoryMap, type Operation } from "../../engine/operation.js";
import { findContext } from "../../engine/ownership.js";
import type { RunEntry } from "../../engine/run-registry.js";
import type { DestinationState } from "../state.js";

/**
 * The destinations that a replacement would leave behind. `create` gets no old state, so whatever it must know of its
 * predecessor waits here.
 */
const predecessors = createMemoryMap<string, DestinationState>();

/** Remembers a destination that has something to lose, before a replacement is made for it. */
export function rememberPredecessor(operation: Operation, state: DestinationState): void {
  operation.recall(predecessors).set(state.ownerId, state);
}

/** The working destination that a new one of this owner is to replace. */
export function findPredecessor(operation: Operation, ownerId: string): DestinationState | undefined {
  const found = operation.recall(predecessors).get(ownerId);
  return found !== undefined && wasRemovedElsewhere(operation, ownerId, found.revision) ? undefined : found;
}

/** Owners whose resource is being replaced; where the program asks for that (`replaceWith`), no `diff` runs. */
const replacements = createMemoryMap<string, true>();

/** Notes that the engine creates in place of something. */
export function rememberReplacement(operation: Operation, ownerId: string): void {
  operation.recall(replacements).set(ownerId, true);
}

/** Whether the engine creates in place of something. */
export function isReplacement(operation: Operation, ownerId: string): boolean {
  return operation.recall(replacements).has(ownerId) && !wasRemovedElsewhere(operation, ownerId);
}

// What another process of the run has to know, which removes what this one replaces, and the other way round.
const checkedEntries = "checked destination";
const retainedEntries = "retained destination";
const removedEntries = "removed destination";

/** Says that the program has a destination of this owner. */
export function rememberChecked(operation: Operation, ownerId: string): void {
  operation.registry.register(checkedEntries, { ownerId });
}

/** Whether the program has a destination of this owner: what is deleted then is replaced. In a destroy it has none. */
export function isChecked(operation: Operation, ownerId: string): boolean {
  if (findContext(operation, ownerId) !== undefined) return true;
  return operation.registry.find(checkedEntries).some((entry) => entry.ownerId === ownerId);
}

/** The destinations that stay, by owner: made in this operation, or found with nothing to replace. */
const retained = createMemoryMap<string, RunEntry>();

/** Notes a destination that stays, so that a late deletion of it is not carried out. */
export function rememberRetained(operation: Operation, state: DestinationState): void {
  const secretRevision = describeRevision(state);
  operation.recall(retained).set(state.ownerId, secretRevision);
  operation.registry.register(retainedEntries, secretRevision);
}

/**
 * Whether what is to be deleted is the very destination that stays. Under `--replace`, and where a destination moves
 * to another host without an alias, the engine calls `create` as for a first creation; that takes up what the claim has
 * of this owner, and then the old state is deleted.
 */
export function isRetained(operation: Operation, state: DestinationState): boolean {
  const own = operation.recall(retained).get(state.ownerId);
  const wanted = describeRevision(state);
  return [...(own === undefined ? [] : [own]), ...operation.registry.find(retainedEntries)].some((found) =>
    Object.entries(wanted).every(([name, value]) => found[name] === value),
  );
}

// Which destinations a state holds: of several with one place in Pulumi each is deleted by a call of its own.
const heldEntries = "held destination";
const held = createMemoryMap<string, true>();

/** Says that the state holds a destination, as who makes or deletes it knows. */
export function rememberHeld(operation: Operation, state: DestinationState): void {
  const secretRevision = describeRevision(state);
  operation.recall(held).set(JSON.stringify(secretRevision), true);
  operation.registry.register(heldEntries, secretRevision);
}

/** Whether this run has seen that the state holds another destination in the claim of `state`. */
export function isHeld(
  operation: Operation,
  state: DestinationState,
  { destinationId, revision }: Pick<DestinationState, "destinationId" | "revision">,
): boolean {
  const key = JSON.stringify(describeRevision({ ...state, destinationId, revision }));
  if (operation.recall(held).has(key)) return true;
  return operation.registry.find(heldEntries).some((entry) => JSON.stringify(entry) === key);
}

/** Whether this run has made, or found, another destination of this owner than the one that is deleted now. */
export function hasSuccessor(operation: Operation, { ownerId }: DestinationState): boolean {
  if (operation.recall(retained).has(ownerId)) return true;
  return operation.registry.find(retainedEntries).some((entry) => entry.ownerId === ownerId);
}

/** In another account or region the same owner may have come to the same id. */
function describeRevision(state: DestinationState): RunEntry {
  const { ownerId, destinationId, revision, claimName, awsAccountId, awsRegion, aws } = state;
  const endpoint = aws?.endpoint ?? "";
  return { ownerId, destinationId, revision, claimName, awsAccountId, awsRegion, endpoint };
}

/** Once it is deleted there is nothing left to protect. */
export function forgetPredecessor(operation: Operation, { ownerId, revision }: DestinationState): void {
  const known = operation.recall(predecessors);
  if (known.get(ownerId)?.revision === revision) known.delete(ownerId);
  operation.recall(replacements).delete(ownerId);
  operation.registry.register(removedEntries, { ownerId, revision });
}

function wasRemovedElsewhere(operation: Operation, ownerId: string, revision?: number): boolean {
  return operation.registry
    .find(removedEntries)
    .some((entry) => entry.ownerId === ownerId && (revision === undefined || entry.revision === revision));
}
