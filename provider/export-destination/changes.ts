import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import { findFields } from "../core/field-meta.js";
import { isUnknown } from "../engine/unknown.js";
import { addedInputs, type DestinationInputs, destinationArguments } from "./inputs/arguments.js";
import type { DestinationState } from "./state.js";

/** What a change of the inputs does. */
export interface DestinationDifferences {
  readonly changes: boolean;
  /** The inputs that ask for another destination in place of this one. */
  readonly replaces: readonly string[];
}

/** What `check` leaves of the argument `credentials`, which replaces. */
const credentialInputs = ["type", "destinationMetadata", "credentialFingerprints"] as const;
/**
 * An id that nobody gave is none that changed, so it is compared in a way of its own. So is what is stored: like other
 * credentials, another format replaces what works, and nothing else.
 */
const {
  destinationId: _,
  payloadFormat: _format,
  payloadNames: _names,
  ...plainArguments
} = destinationArguments.shape;
const { awsAccountId, awsRegion } = addedInputs.shape;
/** The inputs whose change is another destination, wherever it stands; that of another one is carried out in place. */
const homeInputs = findFields(
  z.object({ ...plainArguments, awsAccountId, awsRegion }),
  ({ replaces }) => replaces === true,
) as readonly (keyof DestinationInputs)[];
const plainInputs = (Object.keys(plainArguments) as (keyof typeof plainArguments)[]).filter(
  (name) => !homeInputs.includes(name),
);

/**
 * Compares a destination with what it should be.
 *
 * A working destination is never edited: another home or other credentials replace it. One that failed has nothing to
 * keep, so it is recreated in place. One that was interrupted goes on with other credentials in place.
 */
export function compareDestination(olds: DestinationState, news: DestinationInputs): DestinationDifferences {
  const findChanged = <T extends keyof DestinationInputs>(names: readonly T[]): T[] =>
    names.filter((name) => !isDeepStrictEqual(olds[name as keyof DestinationState], news[name]));
  const updates = findChanged(plainInputs);
  const moves: string[] = findChanged(homeInputs);
  if (hasOtherId(olds, news)) moves.push("destinationId");
  if (isUnknown(news.aws) || olds.aws?.endpoint !== news.aws?.endpoint) moves.push("aws.endpoint");
  const credentials = findChanged(credentialInputs);
  // A part that is known only in `up` may turn out to be what it was, but the whole then is not known either.
  if (credentials.length === 0 && isUnknown(news.credentialsFingerprint)) {
    credentials.push("credentialFingerprints");
  }
  const stored: string[] = [...credentials, ...findChanged(["payloadNames"])];
  if ((olds.payloadFormat ?? "default") !== (news.payloadFormat ?? "default")) stored.push("payloadFormat");
  const replaces = {
    Validated: [...moves, ...stored],
    Testing: [...moves, ...stored.filter((input) => input === "type")],
    Pending: moves,
    Failed: [],
  }[olds.status];
  const isSettled = olds.status === "Validated" && olds.integrationStatus === "Connected";
  return { changes: !isSettled || updates.length + moves.length + stored.length > 0, replaces };
}

function hasOtherId(olds: DestinationState, news: DestinationInputs): boolean {
  return news.destinationId === undefined
    ? olds.destinationIdIsFixed
    : olds.destinationId !== news.destinationId;
}
