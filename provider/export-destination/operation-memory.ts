import type { AwsSettings } from "../aws/clients.js";
import { createOperationMap } from "../operation.js";
import { deriveOwnerId, type Place } from "../ownership.js";
import type { DestinationState } from "./records.js";

/**
 * What the hooks of one operation tell each other. In a replacement the engine calls `check` a second time with empty
 * old inputs, and `create` gets no old state, so whatever these must know of the predecessor waits here; the process
 * ends with the operation.
 */
export interface OperationNote {
  readonly place: Place;
  readonly preview: boolean;
  readonly ownerId: string;
  readonly fingerprintKey: string;
}

/** The destination that a replacement leaves behind. */
export interface Predecessor {
  readonly destinationId: string;
  readonly generation: number;
  readonly claimName: string;
  readonly organizationId: string;
  readonly type: string;
  readonly secretNamePrefix?: string | undefined;
  readonly aws: AwsSettings;
  readonly awsAccountId: string;
}

const notesByPlace = createOperationMap<string, OperationNote>();
const notesByOwner = createOperationMap<string, OperationNote>();
const predecessors = createOperationMap<string, Predecessor>();

export function noteOperation(note: OperationNote): void {
  notesByPlace.set(deriveOwnerId(note.place), note);
  notesByOwner.set(note.ownerId, note);
}

export function findNoteByPlace(place: Place): OperationNote | undefined {
  return notesByPlace.get(deriveOwnerId(place));
}

export function findNoteByOwner(ownerId: string): OperationNote | undefined {
  return notesByOwner.get(ownerId);
}

/** Remembers a destination that works, before a replacement is made for it. */
export function notePredecessor(state: DestinationState): void {
  predecessors.set(state.ownerId, {
    destinationId: state.destinationId,
    generation: state.generation,
    claimName: state.claimName,
    organizationId: state.organizationId,
    type: state.type,
    secretNamePrefix: state.secretNamePrefix,
    aws: { ...state.aws, region: state.awsRegion },
    awsAccountId: state.awsAccountId,
  });
}

export function findPredecessor(ownerId: string): Predecessor | undefined {
  return predecessors.get(ownerId);
}

/** Once it is deleted there is nothing left to protect. */
export function forgetPredecessor(state: DestinationState): void {
  if (predecessors.get(state.ownerId)?.generation === state.generation) predecessors.delete(state.ownerId);
}
