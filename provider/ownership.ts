import { createHash } from "node:crypto";
import { ProviderError } from "./core/errors.js";
import { createOperationMap } from "./operation.js";

/** Where a resource stands in Pulumi; the shell in `sdk/` sends it with every operation. */
export interface Place {
  readonly organization: string;
  readonly project: string;
  readonly stack: string;
  readonly type: string;
  readonly name: string;
}

/** The hint for people beside an owner id: `organization/project/stack/name`. */
export function buildPlaceHint(place: Place): string {
  return [place.organization, place.project, place.stack, place.name].join("/");
}

/**
 * The owner id of a resource at its first creation: 32 hex digits that the same program in the same stack finds
 * again after a crash that left the state empty. Later it is read from the state, so that it survives renames.
 */
export function deriveOwnerId(place: Place): string {
  const parts = [place.organization, place.project, place.stack, place.type, place.name];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
}

const claimedBy = createOperationMap<string, { hint: string; instance: number | undefined }>();

/**
 * Refuses that two resources of one operation act under one owner id: seen when a resource was renamed with an
 * alias (it keeps its id) and a new one takes the old name (it derives the same id), or when two resources have the
 * same name under different parents. `instance` tells the latter apart.
 */
export function claimOwnerId(ownerId: string, place: Place, instance?: number): void {
  const hint = buildPlaceHint(place);
  const other = claimedBy.get(ownerId);
  if (other !== undefined && (other.hint !== hint || other.instance !== instance)) {
    throw new ProviderError("NOT_OURS", {
      operation: "two resources have the same owner id",
      target: `${other.hint} and ${hint}`,
      hint: "one was renamed and the other took its former name, or both have the same name under different parents: give the newer one another name.",
    });
  }
  claimedBy.set(ownerId, { hint, instance });
}
