import { ProviderError, toProviderError } from "../../core/errors.js";
import { computeFingerprint } from "../../core/fingerprint.js";
import { SecretValue } from "../../core/secret-value.js";
import type { Messages } from "../../engine/messages.js";
import { isUnknown } from "../../engine/unknown.js";
import type { ActiveClaim } from "../claim/claim.js";
import type { ClaimRecord, FailedRotation } from "../claim/record.js";
import { rememberFailedRotation } from "../claim/transitions.js";
import { isRefusedByService } from "../credentials/index.js";
import type { DestinationInputs } from "../inputs/arguments.js";
import type { DestinationState } from "../state.js";

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
  return computeFingerprint(fingerprintKey, "attempt", new SecretValue(text));
}

/** A failed validation as it is kept. */
type KnownFailure = Pick<FailedRotation, "at" | "errorCode" | "errorMessage" | "errorExplanation">;

/** What a failed validation is called outside: what failed, why, and how to try again. */
export function explainFailure({ name }: { readonly name: string }, cause: ProviderError): ProviderError {
  const { code, hint, details, cause: foreign } = cause;
  if (isRefusedByService(cause)) {
    return new ProviderError("CREDENTIALS_REJECTED", {
      operation: `the credentials of export destination ${name} were refused: ${cause.summary}`,
      hint: `${hint} ${howToTryAgain}`,
      details,
      ...(foreign === undefined ? {} : { cause: { name: cause.name, code } }),
    });
  }
  return new ProviderError(code, {
    operation: `the credentials of export destination ${name} could not be checked: ${cause.operation}`,
    ...(cause.target === undefined ? {} : { target: cause.target }),
    hint: `${hint} The next pulumi up tries again.`,
    retryable: true,
    details,
    ...(foreign === undefined ? {} : { cause: foreign }),
  });
}

const howToTryAgain =
  "They are not tried again by themselves, because services lock accounts: change the credentials, or, if the user, key or token was set right at the service, change retryTrigger, then run pulumi up.";

/** Says again why credentials were refused, and when, without a log-in. */
export function buildKnownFailure(
  { name }: { readonly name: string },
  { at, errorCode, errorExplanation: { what, fix } }: KnownFailure,
): ProviderError {
  return new ProviderError("CREDENTIALS_REJECTED", {
    operation: `the credentials of export destination ${name} were refused on ${at}, and were not tried again: [${errorCode}] ${what}`,
    hint: `${fix} ${howToTryAgain}`,
  });
}

/** The failed rotation that a claim remembers, if the service refused these very credentials. */
export function findKnownFailure(
  inputs: AttemptInputs & Pick<DestinationInputs, "ownerId">,
  record: ClaimRecord | undefined,
): KnownFailure | undefined {
  const failure = record?.failedRotation;
  if (failure?.ownerId !== inputs.ownerId || !isRefusedByService({ code: failure.errorCode }))
    return undefined;
  return failure.attemptFingerprint === buildAttemptFingerprint(inputs) ? failure : undefined;
}

/** Why the last attempt of this resource failed, if the service refused these very credentials. */
export function findRefusedAttempt(
  inputs: AttemptInputs,
  previous: DestinationState,
): KnownFailure | undefined {
  const failure = toKnownFailure(previous);
  if (previous.status !== "Failed" || !isRefusedByService({ code: failure.errorCode })) return undefined;
  if (buildAttemptFingerprint(previous) !== buildAttemptFingerprint(inputs)) return undefined;
  return failure;
}

function toKnownFailure({
  statusHistory,
  createdAt,
  errorCode = "INTERNAL",
  errorMessage = "",
  errorExplanation = { what: errorMessage, fix: "" },
}: DestinationState): KnownFailure {
  const at = statusHistory.at(-1)?.at ?? createdAt;
  return { at, errorCode, errorMessage, errorExplanation };
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
