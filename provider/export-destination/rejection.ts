import { ProviderError, toProviderError } from "../core/errors.js";
import { fingerprint } from "../core/fingerprint.js";
import { SecretValue } from "../core/secret-value.js";
import type { Messages } from "../engine/messages.js";
import { isUnknown } from "../engine/unknown.js";
import type { ActiveClaim } from "./active-claim.js";
import { rememberFailedRotation } from "./claim-steps.js";
import type { DestinationInputs, KnownInputs } from "./inputs.js";
import type { ClaimRecord, DestinationState, FailedRotation } from "./records.js";

/** Credentials that did not pass: what is said of them, and where a failed rotation is remembered. */

type AttemptInputs = Pick<DestinationInputs, "credentialsFingerprint" | "retryTrigger" | "fingerprintKey">;

/**
 * What tells one attempt from another: the same credentials tried once more on purpose (`retryTrigger`) are a new one.
 * Undefined in a preview that does not know them.
 */
function buildAttemptFingerprint(inputs: AttemptInputs): string | undefined {
  const { credentialsFingerprint, retryTrigger = "", fingerprintKey } = inputs;
  if (isUnknown(credentialsFingerprint) || isUnknown(retryTrigger)) return undefined;
  const text = JSON.stringify([credentialsFingerprint, retryTrigger]);
  return fingerprint(fingerprintKey, "attempt", new SecretValue(text));
}

/** A failed validation as it is kept. */
type KnownFailure = Pick<FailedRotation, "at" | "errorCode" | "errorMessage">;

/** What a failed validation is called outside: what failed, why, and how to try again. */
export function explainRejection(inputs: KnownInputs, cause: ProviderError): ProviderError {
  return new ProviderError("CREDENTIALS_REJECTED", {
    operation: `the credentials of export destination ${inputs.name} did not pass validation: [${cause.code}] ${cause.operation}${cause.target === undefined ? "" : `: ${cause.target}`}`,
    hint: `${cause.hint} ${howToTryAgain}`,
    ...(cause.cause === undefined ? {} : { cause: { name: cause.name, code: cause.code } }),
  });
}

const howToTryAgain =
  "They are not tried again by themselves: change the credentials, or, if only the world was wrong, change retryTrigger, then run pulumi up.";

/** Says again why credentials failed, and when, without a log-in. */
export function buildKnownFailure(
  { name }: { readonly name: string },
  { at, errorCode, errorMessage }: KnownFailure,
): ProviderError {
  // A message that was kept ends in its own fix.
  const [what = "", fix] = errorMessage.split(". Fix: ");
  return new ProviderError("CREDENTIALS_REJECTED", {
    operation: `the credentials of export destination ${name} did not pass validation on ${at}, and were not tried again: [${errorCode}] ${what}`,
    hint: fix === undefined ? howToTryAgain : `${fix} ${howToTryAgain}`,
  });
}

/** The failed rotation that a claim remembers, if it was with these very credentials. */
export function findKnownFailure(
  inputs: AttemptInputs & Pick<DestinationInputs, "ownerId">,
  record: ClaimRecord | undefined,
): KnownFailure | undefined {
  const failure = record?.failedRotation;
  if (failure?.ownerId !== inputs.ownerId) return undefined;
  return failure.attemptFingerprint === buildAttemptFingerprint(inputs) ? failure : undefined;
}

/** Why the last attempt of this resource failed, if it was with these very credentials. */
export function findRefusedAttempt(
  inputs: AttemptInputs,
  previous: DestinationState,
): KnownFailure | undefined {
  if (previous.status !== "Failed") return undefined;
  if (buildAttemptFingerprint(previous) !== buildAttemptFingerprint(inputs)) return undefined;
  return toKnownFailure(previous);
}

function toKnownFailure({
  statusHistory,
  createdAt,
  errorCode = "INTERNAL",
  errorMessage = "",
}: DestinationState): KnownFailure {
  return { at: statusHistory.at(-1)?.at ?? createdAt, errorCode, errorMessage };
}

/** Remembers a rotation that failed. Never rejects: the failure itself is what has to be told. */
export async function rememberFailure(
  state: DestinationState,
  change: (decide: (record: ClaimRecord) => ClaimRecord) => ReturnType<ActiveClaim["change"]>,
  messages: Messages,
): Promise<void> {
  const { ownerId, destinationId } = state;
  const attemptFingerprint = buildAttemptFingerprint(state) ?? "";
  const failure = { ownerId, attemptFingerprint, destinationId, ...toKnownFailure(state) };
  try {
    await change((record) => rememberFailedRotation(record, failure));
  } catch (error) {
    const { message } = toProviderError(error, "remember the failed validation");
    messages.warn(
      `the next up will log in with the same credentials again, because the claim was not written: ${message}`,
    );
  }
}
