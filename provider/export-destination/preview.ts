import { withAwsClients } from "../aws/clients.js";
import { openSecretsManager } from "../aws/secrets-manager.js";
import { isProviderError, toProviderError } from "../core/errors.js";
import type { Operation } from "../engine/operation.js";
import { isKnown } from "../engine/unknown.js";
import { openClaim } from "./active-claim.js";
import type { DestinationInputs, KnownInputs } from "./inputs.js";
import { planIdentity, sharesClaim } from "./next-identity.js";
import { findPredecessor } from "./predecessor.js";
import { formerSecretArns, refuseOtherHolder } from "./provision.js";
import type { DestinationState } from "./records.js";
import { lookForDrift } from "./refresh.js";
import { isSameAttempt, refuseKnownFailure } from "./rejection.js";
import { inspectName } from "./storage.js";

/**
 * Tells in a preview what AWS holds against what `up` would do. It reads only; what cannot be read is told, too. Only
 * `up` fails.
 *
 * @param state undefined for a creation, in a replacement too
 */
export async function lookAhead(
  inputs: DestinationInputs,
  state: DestinationState | undefined,
  operation: Operation,
): Promise<void> {
  const { warn } = operation.messages;
  if (inputs.notReadable !== undefined) {
    warn(`AWS cannot be asked from here, and up will fail where it cannot: ${inputs.notReadable.AWS}`);
  } else if (state?.status === "Validated") {
    await foreseeRepair(state, operation);
  } else if (state?.status === "Failed" && isSameAttempt(state, inputs)) {
    warn(
      `export destination ${state.name} is Failed, and up will not log in again with the same credentials`,
    );
  } else if (state === undefined && isKnown(inputs)) {
    await foresee(inputs, operation);
  }
}

async function foreseeRepair(state: DestinationState, operation: Operation): Promise<void> {
  const { warn } = operation.messages;
  try {
    const drift = await lookForDrift(state);
    if (drift.length > 0) warn(`export destination ${state.name}: ${drift.join("; ")}; up repairs it`);
  } catch (error) {
    if (!isProviderError(error)) throw error;
    warn(`export destination ${state.name}: AWS was not looked at: ${error.message}`);
  }
}

async function foresee(inputs: KnownInputs, operation: Operation): Promise<void> {
  const predecessor = findPredecessor(operation, inputs.ownerId);
  try {
    await withAwsClients({ ...inputs.aws, region: inputs.awsRegion }, async (clients) => {
      const secrets = await openSecretsManager(clients.secretsManager);
      const record = (await openClaim(secrets, inputs).read())?.record;
      if (record !== undefined) refuseOtherHolder(inputs, record);
      const home = predecessor !== undefined && sharesClaim(predecessor, inputs) ? predecessor : undefined;
      if (predecessor !== undefined) {
        await refuseKnownFailure(inputs, record, home === undefined ? predecessor : undefined);
      }
      const identity = planIdentity(inputs, record, undefined, home);
      await inspectName(secrets, inputs, identity, formerSecretArns(record));
    });
  } catch (thrown) {
    const error = toProviderError(thrown, "look ahead");
    const what =
      error.code === "AWS_FAILED" ? "what up will find in AWS is not known" : "up will fail as things stand";
    operation.messages.warn(`export destination ${inputs.name}: ${what}: ${error.message}`);
  }
}
