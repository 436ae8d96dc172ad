import { ProviderError } from "../core/errors.js";

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
