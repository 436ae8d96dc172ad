import type { Aws } from "../aws/with-aws.js";
import { ProviderError } from "../core/errors.js";
import type { Operation } from "../engine/operation.js";
import { findPlaceHint } from "../engine/ownership.js";
import { withDestinationAws } from "./account.js";
import { type ActiveClaim, buildCopied, openClaim } from "./claim/claim.js";
import { clearOrphans, defaultRecoveryWindowInDays, guardOrphans } from "./claim/orphans.js";
import type { ClaimedDestination, ClaimRecord } from "./claim/record.js";
import { disconnectDestination, isSame, markDisconnecting, markHeld } from "./claim/transitions.js";
import { ensureNoLiveRun } from "./glue-guard.js";
import { hasSuccessor, isChecked, isHeld } from "./inputs/check-memory.js";
import { advance } from "./lifecycle.js";
import { buildGuarded, findCopy, findProvenArn, findRecordedOrphans } from "./plan.js";
import { buildSecretName } from "./secret/names.js";
import { findStored, removeStored } from "./secret/storage.js";
import { buildOtherStack, isOfAnotherStack } from "./stack-change.js";
import type { DestinationState } from "./state.js";

/**
 * Takes a destination away: guard, archive, scheduled deletion, claim freed. Run again after a crash it goes on where
 * it was; refused, it leaves everything as it was. A failed destination has nothing in AWS, unless an attempt that was
 * cut off made something of which the state does not know.
 *
 * @param here organization/project/stack/name; "" where it is not known
 * @throws `EXPORT_RUNNING`, `UNPROVEN`, `NOT_OURS`, `WRONG_ACCOUNT`, `AWS_FAILED`
 */
export async function disconnect(
  state: DestinationState,
  operation: Operation,
  here = findPlaceHint(operation, state.ownerId),
): Promise<void> {
  if (state.status !== "Failed" && isOfAnotherStack(state, here)) throw buildOtherStack(state, here);
  // The deletion inside a replacement has the successor's `check` before it; a destroy has none.
  const isReplaced = isChecked(operation, state.ownerId);
  const work = async (aws: Aws) => {
    const claim = openClaim(aws.secrets, state);
    try {
      await takeAway(aws, claim);
    } catch (error) {
      if (isReplaced) await noteHeldSuccessor(claim, state, operation);
      throw error;
    }
  };
  const takeAway = async (aws: Aws, claim: ActiveClaim) => {
    const record = (await claim.readRestored(operation.messages))?.record;
    const copy = record && findCopy(record, state, here);
    if (copy !== undefined && isSame(copy, state)) throw buildCopied(state, copy);
    if (!isReplaced) refuseUnknownSuccessor(state, record, operation);
    const recordedOrphans = isReplaced ? [] : findRecordedOrphans(record, state.ownerId);
    await guardOrphans(aws, state, recordedOrphans, operation.messages);
    if (state.status !== "Failed") await run(state, record, aws, operation, isReplaced);
    await clearOrphans(aws.secrets, claim, state, recordedOrphans, []);
  };
  await withDestinationAws(state, work, operation);
}

/**
 * The deletion waits, as of an export job that runs. That the state holds the successor is known now, and not to a
 * destroy, which calls for each of the two by itself.
 */
async function noteHeldSuccessor(
  claim: ActiveClaim,
  state: DestinationState,
  operation: Operation,
): Promise<void> {
  try {
    await claim.change((record) => {
      const { active } = record;
      const isSuccessor = active !== null && active.owner.id === state.ownerId && !isSame(active, state);
      return isSuccessor && isHeld(operation, state, active) ? markHeld(record) : record;
    });
  } catch {
    // The failure itself is what has to be told; without the note a destroy asks for an up first.
  }
}

/**
 * A rotation that was cut off, or that still runs, has a destination in the claim that no state knows: without the
 * state of this one nothing would ever take it away, and taken away it could be missed.
 */
function refuseUnknownSuccessor(
  state: DestinationState,
  record: ClaimRecord | undefined,
  operation: Operation,
): void {
  const unknown = findUnknownSuccessor(state, record, operation);
  if (record === undefined || unknown === undefined) return;
  if (unknown === record.active && findCopy(record, state) !== undefined) throw buildCopied(state, unknown);
  throw buildUnknownSuccessor(unknown);
}

/** What the claim holds of this owner beside this destination, and no state is known to hold. */
function findUnknownSuccessor(
  state: DestinationState,
  record: ClaimRecord | undefined,
  operation: Operation,
): ClaimedDestination | undefined {
  const isOwn = (entry: ClaimedDestination) => state.status !== "Failed" && isSame(entry, state);
  // A copy of this state elsewhere may hold it.
  const isKnownHeld = (entry: ClaimedDestination) =>
    (entry.isHeld === true && (record === undefined || findCopy(record, state) === undefined)) ||
    isHeld(operation, state, entry);
  return (
    [record?.active, record?.successor].find(
      (entry) => entry != null && entry.owner.id === state.ownerId && !isOwn(entry) && !isKnownHeld(entry),
    ) ?? undefined
  );
}

function buildUnknownSuccessor(unknown: ClaimedDestination): ProviderError {
  return new ProviderError("UNPROVEN", {
    operation: `an interrupted or running deployment created destination ${unknown.destinationId} ${unknown.status === "planned" ? "planned" : "active"}, which is not in this state, so nothing was disconnected`,
    target: unknown.secretName,
    hint: "run `pulumi up` to finish that deployment, then `pulumi destroy`. If there are no working credentials, free the claim with the command release.",
  });
}

async function run(
  state: DestinationState,
  record: ClaimRecord | undefined,
  aws: Aws,
  operation: Operation,
  isReplaced: boolean,
): Promise<void> {
  const { messages } = operation;
  const { secrets } = aws;
  const claim = openClaim(secrets, state);
  const described = describeDestination(state, record);
  const wasActive = record?.active != null && isSame(record.active, described);
  const isShared = isHousing(record, described);

  if (state.status === "Validated" && !isShared) {
    await ensureNoLiveRun(await aws.glue(), buildGuarded(described, state), messages);
  }
  const owner = { ownerId: state.ownerId, type: state.type, provenArn: findProvenArn(record, state) };
  // Before the claim is touched: a secret that is not ours stops everything here.
  const stored = isShared ? "kept" : await findStored(secrets, described, owner);
  // An attempt that was cut off may have stored what it never heard of.
  const destination = typeof stored === "string" ? described : { ...described, secretArn: stored.arn };
  if (isReplaced && wasActive && state.status === "Validated" && !hasSuccessor(operation, state)) {
    messages.warn(
      `export destination ${state.name}: it is disconnected before the new credentials are checked (deleteBeforeReplace). If they fail, no destination is left. Fix: remove deleteBeforeReplace; a replacement has no gap without it.`,
    );
  }
  if (wasActive) {
    // From here on no rotation can plan a successor, which follows a connected destination only.
    await claim.change((now) => {
      const unknown = isReplaced ? undefined : findUnknownSuccessor(state, now, operation);
      if (unknown !== undefined) throw buildUnknownSuccessor(unknown);
      return isActive(now, destination) ? markDisconnecting(now, destination) : now;
    });
  }

  const recoveryWindowInDays = state.aws?.recoveryWindowInDays ?? defaultRecoveryWindowInDays;
  const removed = isShared
    ? "kept"
    : await removeStored(secrets, destination, { ...owner, recoveryWindowInDays });
  const deletionDate = typeof removed === "string" ? undefined : removed.deletionDate;

  if (record === undefined) {
    messages.warn(
      `export destination ${state.name}: there is no claim ${claim.name} to free; somebody removed it`,
    );
  } else {
    await claim.change((now) =>
      disconnectDestination(now, destination, new Date().toISOString(), deletionDate),
    );
  }
  if (state.status === "Validated") {
    const { integrationStatus } = advance(state, "disconnect");
    const what =
      removed === "kept"
        ? "its secret is kept for the destination that replaces it"
        : removed === "gone"
          ? "its secret did not exist any more"
          : `AWS deletes its secret on ${removed.deletionDate}`;
    messages.report(
      `export destination ${state.name} (${state.destinationId}): archived, ${integrationStatus}; ${what}`,
    );
  }
}

/** What the claim says of the destination, or else the state. */
function describeDestination(state: DestinationState, record: ClaimRecord | undefined): ClaimedDestination {
  const { destinationId, revision, name, secretArn, destinationMetadata } = state;
  const own = { destinationId, revision };
  const active = [record?.active, record?.successor].find((entry) => entry != null && isSame(entry, own));
  if (active != null) return active;
  const archived = record?.archived.find((entry) => isSame(entry, own));
  if (archived !== undefined) return { ...archived, status: "connected" };
  return {
    ...own,
    name,
    status: state.status === "Validated" ? "connected" : "planned",
    owner: { id: state.ownerId, place: "" },
    secretName: state.secretName ?? buildSecretName(state, name, destinationId),
    destinationMetadata,
    since: state.createdAt,
    ...(secretArn === undefined ? {} : { secretArn }),
  };
}

function isActive(record: ClaimRecord, destination: ClaimedDestination): boolean {
  return record.active !== null && isSame(record.active, destination);
}

/** Whether a later revision lives in this destination's secret (a fixed `destinationId`). */
function isHousing(record: ClaimRecord | undefined, destination: ClaimedDestination): boolean {
  return [record?.active, record?.successor].some(
    (entry) => entry != null && !isSame(entry, destination) && entry.secretName === destination.secretName,
  );
}
