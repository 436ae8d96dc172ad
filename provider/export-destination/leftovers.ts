import type { Glue } from "../aws/glue.js";
import type { SecretsManager } from "../aws/secrets-manager.js";
import type { Messages } from "../engine/messages.js";
import type { ActiveClaim } from "./active-claim.js";
import { disconnectDestination, dropSuccessor, isSame } from "./claim-steps.js";
import { ensureNoLiveRun } from "./glue-guard.js";
import type { KnownInputs } from "./inputs.js";
import type { ClaimedDestination, ClaimRecord } from "./records.js";
import { removeStored } from "./storage.js";

/** AWS's longest recovery window, and its default. */
export const defaultRecoveryWindowInDays = 30;

/**
 * Destinations of ours in the claim that Pulumi does not know: an operation crashed before the state was written, and
 * the program has changed since. The engine will not delete them, so who comes next does.
 */
export function findLeftovers(
  record: ClaimRecord | undefined,
  ownerId: string,
  known: readonly (Pick<ClaimedDestination, "destinationId" | "generation"> | undefined)[],
): readonly ClaimedDestination[] {
  return [record?.active, record?.successor].filter(
    (entry): entry is ClaimedDestination =>
      entry !== undefined &&
      entry !== null &&
      entry.owner.id === ownerId &&
      !known.some((other) => other !== undefined && isSame(entry, other)),
  );
}

type LeftoverInputs = Pick<KnownInputs, "name" | "type" | "ownerId" | "glue" | "aws">;

/** Refuses to go on while a run uses a leftover that once worked. */
export async function guardLeftovers(
  openGlue: () => Promise<Glue>,
  claimName: string,
  inputs: LeftoverInputs,
  leftovers: readonly ClaimedDestination[],
  messages: Messages,
): Promise<void> {
  for (const { status, secretName, secretArn } of leftovers) {
    if (status === "planned") continue;
    const guarded = {
      name: inputs.name,
      jobNames: inputs.glue?.jobNames ?? [],
      secretIds: [secretName, claimName, ...(secretArn === undefined ? [] : [secretArn])],
    };
    await ensureNoLiveRun(await openGlue(), guarded, messages);
  }
}

/** Removes their secrets, but one that a later generation (`keptSecretNames`) lives in. */
export async function clearLeftovers(
  secrets: SecretsManager,
  claim: ActiveClaim,
  inputs: LeftoverInputs,
  leftovers: readonly ClaimedDestination[],
  keptSecretNames: readonly string[],
): Promise<void> {
  for (const leftover of leftovers) {
    const removed = keptSecretNames.includes(leftover.secretName)
      ? "kept"
      : await removeStored(secrets, leftover, {
          ownerId: inputs.ownerId,
          type: inputs.type,
          recoveryWindowInDays: inputs.aws?.recoveryWindowInDays ?? defaultRecoveryWindowInDays,
        });
    const deletionDate = typeof removed === "string" ? undefined : removed.deletionDate;
    await claim.change((record) => {
      const cleared = disconnectDestination(record, leftover, new Date().toISOString(), deletionDate);
      return cleared.successor !== undefined && isSame(cleared.successor, leftover)
        ? dropSuccessor(cleared)
        : cleared;
    });
  }
}
