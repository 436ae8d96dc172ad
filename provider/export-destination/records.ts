import type { ExportType } from "./credentials/index.js";
import type { KnownInputs } from "./inputs.js";
import type { IntegrationStatus, Status, StatusChange } from "./lifecycle.js";

/** One try to validate credentials. */
export interface Attempt {
  readonly destinationId: string;
  readonly generation: number;
  readonly status: Status;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly egressIp?: string;
}

/** What Pulumi keeps of a destination: the checked inputs and the outputs. Plain JSON; no key holds undefined. */
export interface DestinationState extends Omit<KnownInputs, "destinationId" | "notReadable"> {
  /** Raised when the shape of the state changes, so that new code can read old state. */
  readonly stateVersion: 1;
  readonly destinationId: string;
  /** Whether `destinationId` was given as an argument. */
  readonly destinationIdIsFixed: boolean;
  readonly generation: number;
  readonly status: Status;
  readonly integrationStatus: IntegrationStatus;
  /** The name of the claim: the stable name for consumers. */
  readonly claimName: string;
  /** Absent while there is no secret, as for a failed destination. */
  readonly secretName?: string;
  readonly secretArn?: string;
  /** The version that we stored; another current one is somebody else's. */
  readonly secretVersionId?: string;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly egressIp?: string;
  readonly statusHistory: readonly StatusChange[];
  readonly attempts: readonly Attempt[];
  readonly createdAt: string;
  readonly validatedAt?: string;
}

/** Who holds something, for machines and for people. */
export interface Owner {
  readonly id: string;
  /** `organization/project/stack/name` at the time of writing. */
  readonly place: string;
}

/** The destination that a claim names. It holds no credential. */
export interface ClaimedDestination {
  readonly destinationId: string;
  readonly generation: number;
  readonly name: string;
  /** `planned` before its secret is known to be stored, `disconnecting` while it is being taken away. */
  readonly status: "planned" | "connected" | "disconnecting";
  readonly owner: Owner;
  readonly secretName: string;
  readonly secretArn?: string;
  readonly destinationMetadata: DestinationMetadata;
  readonly since: string;
}

/** A destination that was active once. */
export interface ArchivedDestination extends Omit<ClaimedDestination, "status"> {
  /** When another took its place, or it was disconnected. */
  readonly archivedAt: string;
  /** When it was disconnected; absent while its secret still waits for that. */
  readonly disconnectedAt?: string;
  /** When its secret goes for good. */
  readonly deletionDate?: string;
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
}

/** The text of a claim's secret: what consumers look up and what the compare-and-swap guards. */
export interface ClaimRecord {
  readonly kind: "pulumi-snowflake-secrets/export-claim";
  readonly recordVersion: 1;
  readonly organizationId: string;
  readonly type: ExportType;
  /** The highest generation handed out. */
  readonly generation: number;
  readonly active: ClaimedDestination | null;
  /** The one that is to follow `active`, while it is being stored. */
  readonly successor?: ClaimedDestination;
  /** The latest first, bounded. */
  readonly archived: readonly ArchivedDestination[];
  readonly failedRotation?: FailedRotation;
}

/** The non-sensitive fields of the credentials. */
export type DestinationMetadata = Readonly<Record<string, string | number>>;

/** How many archived destinations a claim and how many attempts and status changes a state remembers. */
export const maxRemembered = 20;
