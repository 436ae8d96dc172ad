import type { AwsSettings } from "../aws/aws-config.js";
import { ProviderError } from "../core/errors.js";
import type { PlannableInputs } from "./inputs/arguments.js";
import type { DestinationState } from "./state.js";

/** The settings that lead to where a destination stands, or is to stand. */
export function pickAwsSettings({
  aws,
  awsRegion: region,
}: {
  readonly aws?: AwsSettings | undefined;
  readonly awsRegion: string;
}): AwsSettings {
  return { region, profile: aws?.profile, endpoint: aws?.endpoint, assumeRoleArn: aws?.assumeRoleArn };
}

/**
 * Refuses to work on another account than the recorded one.
 *
 * @throws `WRONG_ACCOUNT`
 */
export function ensureAccount(actual: string, recorded: string): void {
  if (actual === recorded) return;
  throw new ProviderError("WRONG_ACCOUNT", {
    operation: `the AWS credentials lead to account ${actual}, and the destination is in another one`,
    target: `account ${recorded}`,
    hint: "use the credentials, profile or role of the recorded account. To move the destination, name the new account by aws.profile or aws.assumeRoleArn, and leave the environment's credentials as they were: the old one is disconnected with these.",
  });
}

/**
 * Refuses to go on in another account than the one where a destination has something to lose.
 *
 * @throws `WRONG_ACCOUNT`
 */
export function ensureSameAccount(
  next: Pick<PlannableInputs, "awsAccountId">,
  before: Pick<DestinationState, "awsAccountId" | "status">,
): void {
  if (before.status !== "Failed") ensureAccount(next.awsAccountId, before.awsAccountId);
}
