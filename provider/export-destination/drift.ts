import type { SecretDescription, SecretsManager } from "../aws/secrets-manager.js";
import { isProviderError } from "../core/errors.js";
import type { Operation } from "../engine/operation.js";
import { type DestinationLocation, withDestinationAws } from "./account.js";
import { type ClaimSnapshot, holderLabel, openClaim } from "./claim/claim.js";
import { isSame } from "./claim/transitions.js";
import { findCopy, findRecordedOrphans } from "./plan.js";
import { buildTags } from "./secret/tags.js";
import type { DestinationState } from "./state.js";

/** Something in AWS that is not as we left it. */
export interface Drift {
  /** As a sentence without its end. */
  readonly text: string;
  /** `in place` needs no credentials; `anew` begins with a log-in; after `restore` AWS is looked at again. */
  readonly repair: "in place" | "anew" | "restore";
}

/**
 * What is wrong in AWS with a working destination; two calls.
 *
 * @param location with the settings that lead there now, where these are not the state's
 * @throws `WRONG_ACCOUNT`, `AWS_FAILED`
 */
export function lookForDrift(
  state: DestinationState,
  operation: Operation,
  location: DestinationLocation = state,
): Promise<readonly Drift[]> {
  return withDestinationAws(location, ({ secrets }) => findDrift(state, secrets), operation);
}

async function findDrift(state: DestinationState, secrets: SecretsManager): Promise<readonly Drift[]> {
  const found = await secrets.describe(state.secretArn ?? state.secretName ?? "");
  const claimDrift = await findClaimDrift(state, secrets);
  return [...describeSecretDrift(state, found), ...claimDrift];
}

function describeSecretDrift(state: DestinationState, found: SecretDescription | undefined): Drift[] {
  if (found === undefined) return [anew("the secret was deleted")];
  if (found.deletionDate !== undefined)
    return [anew(`the secret was scheduled for deletion and goes on ${found.deletionDate}`)];
  const drift: Drift[] = [];
  const current = Object.keys(found.versions).find((id) => found.versions[id]?.includes("AWSCURRENT"));
  if (current !== state.secretVersionId) {
    drift.push(
      anew("the secret's current version is not the one that was stored: somebody changed the value"),
    );
  }
  const wanted = buildTags(
    { ...state, destinationId: state.destinationId },
    { ...state, secretName: found.name },
  );
  const changed = Object.keys(wanted).filter((tag) => found.tags[tag] !== wanted[tag]);
  if (changed.length > 0) drift.push(inPlace(`the secret was re-tagged: ${changed.sort().join(", ")}`));
  return drift;
}

async function findClaimDrift(state: DestinationState, secrets: SecretsManager): Promise<Drift[]> {
  const claim = openClaim(secrets, state);
  let found: ClaimSnapshot | undefined;
  try {
    found = await claim.read();
  } catch (error) {
    if (!isProviderError(error) || error.details.isRestorable !== true) throw error;
    return [{ text: `${error.operation}: ${claim.name}`, repair: "restore" }];
  }
  if (found === undefined) return [anew(`the claim ${claim.name} was deleted`)];
  const { active, successor } = found.record;
  if (active === null || !isSame(active, state)) {
    const holder = active === null ? "nobody" : `${active.destinationId} of ${active.owner.place}`;
    const how = findCopy(found.record, state) === undefined ? "" : ", which a copy of this state made";
    return [anew(`the claim ${claim.name} is held by ${holder}${how}`)];
  }
  if (successor?.owner.id === state.ownerId) {
    return [anew(`an interrupted rotation left ${successor.destinationId}, which never became active`)];
  }
  const [orphan] = findRecordedOrphans(found.record, state.ownerId);
  if (orphan !== undefined) {
    return [anew(`an interrupted deployment left ${orphan.destinationId}, whose secret is to be removed`)];
  }
  if (active.status !== "connected") {
    return [anew(`the claim says that the destination is ${active.status}`)];
  }
  if (active.secretArn !== state.secretArn) {
    return [anew(`the claim ${claim.name} names another secret than the one that is stored`)];
  }
  if (found.isCurrent) return [];
  return [
    inPlace(
      `the current version of the claim ${claim.name} is somebody else's; who reads it without version stage ${holderLabel} gets that one`,
    ),
  ];
}

const anew = (text: string): Drift => ({ text, repair: "anew" });
const inPlace = (text: string): Drift => ({ text, repair: "in place" });

/** All of it in one line. */
export function describeDrift(drift: readonly Drift[]): string {
  return drift.map(({ text }) => text).join("; ");
}
