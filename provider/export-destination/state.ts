import type { DestinationMetadata, ErrorExplanation } from "./claim/record.js";
import type { KnownInputs } from "./inputs/arguments.js";
import type { IntegrationStatus, Status, StatusChange } from "./lifecycle.js";

export type { DestinationMetadata };

/** One try to validate credentials. */
export interface Attempt {
  readonly destinationId: string;
  readonly revision: number;
  readonly status: Status;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly egressIp?: string;
}

/** What a destination adds to its inputs. */
export interface DestinationOutputs {
  /** Raised when the shape of the state changes, so that new code can read old state. */
  readonly stateVersion: 1;
  readonly destinationId: string;
  /** Whether `destinationId` was given as an argument. */
  readonly destinationIdIsFixed: boolean;
  readonly revision: number;
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
  /** "" where there is none, as with the two other texts: the preview of an update shows as unknown what is absent. */
  readonly errorMessage: string;
  /** `errorMessage` in its parts. */
  readonly errorExplanation?: ErrorExplanation;
  readonly egressIp: string;
  readonly statusHistory: readonly StatusChange[];
  readonly attempts: readonly Attempt[];
  readonly createdAt: string;
  readonly validatedAt: string;
}

/** What a destination starts with. */
export const noTexts = { errorMessage: "", egressIp: "", validatedAt: "" };

/** What Pulumi keeps of a destination: the inputs of the last `up` and the outputs. Plain JSON; no key holds undefined. */
export type DestinationState = Omit<KnownInputs, "destinationId" | "notReadable"> & DestinationOutputs;

const outputNames = {
  stateVersion: true,
  destinationId: true,
  destinationIdIsFixed: true,
  revision: true,
  status: true,
  integrationStatus: true,
  claimName: true,
  secretName: true,
  secretArn: true,
  secretVersionId: true,
  errorCode: true,
  errorMessage: true,
  errorExplanation: true,
  egressIp: true,
  statusHistory: true,
  attempts: true,
  createdAt: true,
  validatedAt: true,
} satisfies Record<keyof DestinationOutputs, true>;

/** The state with new inputs; an optional one that was taken out of the program goes. */
export function withInputs(
  state: DestinationState,
  { destinationId, ...inputs }: KnownInputs,
): DestinationState {
  const outputs = Object.entries(state).filter(([name]) => Object.hasOwn(outputNames, name));
  return { ...inputs, ...(Object.fromEntries(outputs) as unknown as DestinationOutputs) };
}

/** How many attempts a state remembers; of their status changes, three times as many. */
export const maxRemembered = 20;
