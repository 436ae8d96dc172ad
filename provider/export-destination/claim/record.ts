import * as z from "zod";
import type { Immutable } from "../../core/immutable.js";
import { parseJson } from "../../core/json.js";
import { exportTypes } from "../credentials/index.js";
import { payloadFormats } from "../credentials/payload.js";
import { destinationMetadata } from "../outputs.js";
import type { DestinationScope } from "../secret/names.js";

const claimed = z.object({
  destinationId: z.string(),
  revision: z.int(),
  name: z.string().describe("The display name."),
  owner: z
    .object({
      id: z.string().describe("Which resource of Pulumi it belongs to."),
      place: z.string().describe("`organization/project/stack/name` at the time of writing."),
    })
    .describe("Who holds it, for machines and for people."),
  secretName: z.string(),
  secretArn: z
    .string()
    .exactOptional()
    .describe("The secret with the credentials; absent before it is known to be stored."),
  destinationMetadata: destinationMetadata.describe(
    "The fields of the credentials that are no secret, such as account and database.",
  ),
  payloadFormat: z
    .enum(payloadFormats)
    .exactOptional()
    .describe("Under which names the secret holds the credentials. Absent: default."),
  since: z.string().describe("ISO 8601."),
  isHeld: z
    .boolean()
    .exactOptional()
    .describe("The state of the stack holds it, while the deletion of its predecessor waits."),
});

const claimedDestination = claimed
  .extend({
    status: z
      .enum(["planned", "connected", "disconnecting"])
      .describe(
        "`planned` before the secret is known to be stored; `disconnecting` while it is being deleted. Use the credentials if it is `connected`.",
      ),
  })
  .meta({ id: "ClaimedDestination" });

const archivedDestination = claimed.extend({
  archivedAt: z.string().describe("When another took its place, or it was disconnected. ISO 8601."),
  disconnectedAt: z
    .string()
    .exactOptional()
    .describe("When it was disconnected; absent while its secret still waits for that."),
  deletionDate: z.string().exactOptional().describe("When AWS deletes its secret for good."),
  isOrphan: z
    .boolean()
    .exactOptional()
    .describe("An interrupted deployment left it, and the next one removes its secret."),
});

const failedRotation = z
  .object({
    ownerId: z.string(),
    attemptFingerprint: z
      .string()
      .describe("Keyed, so that it tells nothing of the credentials without the key."),
    destinationId: z.string(),
    at: z.string().describe("ISO 8601."),
    errorCode: z.string(),
    errorMessage: z.string(),
    errorExplanation: z.object({ what: z.string(), fix: z.string() }),
  })
  .describe("The last rotation whose credentials did not pass. Refused ones are not tried again.");

/** The text of a claim's secret: what consumers look up and what the compare-and-swap guards. It holds no credential. */
export const claimRecord = z.object({
  kind: z.literal("pulumi-snowflake-secrets/export-claim"),
  recordVersion: z.literal(1),
  organizationId: z.string(),
  type: z.enum(exportTypes),
  revision: z.int().describe("The highest one handed out."),
  active: claimedDestination
    .nullable()
    .describe("The destination whose credentials jobs use; null if there is none."),
  successor: claimedDestination
    .exactOptional()
    .describe("The destination that is to follow `active`, while it is being stored."),
  archived: z
    .array(archivedDestination)
    .describe("Former destinations. The latest is first. Old entries are removed."),
  failedRotation: failedRotation.exactOptional(),
});

/** The record of a claim, as it is written and parsed. */
export type ClaimRecord = Immutable<z.infer<typeof claimRecord>>;
/** The destination that a claim names. */
export type ClaimedDestination = Immutable<z.infer<typeof claimedDestination>>;
/** A destination that was active once. */
export type ArchivedDestination = Immutable<z.infer<typeof archivedDestination>>;
/** A rotation whose new credentials did not pass. */
export type FailedRotation = Immutable<z.infer<typeof failedRotation>>;
/** An error message in its parts: what failed, and what can be done about it. */
export type ErrorExplanation = FailedRotation["errorExplanation"];

/** How many archived destinations a claim remembers. */
export const maxArchived = 20;

/** What a claim says before its first destination. */
export function buildEmptyRecord(scope: DestinationScope): ClaimRecord {
  const type = exportTypes.find((known) => known === scope.type);
  if (type === undefined) throw new TypeError("unknown type");
  return {
    kind: "pulumi-snowflake-secrets/export-claim",
    recordVersion: 1,
    organizationId: scope.organizationId,
    type,
    revision: 0,
    active: null,
    archived: [],
  };
}

/** The record that a text holds; undefined for a text that no version of this package writes. */
export function parseRecord(text: string): ClaimRecord | undefined {
  return claimRecord.safeParse(parseJson(text)).data;
}
