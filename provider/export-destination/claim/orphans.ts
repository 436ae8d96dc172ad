import type { SecretsManager } from "../../aws/secrets-manager.js";
import type { Aws } from "../../aws/with-aws.js";
import type { Messages } from "../../engine/messages.js";
import { ensureNoLiveRun } from "../glue-guard.js";
import type { KnownInputs } from "../inputs/arguments.js";
import { buildGuarded } from "../plan.js";
import { removeStored } from "../secret/storage.js";
import type { DestinationState } from "../state.js";
import type { ActiveClaim } from "./claim.js";
import type { ClaimedDestination } from "./record.js";
import { disconnectDestination } from "./transitions.js";

/** AWS's longest recovery window, and its default. */
export const defaultRecoveryWindowInDays = 30;

/** Refuses to go on while a run uses an orphan that once worked. */
export async function guardOrphans(
  aws: Aws,
  destination: Pick<DestinationState, "name" | "glue" | "claimName">,
  orphans: readonly ClaimedDestination[],
  messages: Messages,
): Promise<void> {
  for (const orphan of orphans) {
    if (orphan.status === "planned") continue;
    await ensureNoLiveRun(await aws.glue(), buildGuarded(orphan, destination), messages);
  }
}

/** Removes their secrets, but one that a later revision (`keptSecretNames`) lives in. */
export async function clearOrphans(
  secrets: SecretsManager,
  claim: ActiveClaim,
  { ownerId, type, aws }: Pick<KnownInputs, "ownerId" | "type" | "aws">,
  orphans: readonly ClaimedDestination[],
  keptSecretNames: readonly string[],
): Promise<void> {
  const recoveryWindowInDays = aws?.recoveryWindowInDays ?? defaultRecoveryWindowInDays;
  for (const orphan of orphans) {
    const removed = keptSecretNames.includes(orphan.secretName)
      ? "kept"
      : await removeStored(secrets, orphan, { ownerId, type, recoveryWindowInDays });
    const deletionDate = typeof removed === "string" ? undefined : removed.deletionDate;
    await claim.change((record) =>
      disconnectDestination(record, orphan, new Date().toISOString(), deletionDate),
    );
  }
}
