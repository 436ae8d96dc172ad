import type { ProviderError } from "../core/errors.js";
import { isSameStack } from "../engine/context.js";
import { isResumable, resumableHours } from "../engine/ownership.js";
import { buildCopied, buildIntegrationExists, buildUnproven } from "./claim/claim.js";
import type { ClaimedDestination, ClaimRecord } from "./claim/record.js";
import { isSame } from "./claim/transitions.js";
import type { GuardedDestination } from "./glue-guard.js";
import type { PlannableInputs } from "./inputs/arguments.js";
import type { SecretRevision } from "./secret/names.js";
import { buildClaimName, buildSecretName, deriveDestinationId } from "./secret/names.js";
import type { SecretProofs } from "./secret/storage.js";
import { buildOtherStack, isOfAnotherStack } from "./stack-change.js";
import type { DestinationState } from "./state.js";
import { buildKnownFailure, findKnownFailure, findRefusedAttempt } from "./validation/failures.js";

/** What the claims hold that a provision depends on. */
export interface ClaimRecords {
  /** Of the claim that the inputs lead to. */
  readonly here: ClaimRecord | undefined;
  /** Of the predecessor's claim, where that is another one. */
  readonly elsewhere: ClaimRecord | undefined;
}

/** What a provision starts from. */
export interface ProvisionBasis {
  /** The state of the same resource, when it is recreated in place. */
  readonly previous?: DestinationState | undefined;
  /** The working destination that the new one is to replace. */
  readonly predecessor?: DestinationState | undefined;
  /** Something is replaced, whether or not it is known what: the active destination, if it is this owner's. */
  readonly isReplacement?: boolean;
  /** `organization/project/stack/name`; "" where the shell did not say. */
  readonly placeHint: string;
}

/** What a creation, a replacement or a new attempt will do, before anything is changed. */
export type ProvisionPlan =
  /** What is known already stands against it. */
  { readonly action: "refuse"; readonly error: ProviderError } | ProvisionSteps;

/** A plan that goes ahead, with what it has to mind. */
export interface ProvisionSteps {
  readonly action: "provision";
  readonly secretRevision: SecretRevision;
  /** What the claim has of this owner although no state proves it: of a creation that was cut off within a day. */
  readonly resumed: ClaimedDestination | undefined;
  /** Another destination works on, and must stay if this attempt fails. */
  readonly keepsOld: boolean;
  /** The predecessor, where it stands in another claim: there a failure is remembered. */
  readonly elsewhere: DestinationState | undefined;
  /** Destinations of ours that no state knows, to be removed once the new one is connected. */
  readonly orphans: readonly ClaimedDestination[];
  /** What interrupted attempts left, to be removed if the credentials do not pass: a failed destination has no secret. */
  readonly recordedOrphans: readonly ClaimedDestination[];
  readonly proofs: SecretProofs;
  /** What will be disconnected at the end of a replacement, which no live run may use. */
  readonly outgoing: GuardedDestination | undefined;
}

/**
 * Plans from what is known; preview and `up` both read the answer.
 *
 * @param now in epoch milliseconds
 */
export function planProvision(
  inputs: PlannableInputs,
  { here, elsewhere }: ClaimRecords,
  { predecessor, previous, isReplacement = false, placeHint }: ProvisionBasis,
  now: number,
): ProvisionPlan {
  const isHome = predecessor !== undefined && sharesClaim(predecessor, inputs);
  const unknownHome = isReplacement && predecessor === undefined ? findConnected(here, inputs) : undefined;
  const home = isHome ? predecessor : unknownHome;
  const keepsOld =
    isReplacement ||
    predecessor !== undefined ||
    previous?.status === "Validated" ||
    here?.active?.status === "connected";

  const refused = previous && findRefusedAttempt(inputs, previous);
  if (refused !== undefined) return { action: "refuse", error: buildKnownFailure(inputs, refused) };
  const holder = here && findOtherHolder(inputs, here);
  if (holder !== undefined)
    return { action: "refuse", error: buildIntegrationExists(inputs, holder, placeHint) };
  // A failed one has nothing in the claim, so its state proves nothing of what is there.
  const isProven = isReplacement || predecessor !== undefined || (previous && previous.status !== "Failed");
  const resumed = isProven ? undefined : findOwn(here, inputs);
  const doubt = resumed && findDoubt(resumed, previous, placeHint, now);
  if (resumed !== undefined && doubt !== undefined)
    return { action: "refuse", error: buildUnproven(inputs, resumed, doubt) };
  if (predecessor !== undefined && isOfAnotherStack(predecessor, placeHint)) {
    return { action: "refuse", error: buildOtherStack(predecessor, placeHint) };
  }
  const own = previous ?? (isHome ? predecessor : undefined);
  const copy = here && own && findCopy(here, own, placeHint);
  if (copy !== undefined) return { action: "refuse", error: buildCopied(inputs, copy) };
  const known = keepsOld
    ? (findKnownFailure(inputs, here) ?? findKnownFailure(inputs, elsewhere))
    : undefined;
  if (known !== undefined) return { action: "refuse", error: buildKnownFailure(inputs, known) };

  const secretRevision = planSecretRevision(inputs, here, previous, home);
  const held = previous?.claimName === buildClaimName(inputs) ? previous : home;
  return {
    action: "provision",
    secretRevision,
    resumed,
    keepsOld,
    elsewhere: isHome ? undefined : predecessor,
    orphans: findOrphans(here, inputs.ownerId, [secretRevision, home], held?.revision),
    recordedOrphans: keepsOld ? [] : findOrphans(here, inputs.ownerId, []),
    proofs: findProofs(here, inputs.ownerId, previous, predecessor),
    outgoing: predecessor && planOutgoing(predecessor, secretRevision),
  };
}

/** Whether the predecessor stands in the very claim that these inputs lead to. */
export function sharesClaim(predecessor: DestinationState, inputs: PlannableInputs): boolean {
  return (
    predecessor.claimName === buildClaimName(inputs) &&
    predecessor.awsAccountId === inputs.awsAccountId &&
    predecessor.awsRegion === inputs.awsRegion &&
    predecessor.aws?.endpoint === inputs.aws?.endpoint
  );
}

/** The active destination, if it is another owner's. */
export function findOtherHolder(
  { ownerId }: { readonly ownerId: string },
  { active }: ClaimRecord,
): ClaimedDestination | undefined {
  return active !== null && active.owner.id !== ownerId ? active : undefined;
}

function findOwn(
  record: ClaimRecord | undefined,
  { ownerId }: { readonly ownerId: string },
): ClaimedDestination | undefined {
  return [record?.active, record?.successor].find(
    (entry): entry is ClaimedDestination => entry != null && entry.owner.id === ownerId,
  );
}

/** Why a destination of this owner id may be a live one elsewhere, where no state proves that it is not. */
function findDoubt(
  { owner, since }: ClaimedDestination,
  previous: DestinationState | undefined,
  placeHint: string,
  now: number,
): string | undefined {
  // A failed one in the state may have been renamed since, within its stack.
  const isHere = previous === undefined ? owner.place === placeHint : isSameStack(owner.place, placeHint);
  if (!isHere) return `${owner.place} made it, and this is ${placeHint}`;
  return isResumable(Date.parse(since), now)
    ? undefined
    : `it was made more than ${resumableHours} hours ago, on ${since}`;
}

/**
 * The active destination, if the same resource wrote it in another stack than the state names, and than this one: the
 * state was copied there.
 *
 * @param here organization/project/stack/name; "" where it is not known
 */
export function findCopy(
  { active }: ClaimRecord,
  { ownerId, place }: Pick<DestinationState, "ownerId" | "place">,
  here = "",
): ClaimedDestination | undefined {
  if (active === null || active.owner.id !== ownerId || place === "") return undefined;
  return [place, here].some((stack) => isSameStack(active.owner.place, stack)) ? undefined : active;
}

/** What the claim proves of the secrets that it names. */
export function findProofs(
  record: ClaimRecord | undefined,
  ownerId: string,
  previous: DestinationState | undefined,
  predecessor?: DestinationState,
): SecretProofs {
  const archived = record?.archived ?? [];
  const active = record?.active?.owner.id === ownerId ? record.active : undefined;
  // A disconnect may have been cut off after it freed the claim: the state still holds what it took away.
  const former = previous && archived.find((entry) => entry.owner.id === ownerId && isSame(entry, previous));
  return {
    formerSecretArns: archived.flatMap(({ secretArn }) => secretArn ?? []),
    ownSecretArn: active?.secretArn ?? former?.secretArn,
    provenArn: findProvenArn(record, previous ?? predecessor),
  };
}

/**
 * The ARN that state and claim both hold for this very destination. Undefined where a later one of the same name is
 * known, whose secret it is then.
 */
export function findProvenArn(
  record: ClaimRecord | undefined,
  state: DestinationState | undefined,
): string | undefined {
  if (record === undefined || state?.secretArn === undefined) return undefined;
  const entries = [record.active, record.successor, ...record.archived].filter((entry) => entry != null);
  const own = entries.find((entry) => isSame(entry, state) && entry.owner.id === state.ownerId);
  if (own?.secretArn !== state.secretArn) return undefined;
  const isLaterThere = entries.some(
    ({ revision, secretName }) => revision > own.revision && secretName === own.secretName,
  );
  return isLaterThere ? undefined : own.secretArn;
}

function findConnected(
  record: ClaimRecord | undefined,
  { ownerId }: { readonly ownerId: string },
): ClaimedDestination | undefined {
  const active = record?.active;
  return active?.status === "connected" && active.owner.id === ownerId ? active : undefined;
}

/**
 * Destinations of ours in the claim that Pulumi does not know: an operation crashed before the state was written, and
 * the program has changed since. The engine will not delete them, so who comes next does. One that is earlier than
 * what the state holds is active again only where somebody set the claim back: Pulumi knew it once, deletes it itself,
 * or was told to retain it.
 *
 * @param heldRevision of what the state holds in this claim
 */
export function findOrphans(
  record: ClaimRecord | undefined,
  ownerId: string,
  known: readonly (Pick<ClaimedDestination, "destinationId" | "revision"> | undefined)[],
  heldRevision = 0,
): readonly ClaimedDestination[] {
  const active = record?.active;
  const wasHeld = active != null && active.status !== "planned" && active.revision < heldRevision;
  const own = [wasHeld ? undefined : active, record?.successor].filter(
    (entry): entry is ClaimedDestination => entry != null && entry.owner.id === ownerId,
  );
  return [...own, ...findRecordedOrphans(record, ownerId)].filter(
    (entry) => !known.some((other) => other !== undefined && isSame(entry, other)),
  );
}

/** Those of them whose place in the claim another one has taken, while their secret waits to be removed. */
export function findRecordedOrphans(
  record: ClaimRecord | undefined,
  ownerId: string,
): readonly ClaimedDestination[] {
  const waiting = (record?.archived ?? []).filter(
    ({ owner, isOrphan, disconnectedAt }) =>
      owner.id === ownerId && isOrphan === true && disconnectedAt === undefined,
  );
  return waiting.map(({ archivedAt: _archivedAt, isOrphan: _isOrphan, ...kept }) => ({
    ...kept,
    status: kept.secretArn === undefined ? "planned" : "connected",
  }));
}

/** Which revision an operation works on: one that an earlier run of it planned, else the next. */
function planSecretRevision(
  inputs: PlannableInputs,
  record: ClaimRecord | undefined,
  previous: DestinationState | undefined,
  home: Pick<SecretRevision, "destinationId" | "revision"> | undefined,
): SecretRevision {
  // A working one that is repaired in place stays who it is, whatever a crashed operation has put into the claim.
  if (previous?.status === "Validated" && previous.secretName !== undefined) {
    const { destinationId, revision, secretName } = previous;
    return { destinationId, revision, secretName };
  }
  for (const candidate of [record?.successor, record?.active ?? undefined]) {
    if (candidate === undefined || candidate.owner.id !== inputs.ownerId) continue;
    // What is taken up was planned after the one that is replaced. An earlier one is active again only where somebody set
    // the claim back: its secret may serve a run, and its own deletion may still wait.
    const isNoSuccessor = home !== undefined && candidate.revision <= home.revision;
    const isOrphan = candidate === record?.successor && home === undefined && previous === undefined;
    // Of one that was only planned under a fixed id nothing needs to be kept, and its name may be somebody else's by now.
    const isAnyId = inputs.destinationId === undefined && candidate.status !== "planned";
    const fitsId = isAnyId || candidate.destinationId === chooseId(inputs, candidate.revision);
    const fitsName = buildSecretName(inputs, inputs.name, candidate.destinationId) === candidate.secretName;
    if (isNoSuccessor || isOrphan || !fitsId || !fitsName) continue;
    const { destinationId, revision, secretName } = candidate;
    return { destinationId, revision, secretName };
  }
  const before = previous?.claimName === buildClaimName(inputs) ? previous.revision : 0;
  const revision = Math.max(record?.revision ?? 0, before, home?.revision ?? 0) + 1;
  const destinationId = chooseId(inputs, revision);
  return { destinationId, revision, secretName: buildSecretName(inputs, inputs.name, destinationId) };
}

function chooseId(inputs: PlannableInputs, revision: number): string {
  return inputs.destinationId ?? deriveDestinationId(inputs.ownerId, inputs, revision);
}

// With a fixed `destinationId` the new one lives on in the old one's secret.
function planOutgoing(predecessor: DestinationState, next: SecretRevision): GuardedDestination | undefined {
  const { secretName, status } = predecessor;
  if (status !== "Validated" || secretName === undefined || secretName === next.secretName) return undefined;
  return buildGuarded({ ...predecessor, secretName }, predecessor);
}

/** What ties runs of Glue to a destination whose secret is to go. */
export function buildGuarded(
  { secretName, secretArn }: Pick<ClaimedDestination, "secretName" | "secretArn">,
  { name, glue, claimName }: Pick<DestinationState, "name" | "glue" | "claimName">,
): GuardedDestination {
  return {
    name,
    watched: glue,
    secretIds: [secretName, claimName, ...(secretArn === undefined ? [] : [secretArn])],
  };
}
