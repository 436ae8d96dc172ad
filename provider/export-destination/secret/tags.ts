import {
  managedByTag,
  managedByValue,
  type SecretDescription,
  type SecretsManager,
} from "../../aws/secrets-manager.js";
import { type KnownInputs, tagPrefix } from "../inputs/arguments.js";
import type { SecretRevision } from "./names.js";

/** What a secret of ours is: a destination's, or a claim. */
export const kindTag = `${tagPrefix}kind`;
/** Whose destinations it is of, as both kinds say. */
export const organizationTag = `${tagPrefix}organization`;
/** The type of these destinations. */
export const typeTag = `${tagPrefix}type`;
const nameTag = `${tagPrefix}name`;
const destinationIdTag = `${tagPrefix}destination-id`;
const revisionTag = `${tagPrefix}revision`;
const ownerTag = `${tagPrefix}owner`;
const metadataTagPrefix = `${tagPrefix}metadata.`;

/** What the tags of a secret of ours tell. */
export interface StoredDestination extends SecretRevision {
  readonly ownerId: string;
  readonly organizationId: string;
  readonly type: string;
  readonly name: string;
}

/** The tags of a destination's secret: a user's, and ours. CloudTrail logs them; nothing here is sensitive. */
export function buildTags(inputs: KnownInputs, secretRevision: SecretRevision): Record<string, string> {
  const metadata = Object.entries(inputs.destinationMetadata).map(
    ([field, value]) => [`${metadataTagPrefix}${field}`, toTagValue(String(value))] as const,
  );
  return {
    ...inputs.aws?.tags,
    ...Object.fromEntries(metadata),
    ...buildIdentityTags(inputs, secretRevision.destinationId),
    [organizationTag]: inputs.organizationId,
    [nameTag]: toTagValue(inputs.name),
    [revisionTag]: String(secretRevision.revision),
  };
}

/** The tags by which a secret is known to be a destination's own. */
export function buildIdentityTags(
  { ownerId, type }: Pick<KnownInputs, "ownerId" | "type">,
  destinationId: string,
): Record<string, string> {
  return {
    [managedByTag]: managedByValue,
    [kindTag]: "destination",
    [typeTag]: type,
    [destinationIdTag]: toTagValue(destinationId),
    [ownerTag]: ownerId,
  };
}

/** What AWS lets into a tag; the claim holds the exact text. */
export function toTagValue(text: string): string {
  return text.replace(/[^\p{L}\p{Z}\p{N}_.:/=+\-@]/gu, "_").slice(0, 256);
}

/** What the tags say, if the secret is a destination of this package. */
export function readTags(secret: SecretDescription): StoredDestination | undefined {
  const { tags } = secret;
  const destinationId = tags[destinationIdTag];
  if (
    tags[managedByTag] !== managedByValue ||
    tags[kindTag] !== "destination" ||
    destinationId === undefined
  ) {
    return undefined;
  }
  return {
    destinationId,
    revision: Number(tags[revisionTag]),
    secretName: secret.name,
    ownerId: tags[ownerTag] ?? "",
    organizationId: tags[organizationTag] ?? "",
    type: tags[typeTag] ?? "",
    name: tags[nameTag] ?? "",
  };
}

/** The non-sensitive fields as the tags have them. */
export function readMetadataTags(secret: SecretDescription): Record<string, string> {
  return Object.fromEntries(
    Object.entries(secret.tags)
      .filter(([tag]) => tag.startsWith(metadataTagPrefix))
      .map(([tag, value]) => [tag.slice(metadataTagPrefix.length), value]),
  );
}

/** Brings the tags to what they should be; a tag of the user's that is no longer wanted goes. */
export async function ensureTags(
  secrets: SecretsManager,
  found: SecretDescription,
  wanted: Readonly<Record<string, string>>,
  formerUserTags: readonly string[] = [],
): Promise<void> {
  const missing = Object.entries(wanted).filter(([tag, value]) => found.tags[tag] !== value);
  if (missing.length > 0) await secrets.tag(found.arn, Object.fromEntries(missing));
  const surplus = Object.keys(found.tags).filter(
    (tag) => !(tag in wanted) && (formerUserTags.includes(tag) || tag.startsWith(metadataTagPrefix)),
  );
  if (surplus.length > 0) await secrets.untag(found.arn, surplus);
}
