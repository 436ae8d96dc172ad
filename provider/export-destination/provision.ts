import { withAwsClients } from "../aws/clients.js";
import { type Glue, openGlue } from "../aws/glue.js";
import { openSecretsManager, type SecretsManager } from "../aws/secrets-manager.js";
import { type ProviderError, toProviderError } from "../core/errors.js";
import type { SecretValue } from "../core/secret-value.js";
import type { Operation } from "../engine/operation.js";
import { ensureAccount } from "./account.js";
import { buildIntegrationExists, openClaim } from "./active-claim.js";
import { AttemptLog } from "./attempt.js";
import { activateDestination, isSame, planDestination } from "./claim-steps.js";
import type { KnownInputs } from "./inputs.js";
import { clearLeftovers, findLeftovers, guardLeftovers } from "./leftovers.js";
import { planIdentity, sharesClaim } from "./next-identity.js";
import type { ClaimedDestination, ClaimRecord, DestinationState } from "./records.js";
import { explainRejection, refuseKnownFailure, rememberFailure } from "./rejection.js";
import { ensureStored, inspectName } from "./storage.js";
import { logProvisioningError, validateCredentials } from "./validation.js";

export interface ProvisionRequest {
  readonly inputs: KnownInputs;
  readonly payload: SecretValue;
  /** `organization/project/stack/name`. */
  readonly placeHint: string;
  /** The state of the same resource, when it is made anew in place. */
  readonly previous?: DestinationState | undefined;
  /** The working destination that this one is to replace. */
  readonly predecessor?: DestinationState | undefined;
  readonly operation: Operation;
}

/** How it ended; what could not even begin is thrown. */
export type ProvisionOutcome =
  | { readonly kind: "connected"; readonly state: DestinationState }
  /** The credentials do not work, or AWS failed after they did. `keepsOld`: another one works on and must stay. */
  | {
      readonly kind: "failed" | "interrupted";
      readonly state: DestinationState;
      readonly error: ProviderError;
      readonly keepsOld: boolean;
    };

/**
 * Validates, claims, stores, and makes active, in this order; each step finds what an earlier run of it left.
 *
 * @throws `INTEGRATION_EXISTS`, `CREDENTIALS_REJECTED` for credentials that are known not to work, `PENDING_DELETION`,
 * `NOT_OURS`, `WRONG_ACCOUNT`, `AWS_FAILED` before anything was changed.
 */
export function provision(request: ProvisionRequest): Promise<ProvisionOutcome> {
  const { inputs } = request;
  return withAwsClients({ ...inputs.aws, region: inputs.awsRegion }, async (clients) => {
    ensureAccount(clients.accountId, inputs.awsAccountId);
    const secrets = await openSecretsManager(clients.secretsManager);
    return run(request, secrets, async () => openGlue(await clients.glue()));
  });
}

async function run(
  request: ProvisionRequest,
  secrets: SecretsManager,
  glue: () => Promise<Glue>,
): Promise<ProvisionOutcome> {
  const { inputs, payload, placeHint, previous, predecessor, operation } = request;
  const { messages } = operation;
  const claim = openClaim(secrets, inputs);
  const record = (await claim.read())?.record;
  if (record !== undefined) refuseOtherHolder(inputs, record);
  const home = predecessor !== undefined && sharesClaim(predecessor, inputs) ? predecessor : undefined;
  const elsewhere = home === undefined ? predecessor : undefined;
  const identity = planIdentity(inputs, record, previous, home);
  const keepsOld =
    predecessor !== undefined || previous?.status === "Validated" || record?.active?.status === "connected";
  if (keepsOld) await refuseKnownFailure(inputs, record, elsewhere);
  const leftovers = findLeftovers(record, inputs.ownerId, [identity, home]);
  await guardLeftovers(glue, claim.name, inputs, leftovers, messages);
  await inspectName(secrets, inputs, identity, formerSecretArns(record));

  const attempt = new AttemptLog(inputs, identity, claim.name, previous, messages);
  attempt.step("begin");
  attempt.step("test");
  const outcome = await validateCredentials(inputs, identity.destinationId, payload, messages);
  attempt.noteAddress(outcome.egressIp);
  const interrupt = (thrown: unknown): ProvisionOutcome => {
    const error = toProviderError(thrown, "store the credentials");
    logProvisioningError(inputs, identity.destinationId, error, messages);
    if (error.code === "INTEGRATION_EXISTS") throw error;
    attempt.step("interrupt", error);
    return { kind: "interrupted", state: attempt.build({}), error, keepsOld };
  };
  if (!outcome.passed) {
    logProvisioningError(inputs, identity.destinationId, outcome.error, messages);
    // An interrupted attempt may have planned and stored: a failed destination has neither claim nor secret.
    const planned = keepsOld ? [] : findLeftovers(record, inputs.ownerId, []);
    try {
      await clearLeftovers(secrets, claim, inputs, planned, []);
    } catch (thrown) {
      return interrupt(thrown);
    }
    attempt.step("reject", outcome.error);
    const state = attempt.build({});
    if (keepsOld) await rememberFailure(inputs, claim, elsewhere, state, operation);
    return { kind: "failed", state, error: explainRejection(inputs, outcome.error), keepsOld };
  }

  try {
    const now = new Date().toISOString();
    const planned: ClaimedDestination = {
      ...identity,
      name: inputs.name,
      status: "planned",
      owner: { id: inputs.ownerId, place: placeHint },
      destinationMetadata: inputs.destinationMetadata,
      since: now,
    };
    const held = await claim.change((current) => {
      refuseOtherHolder(inputs, current);
      const follows = current.active?.status === "connected" && !isSame(current.active, planned);
      return planDestination(current, planned, follows);
    });
    const stored = await ensureStored(secrets, inputs, identity, payload, formerSecretArns(held));
    await claim.change((current) => {
      refuseOtherHolder(inputs, current);
      const connected: ClaimedDestination = { ...planned, status: "connected", secretArn: stored.arn };
      return activateDestination(current, connected, new Date().toISOString());
    });
    await clearLeftovers(secrets, claim, inputs, leftovers, [identity.secretName]);
    attempt.step("connect");
    return {
      kind: "connected",
      state: attempt.build({
        secretArn: stored.arn,
        secretVersionId: stored.versionId,
        validatedAt: attempt.latestAt,
      }),
    };
  } catch (thrown) {
    return interrupt(thrown);
  }
}

/**
 * Refuses a claim that another owner holds.
 *
 * @throws `INTEGRATION_EXISTS`
 */
export function refuseOtherHolder(inputs: KnownInputs, { active }: ClaimRecord): void {
  if (active !== null && active.owner.id !== inputs.ownerId) throw buildIntegrationExists(inputs, active);
}

/** The secrets of the claim's former destinations: one of them may be taken up again under its fixed id. */
export function formerSecretArns(record: ClaimRecord | undefined): string[] {
  return (record?.archived ?? []).flatMap(({ secretArn }) => (secretArn === undefined ? [] : [secretArn]));
}
