import type { AwsSettings } from "../aws/aws-config.js";
import { ProviderError } from "../core/errors.js";

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
    operation: `the AWS credentials lead to account ${actual}, the destination is in ${recorded}`,
    target: recorded,
    hint: "use the credentials, profile or role of the recorded account.",
  });
}
