import type { Aws } from "../aws/with-aws.js";
import type { Operation } from "../engine/operation.js";
import { type DestinationLocation, withDestinationAws } from "./account.js";
import { openClaim } from "./claim/claim.js";
import { moveActive } from "./claim/transitions.js";
import { type Drift, describeDrift, lookForDrift } from "./drift.js";
import { warnOfMissingJobs } from "./glue-guard.js";
import { findProvenArn } from "./plan.js";
import { type ProvisionRequest, provision } from "./provision.js";
import { applyDrift } from "./refresh.js";
import { ensureKmsKey, ensureOurs } from "./secret/storage.js";
import { buildTags, ensureTags } from "./secret/tags.js";
import { type DestinationState, withInputs } from "./state.js";

/**
 * Carries changed settings of a working destination over, in place, and repairs what somebody else changed. Tags, key
 * and the claim's labels need no credentials; a lost value or claim is recreated, which begins with a log-in.
 *
 * @throws what `provision` does
 */
export async function repairDestination(
  before: DestinationState,
  request: ProvisionRequest,
  operation: Operation,
): Promise<DestinationState> {
  const { inputs } = request;
  const { report } = operation.messages;
  const drift = await lookRestored(before, inputs, operation);
  if (drift.some(({ repair }) => repair === "provision")) {
    report(`export destination ${inputs.name}: ${describeDrift(drift)}; it is validated and stored again`);
    const outcome = await provision({ ...request, previous: before }, operation);
    if (outcome.kind !== "connected") throw outcome.error;
    return outcome.state;
  }
  const place = request.placeHint || before.place;
  const next = { ...withInputs(before, inputs), place };
  const repair = async (aws: Aws) => {
    const { name, glue: watched } = inputs;
    await warnOfMissingJobs(aws.glue, { name, watched }, operation.messages, before.glue);
    await settle(before, next, aws);
    if (drift.length > 0) await openClaim(aws.secrets, next).change((record) => moveActive(record, place));
  };
  await withDestinationAws(inputs, repair, operation);
  const left = await lookForDrift(next, operation);
  const what = left.length > 0 ? "not all of it could be set right" : "set right";
  if (drift.length > 0) report(`export destination ${inputs.name}: ${describeDrift(drift)}; ${what}`);
  return applyDrift(next, left);
}

/** What is wrong, after a claim whose deletion somebody scheduled was restored: until then it cannot be read. */
async function lookRestored(
  before: DestinationState,
  location: DestinationLocation,
  operation: Operation,
): Promise<readonly Drift[]> {
  const drift = await lookForDrift(before, operation, location);
  const isHidden = drift.some(({ repair }) => repair === "restore");
  if (!isHidden) return drift;
  await withDestinationAws(
    location,
    ({ secrets }) => openClaim(secrets, before).readRestored(operation.messages),
    operation,
  );
  return lookForDrift(before, operation, location);
}

async function settle(before: DestinationState, next: DestinationState, { secrets }: Aws): Promise<void> {
  const { destinationId, revision, ownerId, type, secretArn = "" } = next;
  const found = await secrets.describe(secretArn);
  // Gone since the look, which the next look tells.
  if (found === undefined) return;
  const record = (await openClaim(secrets, next).read())?.record;
  const formerSecretArns = [secretArn];
  ensureOurs(
    found,
    { ownerId, type, destinationId },
    { formerSecretArns, provenArn: findProvenArn(record, next) },
  );
  await ensureKmsKey(secrets, found, next.aws?.kmsKeyId);
  const tags = buildTags(next, { destinationId, revision, secretName: found.name });
  await ensureTags(secrets, found, tags, Object.keys(before.aws?.tags ?? {}));
}
