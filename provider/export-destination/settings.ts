import type { SecretsManager } from "../aws/secrets-manager.js";
import { type Aws, withAws } from "../aws/with-aws.js";
import type { Operation } from "../engine/operation.js";
import { ensureAccount, pickAwsSettings } from "./account.js";
import type { KnownInputs } from "./inputs.js";
import { type ProvisionRequest, provision } from "./provision.js";
import type { DestinationState } from "./records.js";
import { applyDrift, findDrift } from "./refresh.js";
import { buildTags, ensureKmsKey, ensureOurs, ensureTags } from "./storage.js";

/**
 * Carries changed settings of a working destination over, in place, and repairs what somebody else changed. Tags and
 * key need no credentials; a lost value or claim is made anew, which begins with a log-in.
 *
 * @throws what `provision` does
 */
export async function applySettings(
  olds: DestinationState,
  request: ProvisionRequest,
  operation: Operation,
): Promise<DestinationState> {
  const { inputs } = request;
  const { destinationId } = olds;
  const next: DestinationState = { ...olds, ...inputs, destinationId };
  const repair = (aws: Aws) => {
    ensureAccount(aws.accountId, inputs.awsAccountId);
    return repairInPlace(olds, next, aws.secrets);
  };
  const repaired = await withAws(pickAwsSettings(inputs), repair, operation);
  if (repaired) return dropStale(applyDrift(next, []), inputs);
  operation.messages.report(
    `export destination ${inputs.name}: what was stored is gone or changed, so it is validated and stored again`,
  );
  const outcome = await provision({ ...request, previous: olds }, operation);
  if (outcome.kind !== "connected") throw outcome.error;
  return outcome.state;
}

/** False if the secret, its value or the claim has to be made anew. */
async function repairInPlace(
  olds: DestinationState,
  next: DestinationState,
  secrets: SecretsManager,
): Promise<boolean> {
  const found = await secrets.describe(next.secretArn ?? next.secretName ?? "");
  if (found === undefined || found.deletionDate !== undefined) return false;
  ensureOurs(found, { ownerId: next.ownerId, type: next.type, destinationId: next.destinationId }, [
    next.secretArn ?? "",
  ]);
  await ensureKmsKey(secrets, found, next.aws?.kmsKeyId);
  const incarnation = {
    destinationId: next.destinationId,
    generation: next.generation,
    secretName: found.name,
  };
  await ensureTags(secrets, found, buildTags(next, incarnation), Object.keys(olds.aws?.tags ?? {}));
  return (await findDrift(next, secrets)).length === 0;
}

// What is optional and was taken out of the program must not stay from the old state.
function dropStale(state: DestinationState, inputs: KnownInputs): DestinationState {
  const optional = [
    "aws",
    "glue",
    "egressIpService",
    "validation",
    "retryTrigger",
    "secretNamePrefix",
  ] as const;
  const gone = optional.filter((key) => inputs[key] === undefined);
  return Object.fromEntries(
    Object.entries(state).filter(([key]) => !gone.some((name) => name === key)),
  ) as unknown as DestinationState;
}
