import { createHash } from "node:crypto";
import { ProviderError } from "../core/errors.js";
import { buildPlaceHint, describePlace, type EngineContext, type Place } from "./context.js";
import { createMemoryMap, type Operation } from "./operation.js";

/** What a resource carries from one operation to the next, although no argument says it. */
export interface ResourceIdentity {
  readonly id: string;
  /** Undefined at first creation. */
  readonly fingerprintKey: string | undefined;
  /** The inputs of the resource that is being replaced; only in the second `check` of a replacement. */
  readonly predecessor: Readonly<Record<string, unknown>> | undefined;
}

/**
 * The owner id of a resource at its first creation: 32 hex digits that the same program in the same stack finds
 * again after a crash that left the state empty. It covers what makes a URN unique within a stack, so two live resources
 * of one program have two. Later it is read from the state, so that it survives renames.
 */
export function deriveOwnerId(place: Place): string {
  const { organization, project, stack, parentTypes, type, name } = place;
  const parts = [organization, project, stack, parentTypes, type, name];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
}

/**
 * How long what a creation that was cut off has written counts as its own where the state is empty. Later it is more
 * likely a live resource's that derives the same owner id: in another backend, or in a stack that was renamed.
 */
export const resumableHours = 24;

/** Whether something that was made then, in epoch milliseconds, is young enough; what has no time is not. */
export function isResumable(madeAt: number | undefined, now: number): boolean {
  return now - (madeAt ?? Number.NaN) <= resumableHours * 60 * 60 * 1_000;
}

const identities = createMemoryMap<string, ResourceIdentity>();
const contexts = createMemoryMap<string, EngineContext>();
const identityEntries = "identity";

/**
 * The identity of a resource. In a replacement the engine calls `check` a second time with empty `olds`; what the
 * first call saw is remembered by place, so that the successor keeps owner id and fingerprint key.
 *
 * Two resources of one run may not have the same owner id, whichever processes serve them: seen when a resource was
 * renamed with an alias (it keeps its id) and a new one takes the old name (it derives the same id).
 *
 * @throws `NOT_OURS`
 */
export function resolveIdentity(
  operation: Operation,
  olds: Readonly<Record<string, unknown>>,
  context: EngineContext,
): ResourceIdentity {
  const identity = findIdentity(operation, olds, context);
  const place = describePlace(context.place);
  const own = { ownerId: identity.id, key: keyOf(context), place };
  const known = operation.recall(contexts).get(identity.id);
  // Before the look: of two processes at once at least the second finds the other.
  if (known === undefined) operation.registry.register(identityEntries, own);
  const entries = [
    ...(known === undefined
      ? []
      : [{ ownerId: identity.id, key: keyOf(known), place: describePlace(known.place) }]),
    ...operation.registry.find(identityEntries),
  ];
  const other = entries.find(({ ownerId, key }) => ownerId === own.ownerId && key !== own.key);
  if (other !== undefined) {
    throw new ProviderError("NOT_OURS", {
      operation: "two resources have the same owner id",
      target: `${other.place} and ${place}`,
      hint: "give the newer resource another name. The older one had this name before.",
    });
  }
  operation.recall(contexts).set(identity.id, context);
  return identity;
}

/** Where a resource stands, and whether this is a preview: as its `check` was told. Undefined where none ran. */
export function findContext(operation: Operation, ownerId: string): EngineContext | undefined {
  return operation.recall(contexts).get(ownerId);
}

/** The same place as `buildPlaceHint` writes it; "" where no `check` ran. */
export function findPlaceHint(operation: Operation, ownerId: string): string {
  const context = findContext(operation, ownerId);
  return context === undefined ? "" : buildPlaceHint(context.place);
}

function findIdentity(
  operation: Operation,
  olds: Readonly<Record<string, unknown>>,
  context: EngineContext,
): ResourceIdentity {
  const known = operation.recall(identities);
  if (typeof olds.ownerId !== "string") {
    const first = { id: deriveOwnerId(context.place), fingerprintKey: undefined, predecessor: undefined };
    return known.get(keyOf(context)) ?? first;
  }
  const { ownerId: id, fingerprintKey } = olds;
  const identity = { id, fingerprintKey: typeof fingerprintKey === "string" ? fingerprintKey : undefined };
  known.set(keyOf(context), { ...identity, predecessor: olds });
  return { ...identity, predecessor: undefined };
}

function keyOf({ place, urn }: EngineContext): string {
  return JSON.stringify([place, urn]);
}
