import { isDeepStrictEqual } from "node:util";
import { isUnknown } from "../engine/unknown.js";
import type { DestinationInputs } from "./inputs/arguments.js";
import type { DestinationState } from "./state.js";

/** What a change of the inputs does. */
export interface DestinationDifferences {
  readonly changes: boolean;
  /** The inputs that ask for another destination in place of this one. */
  readonly replaces: readonly string[];
}

/** Inputs that say nothing of what is wanted, or that are compared in a way of their own. */
type NotCompared = "ownerId" | "fingerprintKey" | "credentialsFingerprint" | "notReadable" | "destinationId";

/**
 * What a change of each input does to a working destination: `replace` is another destination, wherever it stands;
 * `credentials` replaces, too; `update` is carried out, or only recorded, in place.
 */
export const changeOf = {
  name: "replace",
  organizationId: "replace",
  secretNamePrefix: "replace",
  awsAccountId: "replace",
  awsRegion: "replace",
  type: "credentials",
  destinationMetadata: "credentials",
  credentialFingerprints: "credentials",
  aws: "update",
  glue: "update",
  onPendingDeletion: "update",
  egressIpService: "update",
  validation: "update",
  retryTrigger: "update",
} as const satisfies Record<Exclude<keyof DestinationInputs, NotCompared>, string>;

/**
 * Compares a destination with what it should be.
 *
 * A working destination is never edited: another home or other credentials replace it. One that failed has nothing to
 * keep, so it is made anew in place. One that was interrupted goes on with other credentials in place.
 */
export function compareDestination(olds: DestinationState, news: DestinationInputs): DestinationDifferences {
  const changed = (Object.keys(changeOf) as (keyof typeof changeOf)[]).filter(
    (input) => !isDeepStrictEqual(olds[input], news[input]),
  );
  const thatDo = (change: string): string[] => changed.filter((input) => changeOf[input] === change);
  const moves = thatDo("replace");
  if (hasOtherId(olds, news)) moves.push("destinationId");
  if (isUnknown(news.aws) || olds.aws?.endpoint !== news.aws?.endpoint) moves.push("aws.endpoint");
  const credentials = thatDo("credentials");
  // A part that is known only in `up` may turn out to be what it was, but the whole then is not known either.
  if (credentials.length === 0 && isUnknown(news.credentialsFingerprint)) {
    credentials.push("credentialFingerprints");
  }
  const replaces = {
    Validated: [...moves, ...credentials],
    Testing: [...moves, ...credentials.filter((input) => input === "type")],
    Pending: moves,
    Failed: [],
  }[olds.status];
  const isSettled = olds.status === "Validated" && olds.integrationStatus === "Connected";
  return { changes: !isSettled || changed.length + moves.length + credentials.length > 0, replaces };
}

function hasOtherId(olds: DestinationState, news: DestinationInputs): boolean {
  return news.destinationId === undefined
    ? olds.destinationIdIsFixed
    : olds.destinationId !== news.destinationId;
}
