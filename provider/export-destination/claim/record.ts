import * as z from "zod";
import { parseJson } from "../../core/json.js";
import { type ExportType, exportTypes } from "../credentials/index.js";
import type { DestinationMetadata } from "../outputs.js";
import type { DestinationScope } from "../secret/names.js";

/** Who holds something, for machines and for people. */
export interface ClaimOwner {
  readonly id: string;
  /** `organization/project/stack/name` at the time of writing. */
  readonly place: string;
}

/** The destination that a claim names. It holds no credential. */
export interface ClaimedDestination {
  readonly destinationId: string;
  readonly revision: number;
  readonly name: string;
  /** `planned` before its secret is known to be stored, `disconnecting` while it is being taken away. */
  readonly status: "planned" | "connected" | "disconnecting";
  readonly owner: ClaimOwner;
  readonly secretName: string;
  readonly secretArn?: string;
  readonly destinationMetadata: DestinationMetadata;
  readonly since: string;
  /** The state was seen to hold it while the deletion of its predecessor failed, which can wait for a destroy then. */
  readonly isHeld?: boolean;
}

/** A destination that was active once. */
export interface ArchivedDestination extends Omit<ClaimedDestination, "status"> {
  /** When another took its place, or it was disconnected. */
  readonly archivedAt: string;
  /** When it was disconnected; absent while its secret still waits for that. */
  readonly disconnectedAt?: string;
  /** When its secret goes for good. */
  readonly deletionDate?: string;
  /** Of a deployment that was cut off: no state knows it, so the next deployment of its owner removes its secret. */
  readonly isOrphan?: boolean;
}

/** A rotation whose new credentials did not pass; they are not tried again. */
export interface FailedRotation {
  readonly ownerId: string;
  /** Keyed, so that it tells nothing of the credentials to who lacks the key. */
  readonly attemptFingerprint: string;
  readonly destinationId: string;
  readonly at: string;
  readonly errorCode: string;
  readonly errorMessage: string;
  readonly errorExplanation: ErrorExplanation;
}

/** An error message in its parts: what failed, and what can be done about it. */
export interface ErrorExplanation {
  readonly what: string;
  readonly fix: string;
}

/** The text of a claim's secret: what consumers look up and what the compare-and-swap guards. */
export interface ClaimRecord {
  readonly kind: "pulumi-snowflake-secrets/export-claim";
  readonly recordVersion: 1;
  readonly organizationId: string;
  readonly type: ExportType;
  /** The highest revision handed out. */
  readonly revision: number;
  readonly active: ClaimedDestination | null;
  /** The one that is to follow `active`, while it is being stored. */
  readonly successor?: ClaimedDestination;
  /** The latest first, bounded. */
  readonly archived: readonly ArchivedDestination[];
  readonly failedRotation?: FailedRotation;
}

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

const claimedShape = z.object({
  destinationId: z.string(),
  revision: z.number(),
  name: z.string(),
  owner: z.object({ id: z.string(), place: z.string() }),
  secretName: z.string(),
  secretArn: z.string().optional(),
  destinationMetadata: z.record(z.string(), z.union([z.string(), z.number()])),
  since: z.string(),
  isHeld: z.boolean().optional(),
});

const recordShape = z.object({
  kind: z.literal("pulumi-snowflake-secrets/export-claim"),
  recordVersion: z.literal(1),
  organizationId: z.string(),
  type: z.enum(exportTypes),
  revision: z.number(),
  active: claimedShape.extend({ status: z.enum(["planned", "connected", "disconnecting"]) }).nullable(),
  successor: claimedShape.extend({ status: z.enum(["planned", "connected", "disconnecting"]) }).optional(),
  archived: z.array(
    claimedShape.extend({
      archivedAt: z.string(),
      disconnectedAt: z.string().optional(),
      deletionDate: z.string().optional(),
      isOrphan: z.boolean().optional(),
    }),
  ),
  failedRotation: z
    .object({
      ownerId: z.string(),
      attemptFingerprint: z.string(),
      destinationId: z.string(),
      at: z.string(),
      errorCode: z.string(),
      errorMessage: z.string(),
      errorExplanation: z.object({ what: z.string(), fix: z.string() }),
    })
    .optional(),
});

/** The record that a text holds; undefined for a text that no version of this package writes. */
export function parseRecord(text: string): ClaimRecord | undefined {
  // `optional()` of zod allows an undefined that JSON cannot hold.
  return recordShape.safeParse(parseJson(text)).data as ClaimRecord | undefined;
}
