import { randomUUID } from "node:crypto";
import {
  managedByValue,
  type SecretDescription,
  type SecretsManager,
  whileNotVisible,
} from "../../aws/secrets-manager.js";
import { ProviderError } from "../../core/errors.js";
import { computeFingerprint } from "../../core/fingerprint.js";
import type { SecretValue } from "../../core/secret-value.js";
import type { ClaimedDestination } from "../claim/record.js";
import type { ExportType } from "../credentials/index.js";
import type { KnownInputs } from "../inputs/arguments.js";
import type { SecretRevision } from "./names.js";
import { buildIdentityTags, buildTags, ensureTags, readTags, toTagValue } from "./tags.js";

/**
 * Refuses a secret that is not this destination's: state and claim must both hold its ARN, or it must carry the
 * destination's id, and this owner or a place among the claim's former destinations.
 *
 * @param isStored the state holds it already: so another name is no way out
 * @throws `NOT_OURS`
 */
export function ensureOurs(
  secret: SecretDescription,
  wanted: Ownership & { readonly destinationId: string },
  { formerSecretArns = [], provenArn }: Partial<SecretProofs>,
  isStored = false,
): void {
  // Tags can be changed by anybody who may tag, and by a tagging policy.
  if (secret.arn === provenArn) return;
  const stored = readTags(secret);
  const sameDestination =
    stored?.destinationId === toTagValue(wanted.destinationId) && stored.type === wanted.type;
  if (sameDestination && (stored.ownerId === wanted.ownerId || formerSecretArns.includes(secret.arn))) return;
  if (
    !isStored &&
    stored?.ownerId === wanted.ownerId &&
    stored.destinationId === toTagValue(wanted.destinationId) &&
    stored.type !== wanted.type
  ) {
    throw new ProviderError("NOT_OURS", {
      operation: `destinationId ${wanted.destinationId} is fixed, and its secret holds the credentials of type ${stored.type}, which a destination of type ${wanted.type} does not overwrite`,
      target: secret.arn,
      hint: "give the destination of the new type another destinationId, or leave destinationId out.",
    });
  }
  const found =
    stored === undefined
      ? "its tags do not say that this package made it"
      : `it belongs to destination ${stored.destinationId} of owner ${stored.ownerId}`;
  const tags = Object.entries(buildIdentityTags(wanted, wanted.destinationId))
    .map(([key, value]) => `Key=${key},Value=${value}`)
    .join(" ");
  throw new ProviderError("NOT_OURS", {
    operation: `the secret is not this destination's: ${found}`,
    target: secret.arn,
    hint: isStored
      ? `if the secret is this destination's, put its tags back: aws secretsmanager tag-resource --secret-id ${secret.arn} --tags ${tags}; then run again. If it is not, take the destination out of the state: pulumi state delete <urn>.`
      : "choose another name, destinationId or secretNamePrefix, or remove that secret where it is managed.",
  });
}

/** What is known of secrets beside their tags. */
export interface SecretProofs {
  /** Of the claim's former destinations: one of them may be taken up again under its fixed id. */
  readonly formerSecretArns: readonly string[];
  /** Of the active destination of this owner, or of the one that its state holds. */
  readonly ownSecretArn: string | undefined;
  /** What both state and claim hold for this very destination: its tags need not say so too. */
  readonly provenArn: string | undefined;
}

/** The end of the description of every secret of a destination; it stays where somebody takes the tags away. */
const madeByUs = `, kept by ${managedByValue}`;

/** What is said where a scheduled deletion is undone. */
export const restoreNote =
  "its secret was scheduled for deletion; it is restored and written again, and from the restore to the write the old value can be read";

/**
 * Tells before anything is changed whether the name is free, ours, or inside its recovery window: true if the secret
 * has to be restored.
 *
 * @throws `PENDING_DELETION` with the date, unless `onPendingDeletion` is "restore"; `NOT_OURS`.
 */
export async function inspectName(
  secrets: SecretsManager,
  inputs: OwnInputs,
  secretRevision: SecretRevision,
  proofs: SecretProofs,
): Promise<boolean> {
  const found = await secrets.describe(secretRevision.secretName);
  if (found === undefined) return false;
  refuseForeignOrMarked(found, inputs, secretRevision, proofs);
  return found.deletionDate !== undefined;
}

type OwnInputs = Pick<KnownInputs, "ownerId" | "type" | "onPendingDeletion">;

function refuseForeignOrMarked(
  found: SecretDescription,
  inputs: OwnInputs,
  { destinationId }: SecretRevision,
  proofs: SecretProofs,
): void {
  ensureOurs(found, { ownerId: inputs.ownerId, type: inputs.type, destinationId }, proofs);
  if (found.deletionDate === undefined || inputs.onPendingDeletion === "restore") return;
  if (found.arn === proofs.provenArn) return;
  // Claim or state hold it, so whoever scheduled the deletion did it by mistake, or a disconnect was cut off.
  if (found.arn === proofs.ownSecretArn && readTags(found)?.ownerId === inputs.ownerId) return;
  throw new ProviderError("PENDING_DELETION", {
    operation: `a secret with this name is scheduled for deletion on ${found.deletionDate}, and blocks the name until then`,
    target: found.arn,
    hint: 'set onPendingDeletion to "restore" to restore and overwrite it. Or choose another name or destinationId, or wait.',
  });
}

/**
 * Makes the secret hold `payload` as its current version, with our tags and key; run again after a crash it makes no
 * second secret and no second version.
 */
export async function ensureStored(
  secrets: SecretsManager,
  inputs: KnownInputs,
  secretRevision: SecretRevision,
  payload: SecretValue,
  proofs: SecretProofs,
): Promise<{ readonly arn: string; readonly versionId: string }> {
  const { secretName } = secretRevision;
  const versionId = buildVersionId(inputs.fingerprintKey, secretRevision, payload);
  const tags = buildTags(inputs, secretRevision);
  const kmsKeyId = inputs.aws?.kmsKeyId;
  let found = await secrets.describe(secretName);
  if (found === undefined) {
    const description = `Credentials of ${inputs.type} export destination ${inputs.name}${madeByUs}`;
    const made = await secrets.create({
      name: secretName,
      description,
      value: payload,
      versionId,
      tags,
      kmsKeyId,
    });
    if (made !== "taken") return { arn: made.arn, versionId };
    found = await describeFresh(secrets, secretName);
  }
  refuseForeignOrMarked(found, inputs, secretRevision, proofs);
  const { arn } = found;
  if (found.deletionDate !== undefined) await secrets.restore(arn);
  await ensureKmsKey(secrets, found, kmsKeyId);
  const current = await ensureCurrent(secrets, found, versionId, payload);
  await ensureTags(secrets, found, tags);
  return { arn, versionId: current };
}

async function ensureCurrent(
  secrets: SecretsManager,
  found: SecretDescription,
  versionId: string,
  payload: SecretValue,
): Promise<string> {
  const isCurrent = (secret: SecretDescription | undefined, id: string) =>
    secret?.versions[id]?.includes("AWSCURRENT") === true;
  if (isCurrent(found, versionId)) return versionId;
  const fresh = randomUUID();
  // A put under the id of an existing version is ignored, and one that has lost its labels is not shown: so look.
  for (const id of found.versions[versionId] === undefined ? [versionId, fresh] : [fresh]) {
    await secrets.putVersion(found.arn, { value: payload, versionId: id });
    if (isCurrent(await secrets.describe(found.arn), id)) return id;
  }
  return fresh;
}

/** Moves the secret to another KMS key; without a key it stays where it is. */
export async function ensureKmsKey(
  secrets: SecretsManager,
  found: SecretDescription,
  kmsKeyId: string | undefined,
): Promise<void> {
  if (kmsKeyId !== undefined && found.kmsKeyId !== kmsKeyId) await secrets.changeKmsKey(found.arn, kmsKeyId);
}

type Whereabouts = Pick<ClaimedDestination, "destinationId" | "revision" | "secretName" | "secretArn">;
type Ownership = {
  readonly ownerId: string;
  readonly type: ExportType;
  readonly provenArn?: string | undefined;
};

/**
 * The secret of a destination; undefined if it is gone, or a later revision lives in it.
 *
 * @throws `NOT_OURS` if neither state and claim nor its tags prove it ours, `UNPROVEN` if it is replicated.
 */
export async function findStored(
  secrets: SecretsManager,
  destination: Whereabouts,
  owner: Ownership,
): Promise<SecretDescription | "gone" | "kept"> {
  const { destinationId, revision, secretArn, secretName } = destination;
  const known = secretArn === undefined ? undefined : await secrets.describe(secretArn);
  // Deleted by somebody, it may have been recreated under its name by a repair that was cut off.
  const found = known ?? (await secrets.describe(secretName));
  if (found === undefined) return "gone";
  // Not one that is known to be stored, and somebody else's: there is nothing of this one.
  if (known === undefined && isAnothers(found, { ...owner, destinationId })) return "gone";
  const isProven = found.arn === owner.provenArn;
  ensureOurs(found, { ...owner, destinationId }, owner, true);
  if (!isProven && (readTags(found)?.revision ?? revision) > revision) return "kept";
  refuseReplicated(found);
  return found;
}

/** @throws `UNPROVEN` if the secret of a destination is replicated. */
export async function ensureNotReplicated(
  secrets: SecretsManager,
  { secretArn }: Pick<ClaimedDestination, "secretArn">,
): Promise<void> {
  const found = secretArn === undefined ? undefined : await secrets.describe(secretArn);
  if (found !== undefined) refuseReplicated(found);
}

/**
 * AWS deletes no secret that is replicated. Who replicated it has readers in those regions, and no run of Glue is looked
 * for there, so to take the replicas away is left to a person.
 */
function refuseReplicated({ arn, deletionDate, replicaRegions }: SecretDescription): void {
  if (replicaRegions.length === 0 || deletionDate !== undefined) return;
  throw new ProviderError("UNPROVEN", {
    operation: `the secret is replicated to ${replicaRegions.join(", ")}, and export jobs may read it there, so nothing was disconnected`,
    target: arn,
    hint: `make sure that nothing reads the replicas, remove them (aws secretsmanager remove-regions-from-replication --secret-id ${arn} --remove-replica-regions ${replicaRegions.join(" ")}), then run again.`,
  });
}

/** Whether a secret is known to be another's: by a mark, or, without one, because it does not say that we made it. */
function isAnothers(
  found: SecretDescription,
  { ownerId, type, destinationId }: Ownership & { readonly destinationId: string },
): boolean {
  const marked = readTags(found);
  if (marked === undefined || marked.ownerId === "") return !found.description.endsWith(madeByUs);
  const isSameDestination = marked.destinationId === toTagValue(destinationId) && marked.type === type;
  return marked.ownerId !== ownerId || !isSameDestination;
}

/**
 * Schedules the deletion of a destination's secret, if it is this very revision's.
 *
 * @returns the date on which it goes, or `gone`, or `kept` if a later revision lives in it.
 */
export async function removeStored(
  secrets: SecretsManager,
  destination: Whereabouts,
  { recoveryWindowInDays, ...owner }: Ownership & { readonly recoveryWindowInDays: number },
): Promise<{ readonly deletionDate: string } | "gone" | "kept"> {
  const found = await findStored(secrets, destination, owner);
  if (typeof found === "string") return found;
  if (found.deletionDate !== undefined) return { deletionDate: found.deletionDate };
  const outcome = await secrets.scheduleDeletion(found.arn, recoveryWindowInDays);
  if (outcome === "missing") return "gone";
  if (outcome !== "marked") return { deletionDate: outcome };
  return { deletionDate: (await secrets.describe(found.arn))?.deletionDate ?? new Date().toISOString() };
}

// AWS may answer not-found for a while about a name that it has just called taken.
async function describeFresh(secrets: SecretsManager, name: string): Promise<SecretDescription> {
  const found = await whileNotVisible(() => secrets.describe(name));
  if (found !== undefined) return found;
  throw new ProviderError("AWS_FAILED", {
    operation: "AWS says that the name is in use, but shows no such secret",
    target: name,
    hint: "run again in a moment. AWS may still be deleting it.",
    retryable: true,
  });
}

// Secrets Manager takes a version's id from the caller. Keyed, because CloudTrail shows it.
function buildVersionId(
  fingerprintKey: string,
  secretRevision: SecretRevision,
  payload: SecretValue,
): string {
  const name = `version ${secretRevision.secretName} ${secretRevision.revision}`;
  const hex = computeFingerprint(fingerprintKey, name, payload);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
