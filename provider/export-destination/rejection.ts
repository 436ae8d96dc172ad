import { withAwsClients } from "../aws/clients.js";
import { openSecretsManager } from "../aws/secrets-manager.js";
import { ProviderError, toProviderError } from "../core/errors.js";
import { fingerprint } from "../core/fingerprint.js";
import { SecretValue } from "../core/secret-value.js";
import type { Operation } from "../engine/operation.js";
import { ensureAccount } from "./account.js";
import { type ActiveClaim, openClaim } from "./active-claim.js";
import { rememberFailedRotation } from "./claim-steps.js";
import type { DestinationInputs, KnownInputs } from "./inputs.js";
import type { ClaimRecord, DestinationState, FailedRotation } from "./records.js";

/** Credentials that did not pass: what is said of them, and where a failed rotation is remembered. */

type AttemptInputs = Pick<DestinationInputs, "credentialsFingerprint" | "retryTrigger" | "fingerprintKey">;

/** The same credentials tried once more on purpose (`retryTrigger`) are another attempt. */
export function buildAttemptFingerprint(inputs: AttemptInputs): string {
  const text = JSON.stringify([inputs.credentialsFingerprint, inputs.retryTrigger ?? ""]);
  return fingerprint(inputs.fingerprintKey, "attempt", new SecretValue(text));
}

/** Whether `news` would try the very credentials again that `olds` is about. */
export function isSameAttempt(olds: AttemptInputs, news: AttemptInputs): boolean {
  return buildAttemptFingerprint(olds) === buildAttemptFingerprint(news);
}

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
  inputs: Pick<KnownInputs, "name">,
  failure: Pick<FailedRotation, "at" | "errorCode" | "errorMessage">,
): ProviderError {
  // A message that was kept ends in its own fix.
  const [what = "", fix] = failure.errorMessage.split(". Fix: ");
  return new ProviderError("CREDENTIALS_REJECTED", {
    operation: `the credentials of export destination ${inputs.name} did not pass validation on ${failure.at}, and were not tried again: [${failure.errorCode}] ${what}`,
    hint: fix === undefined ? howToTryAgain : `${fix} ${howToTryAgain}`,
  });
}

/** The failed rotation that a claim remembers, if it was with these very credentials. */
export function findKnownFailure(
  inputs: KnownInputs,
  record: ClaimRecord | undefined,
): FailedRotation | undefined {
  const failure = record?.failedRotation;
  const isOurs =
    failure?.ownerId === inputs.ownerId && failure.attemptFingerprint === buildAttemptFingerprint(inputs);
  return isOurs ? failure : undefined;
}

/**
 * Refuses credentials of which this claim, or that of a predecessor elsewhere, remembers that they did not work.
 *
 * @throws `CREDENTIALS_REJECTED`
 */
export async function refuseKnownFailure(
  inputs: KnownInputs,
  here: ClaimRecord | undefined,
  elsewhere: DestinationState | undefined,
): Promise<void> {
  const there = elsewhere && (await withClaimOf(elsewhere, async (claim) => (await claim.read())?.record));
  const failure = findKnownFailure(inputs, here) ?? findKnownFailure(inputs, there);
  if (failure !== undefined) throw buildKnownFailure(inputs, failure);
}

/**
 * Remembers a rotation that failed, where the destination is claimed that works on: with another organization or
 * account that is elsewhere. Never rejects: the failure itself is what has to be told.
 */
export async function rememberFailure(
  inputs: KnownInputs,
  here: ActiveClaim,
  elsewhere: DestinationState | undefined,
  state: DestinationState,
  { messages }: Operation,
): Promise<void> {
  const remember = (claim: ActiveClaim) =>
    claim.change((record) =>
      rememberFailedRotation(record, {
        ownerId: inputs.ownerId,
        attemptFingerprint: buildAttemptFingerprint(inputs),
        destinationId: state.destinationId,
        at: state.statusHistory.at(-1)?.at ?? state.createdAt,
        errorCode: state.errorCode ?? "INTERNAL",
        errorMessage: state.errorMessage ?? "",
      }),
    );
  try {
    await (elsewhere === undefined ? remember(here) : withClaimOf(elsewhere, remember));
  } catch (error) {
    const { message } = toProviderError(error, "remember the failed validation");
    messages.warn(
      `the next up will log in with the same credentials again, because the claim was not written: ${message}`,
    );
  }
}

function withClaimOf<T>(predecessor: DestinationState, work: (claim: ActiveClaim) => Promise<T>): Promise<T> {
  const { aws, awsRegion } = predecessor;
  return withAwsClients({ ...aws, region: awsRegion }, async (clients) => {
    ensureAccount(clients.accountId, predecessor.awsAccountId);
    return work(openClaim(await openSecretsManager(clients.secretsManager), predecessor));
  });
}
