import { createHash } from "node:crypto";
import { ProviderError } from "../core/errors.js";
import { buildPlaceHint, type EngineContext, type Place } from "./context.js";
import { createMemoryMap, type Operation } from "./operation.js";

/** What a resource carries from one operation to the next, although no argument says it. */
export interface Owner {
  readonly id: string;
  /** Undefined at first creation. */
  readonly fingerprintKey: string | undefined;
  /** The inputs of the resource that is being replaced; only in the second `check` of a replacement. */
  readonly predecessor: Readonly<Record<string, unknown>> | undefined;
}

/**
 * The owner id of a resource at its first creation: 32 hex digits that the same program in the same stack finds
 * again after a crash that left the state empty. Later it is read from the state, so that it survives renames.
 */
export function deriveOwnerId(place: Place): string {
  const parts = [place.organization, place.project, place.stack, place.type, place.name];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
}

const owners = createMemoryMap<string, Owner>();
const contexts = createMemoryMap<string, EngineContext>();

/**
 * The owner that a resource is. In a replacement the engine calls `check` a second time with empty `olds`; what the
 * first call saw is remembered by place, so that the successor keeps owner id and fingerprint key.
 *
 * Two resources of one operation may not be the same owner: seen when a resource was renamed with an alias (it keeps
 * its id) and a new one takes the old name (it derives the same id), or when two have the same name under different
 * parents.
 *
 * @throws `NOT_OURS`
 */
export function resolveOwner(
  operation: Operation,
  olds: Readonly<Record<string, unknown>>,
  context: EngineContext,
): Owner {
  const owner = findOwner(operation, olds, context);
  const other = operation.recall(contexts).get(owner.id);
  if (other !== undefined && keyOf(other) !== keyOf(context)) {
    throw new ProviderError("NOT_OURS", {
      operation: "two resources have the same owner id",
      target: `${buildPlaceHint(other.place)} and ${buildPlaceHint(context.place)}`,
      hint: "one was renamed and the other took its former name, or both have the same name under different parents: give the newer one another name.",
    });
  }
  operation.recall(contexts).set(owner.id, context);
  return owner;
}

/** Where an owner stands, and whether this is a preview: as its `check` was told. Undefined where none ran. */
export function findContext(operation: Operation, ownerId: string): EngineContext | undefined {
  return operation.recall(contexts).get(ownerId);
}

function findOwner(
  operation: Operation,
  olds: Readonly<Record<string, unknown>>,
  context: EngineContext,
): Owner {
  const known = operation.recall(owners);
  if (typeof olds.ownerId !== "string") {
    const first = { id: deriveOwnerId(context.place), fingerprintKey: undefined, predecessor: undefined };
    return known.get(keyOf(context)) ?? first;
  }
  const { ownerId: id, fingerprintKey } = olds;
  const owner = { id, fingerprintKey: typeof fingerprintKey === "string" ? fingerprintKey : undefined };
  known.set(keyOf(context), { ...owner, predecessor: olds });
  return { ...owner, predecessor: undefined };
}

function keyOf({ place, instance }: EngineContext): string {
  return JSON.stringify([place, instance]);
}
