import type { SecretDescription, SecretsManager } from "../aws/secrets-manager.js";
import { type Aws, withAws } from "../aws/with-aws.js";
import type { Operation } from "../engine/operation.js";
import { ensureAccount, pickAwsSettings } from "./account.js";
import { openClaim } from "./active-claim.js";
import { isSame } from "./claim-steps.js";
import { advance } from "./lifecycle.js";
import { type DestinationState, maxRemembered } from "./records.js";
import { buildTags } from "./storage.js";

/**
 * The state as AWS shows it now: a working destination whose secret was deleted, scheduled for deletion, re-tagged or
 * given another value, or whose claim was taken, is in Error with a message; the next `up` repairs it or explains.
 *
 * @throws `WRONG_ACCOUNT`, `AWS_FAILED`
 */
export async function refreshState(state: DestinationState, operation: Operation): Promise<DestinationState> {
  return state.status === "Validated" ? applyDrift(state, await lookForDrift(state, operation)) : state;
}

/** What is wrong in AWS with a working destination, as sentences; two calls. */
export function lookForDrift(state: DestinationState, operation: Operation): Promise<readonly string[]> {
  const look = (aws: Aws) => {
    ensureAccount(aws.accountId, state.awsAccountId);
    return findDrift(state, aws.secrets);
  };
  return withAws(pickAwsSettings(state), look, operation);
}

/** What is wrong in AWS, as sentences; empty if all is as we left it. */
export async function findDrift(
  state: DestinationState,
  secrets: SecretsManager,
): Promise<readonly string[]> {
  const found = await secrets.describe(state.secretArn ?? state.secretName ?? "");
  const claimDrift = await findClaimDrift(state, secrets);
  return [...describeSecretDrift(state, found), ...claimDrift];
}

function describeSecretDrift(state: DestinationState, found: SecretDescription | undefined): string[] {
  if (found === undefined) return ["the secret was deleted"];
  if (found.deletionDate !== undefined)
    return [`the secret was scheduled for deletion and goes on ${found.deletionDate}`];
  const drift: string[] = [];
  const current = Object.keys(found.versions).find((id) => found.versions[id]?.includes("AWSCURRENT"));
  if (current !== state.secretVersionId) {
    drift.push("the secret's current version is not the one that was stored: somebody changed the value");
  }
  const wanted = buildTags(
    { ...state, destinationId: state.destinationId },
    { ...state, secretName: found.name },
  );
  const changed = Object.keys(wanted).filter((tag) => found.tags[tag] !== wanted[tag]);
  if (changed.length > 0) drift.push(`the secret was re-tagged: ${changed.sort().join(", ")}`);
  return drift;
}

async function findClaimDrift(state: DestinationState, secrets: SecretsManager): Promise<string[]> {
  const claim = openClaim(secrets, state);
  const record = (await claim.read())?.record;
  if (record === undefined) return [`the claim ${claim.name} was deleted`];
  if (record.active !== null && isSame(record.active, state)) {
    const { successor } = record;
    if (successor?.owner.id === state.ownerId) {
      return [`an interrupted rotation left ${successor.destinationId}, which never became active`];
    }
    return record.active.status === "connected"
      ? []
      : [`the claim says that the destination is ${record.active.status}`];
  }
  const holder =
    record.active === null ? "nobody" : `${record.active.destinationId} of ${record.active.owner.place}`;
  return [`the claim ${claim.name} is held by ${holder}`];
}

/** The state with the drift in it, or without the one it had. */
export function applyDrift(state: DestinationState, drift: readonly string[]): DestinationState {
  const standing = advance(state, drift.length > 0 ? "lose" : "recover");
  const message = drift.join("; ");
  const { errorMessage: _message, errorCode: _code, ...kept } = state;
  const isNews =
    standing.integrationStatus !== state.integrationStatus ||
    (drift.length > 0 && message !== state.errorMessage);
  if (!isNews) return state;
  const change = {
    ...standing,
    destinationId: state.destinationId,
    at: new Date().toISOString(),
    ...(message === "" ? {} : { message }),
  };
  return {
    ...kept,
    ...standing,
    ...(message === "" ? {} : { errorMessage: message }),
    statusHistory: [...state.statusHistory, change].slice(-maxRemembered * 3),
  };
}
