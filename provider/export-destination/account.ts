import { type Aws, withAws } from "../aws/with-aws.js";
import { ProviderError } from "../core/errors.js";
import type { Operation } from "../engine/operation.js";
import type { PlannableInputs } from "./inputs/arguments.js";
import type { DestinationState } from "./state.js";

/** Where in AWS a destination stands, or is to stand, and the settings that lead there. */
export type DestinationLocation = Pick<PlannableInputs, "aws" | "awsRegion" | "awsAccountId">;

/**
 * Runs `work` in the account and region of a destination; see `withAws`.
 *
 * @throws `WRONG_ACCOUNT` when the settings lead to another account than the recorded one, and what `withAws` does
 */
export function withDestinationAws<T>(
  { aws, awsRegion, awsAccountId }: DestinationLocation,
  work: (aws: Aws) => Promise<T>,
  operation: Operation,
): Promise<T> {
  const { profile, endpoint, assumeRoleArn } = aws ?? {};
  const settings = { region: awsRegion, profile, endpoint, assumeRoleArn };
  const workThere = (opened: Aws) => {
    ensureAccount(opened.accountId, awsAccountId);
    return work(opened);
  };
  return withAws(settings, workThere, operation);
}

function ensureAccount(actual: string, recorded: string): void {
  if (actual === recorded) return;
  throw new ProviderError("WRONG_ACCOUNT", {
    operation: `the AWS credentials belong to account ${actual}, but the destination is in another account`,
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
