import { isDeepStrictEqual } from "node:util";
import { isUnknown } from "../engine/unknown.js";
import type { DestinationInputs } from "./inputs.js";
import type { DestinationState } from "./records.js";

/** What a change of the inputs does. */
export interface DestinationDifferences {
  readonly changes: boolean;
  /** The inputs that ask for another destination in place of this one. */
  readonly replaces: readonly string[];
}

/** A change of one of these is another destination, wherever it stands. */
const identityKeys = [
  "name",
  "organizationId",
  "secretNamePrefix",
  "awsAccountId",
  "awsRegion",
] as const satisfies readonly (keyof DestinationInputs)[];

const credentialKeys = [
  "type",
  "destinationMetadata",
  "credentialFingerprints",
] as const satisfies readonly (keyof DestinationInputs)[];

/** A change of one of these is carried out, or only recorded, in place. */
const settingKeys = [
  "aws",
  "glue",
  "onPendingDeletion",
  "egressIpService",
  "validation",
  "retryTrigger",
] as const satisfies readonly (keyof DestinationInputs)[];

/**
 * Compares a destination with what it should be.
 *
 * A working destination is never edited: another identity or other credentials replace it. One that failed has
 * nothing to keep, so it is made anew in place. One that was interrupted goes on with other credentials in place.
 */
export function compareDestination(olds: DestinationState, news: DestinationInputs): DestinationDifferences {
  const differs = (key: keyof DestinationInputs & keyof DestinationState) =>
    !isDeepStrictEqual(olds[key], news[key]);
  const identity: string[] = identityKeys.filter(differs);
  if (hasOtherId(olds, news)) identity.push("destinationId");
  if (isUnknown(news.aws) || olds.aws?.endpoint !== news.aws?.endpoint) identity.push("aws.endpoint");
  const credentials: string[] = credentialKeys.filter(differs);
  // A part that is known only in `up` may turn out to be what it was, but the whole then is not known either.
  if (credentials.length === 0 && isUnknown(news.credentialsFingerprint))
    credentials.push("credentialFingerprints");
  const settings = settingKeys.filter(differs);
  const replaces = {
    Validated: [...identity, ...credentials],
    Testing: [...identity, ...credentials.filter((key) => key === "type")],
    Pending: identity,
    Failed: [],
  }[olds.status];
  const isSettled = olds.status === "Validated" && olds.integrationStatus === "Connected";
  const changes = !isSettled || identity.length + credentials.length + settings.length > 0;
  return { changes, replaces };
}

function hasOtherId(olds: DestinationState, news: DestinationInputs): boolean {
  return news.destinationId === undefined
    ? olds.destinationIdIsFixed
    : olds.destinationId !== news.destinationId;
}
