import type { SecretDescription, SecretsManager } from "../aws/secrets-manager.js";
import { isProviderError } from "../core/errors.js";
import { isSameStack } from "../engine/context.js";
import type { Operation } from "../engine/operation.js";
import { findPlaceHint } from "../engine/ownership.js";
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
  /** `in place` needs no credentials; `provision` begins with a log-in; after `restore` AWS is looked at again. */
  readonly repair: "in place" | "provision" | "restore";
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
  const here = findPlaceHint(operation, state.ownerId);
  return withDestinationAws(location, ({ secrets }) => findDrift(state, secrets, here), operation);
}

async function findDrift(
  state: DestinationState,
  secrets: SecretsManager,
  here: string,
): Promise<readonly Drift[]> {
  const found = await secrets.describe(state.secretArn ?? state.secretName ?? "");
  const claimDrift = await findClaimDrift(state, secrets, here);
  return [...describeSecretDrift(state, found), ...claimDrift];
}

function describeSecretDrift(state: DestinationState, found: SecretDescription | undefined): Drift[] {
  if (found === undefined) return [provisionAgain("the secret was deleted")];
  if (found.deletionDate !== undefined)
    return [provisionAgain(`the secret was scheduled for deletion and goes on ${found.deletionDate}`)];
  const drift: Drift[] = [];
  const current = Object.keys(found.versions).find((id) => found.versions[id]?.includes("AWSCURRENT"));
  if (current !== state.secretVersionId) {
    drift.push(
      provisionAgain(
        "the secret's current version is not the one that was stored: somebody changed the value",
      ),
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

async function findClaimDrift(
  state: DestinationState,
  secrets: SecretsManager,
  here: string,
): Promise<Drift[]> {
  const claim = openClaim(secrets, state);
  let found: ClaimSnapshot | undefined;
  try {
    found = await claim.read();
  } catch (error) {
    if (!isProviderError(error) || error.details.isRestorable !== true) throw error;
    return [{ text: `${error.operation}: ${claim.name}`, repair: "restore" }];
  }
  if (found === undefined) return [provisionAgain(`the claim ${claim.name} was deleted`)];
  const { active, successor } = found.record;
  const isCopied = findCopy(found.record, state, here) !== undefined;
  if (active === null || !isSame(active, state) || isCopied) {
    const holder = active === null ? "nobody" : `${active.destinationId} of ${active.owner.place}`;
    const how = isCopied ? ", which has a copy of this state" : "";
    return [provisionAgain(`the claim ${claim.name} is held by ${holder}${how}`)];
  }
  if (successor?.owner.id === state.ownerId) {
    return [
      provisionAgain(`an interrupted rotation left ${successor.destinationId}, which never became active`),
    ];
  }
  const [orphan] = findRecordedOrphans(found.record, state.ownerId);
  if (orphan !== undefined) {
    return [
      provisionAgain(`an interrupted deployment left ${orphan.destinationId}, whose secret is to be removed`),
    ];
  }
  if (active.status !== "connected") {
    return [provisionAgain(`the claim says that the destination is ${active.status}`)];
  }
  if (active.secretArn !== state.secretArn) {
    return [provisionAgain(`the claim ${claim.name} names another secret than the one that is stored`)];
  }
  if (here !== "" && !isSameStack(active.owner.place, here)) {
    return [
      inPlace(
        `the claim ${claim.name} names ${active.owner.place}, as after a rename of the stack. If this state is a copy, do not run pulumi up`,
      ),
    ];
  }
  if (found.isCurrent) return [];
  return [
    inPlace(
      `the current version of the claim ${claim.name} is somebody else's; who reads it without version stage ${holderLabel} gets that one`,
    ),
  ];
}

const provisionAgain = (text: string): Drift => ({ text, repair: "provision" });
const inPlace = (text: string): Drift => ({ text, repair: "in place" });

/** All of it in one line. */
export function describeDrift(drift: readonly Drift[]): string {
  return drift.map(({ text }) => text).join("; ");
}
