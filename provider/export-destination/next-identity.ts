import { isSame } from "./claim-steps.js";
import type { KnownInputs } from "./inputs.js";
import { buildClaimName, buildSecretName, deriveDestinationId } from "./names.js";
import type { ClaimRecord, DestinationState } from "./records.js";
import type { StoredIdentity } from "./storage.js";

/** Whether the predecessor stands in the very claim that these inputs lead to. */
export function sharesClaim(predecessor: DestinationState, inputs: KnownInputs): boolean {
  return (
    predecessor.claimName === buildClaimName(inputs) &&
    predecessor.awsAccountId === inputs.awsAccountId &&
    predecessor.awsRegion === inputs.awsRegion &&
    predecessor.aws?.endpoint === inputs.aws?.endpoint
  );
}

/**
 * Which id and generation an operation works on: one that an earlier run of it planned, else the next.
 *
 * @param home the predecessor, if it stands in this claim
 */
export function planIdentity(
  inputs: KnownInputs,
  record: ClaimRecord | undefined,
  previous: DestinationState | undefined,
  home: DestinationState | undefined,
): StoredIdentity {
  // A working one that is repaired in place stays who it is, whatever a crashed operation has put into the claim.
  if (previous?.status === "Validated" && previous.secretName !== undefined) {
    const { destinationId, generation, secretName } = previous;
    return { destinationId, generation, secretName };
  }
  for (const candidate of [record?.successor, record?.active ?? undefined]) {
    if (candidate === undefined || candidate.owner.id !== inputs.ownerId) continue;
    const isPredecessor = home !== undefined && isSame(candidate, home);
    const isStray = candidate === record?.successor && home === undefined && previous === undefined;
    const fitsId = inputs.destinationId === undefined || inputs.destinationId === candidate.destinationId;
    const fitsName = buildSecretName(inputs, inputs.name, candidate.destinationId) === candidate.secretName;
    if (isPredecessor || isStray || !fitsId || !fitsName) continue;
    const { destinationId, generation, secretName } = candidate;
    return { destinationId, generation, secretName };
  }
  const before = previous?.claimName === buildClaimName(inputs) ? previous.generation : 0;
  const generation = Math.max(record?.generation ?? 0, before, home?.generation ?? 0) + 1;
  const destinationId = inputs.destinationId ?? deriveDestinationId(inputs.ownerId, inputs, generation);
  return { destinationId, generation, secretName: buildSecretName(inputs, inputs.name, destinationId) };
}
