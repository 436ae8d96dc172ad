import type { Aws } from "../aws/with-aws.js";
import { type ProviderError, toProviderError } from "../core/errors.js";
import type { Operation } from "../engine/operation.js";
import { withDestinationAws } from "./account.js";
import { AttemptLog } from "./attempt.js";
import { buildIntegrationExists, describeResumed, openClaim } from "./claim/claim.js";
import { clearOrphans } from "./claim/orphans.js";
import type { ClaimedDestination, ClaimRecord } from "./claim/record.js";
import { activateDestination, isSame, planDestination } from "./claim/transitions.js";
import type { ExportCredentials } from "./credentials/index.js";
import { buildPayload } from "./credentials/payload.js";
import type { KnownInputs } from "./inputs/arguments.js";
import { findOtherHolder, type ProvisionBasis } from "./plan.js";
import { type Preflight, runPreflight, withClaimOf } from "./preflight.js";
import { buildClaimName } from "./secret/names.js";
import { ensureStored, restoreNote } from "./secret/storage.js";
import type { DestinationState } from "./state.js";
import { explainFailure, rememberFailure } from "./validation/failures.js";
import { validateCredentials } from "./validation/validation.js";

/** What is to be provisioned, and what it starts from. */
export interface ProvisionRequest extends ProvisionBasis {
  readonly inputs: KnownInputs;
  /** Asked for when the log-in is due; throws where this operation did not get the credentials. */
  getCredentials(): ExportCredentials;
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
 * @throws what `runPreflight` does, before anything was changed
 */
export function provision(request: ProvisionRequest, operation: Operation): Promise<ProvisionOutcome> {
  const { inputs } = request;
  const work = async (aws: Aws) => {
    const preflight = await runPreflight(aws, inputs, request, operation, "restore the claim");
    const claimName = buildClaimName(inputs);
    const attempt = new AttemptLog(
      inputs,
      preflight.secretRevision,
      claimName,
      request.placeHint,
      request.previous,
      operation,
    );
    return carryOut(request, preflight, attempt, aws, operation);
  };
  return withDestinationAws(inputs, work, operation);
}

async function carryOut(
  { inputs, getCredentials, placeHint }: ProvisionRequest,
  { secretRevision, resumed, keepsOld, elsewhere, orphans, recordedOrphans, proofs, restores }: Preflight,
  attempt: AttemptLog,
  { secrets }: Aws,
  operation: Operation,
): Promise<ProvisionOutcome> {
  const { messages } = operation;
  const claim = openClaim(secrets, inputs);
  const credentials = getCredentials();
  if (resumed !== undefined) messages.warn(`export destination ${inputs.name}: ${describeResumed(resumed)}`);
  attempt.step("begin");
  attempt.step("test");
  const outcome = await validateCredentials(inputs, credentials);
  attempt.noteAddress(outcome.address);
  const interrupt = (thrown: unknown): ProvisionOutcome => {
    const error = toProviderError(thrown, "store the credentials");
    attempt.noteFailure(error);
    if (error.code === "INTEGRATION_EXISTS") throw error;
    attempt.step("interrupt", error);
    return { kind: "interrupted", state: attempt.build({}), error, keepsOld };
  };
  if (!outcome.passed) {
    try {
      await clearOrphans(secrets, claim, inputs, recordedOrphans, []);
    } catch (thrown) {
      return interrupt(thrown);
    }
    attempt.step("reject", outcome.error);
    attempt.noteFailure(outcome.error);
    const state = attempt.build({});
    if (keepsOld) {
      // Where the destination is claimed that works on: with another organization or account that is elsewhere.
      const change: typeof claim.change = (decide) =>
        elsewhere === undefined
          ? claim.change(decide)
          : withClaimOf(elsewhere, operation, (other) => other.change(decide));
      await rememberFailure(state, change, messages);
    }
    return { kind: "failed", state, error: explainFailure(inputs, outcome.error), keepsOld };
  }

  for (const remark of outcome.remarks) messages.report(`export destination ${inputs.name}: ${remark}`);
  try {
    const planned: ClaimedDestination = {
      ...secretRevision,
      name: inputs.name,
      status: "planned",
      owner: { id: inputs.ownerId, place: placeHint },
      destinationMetadata: inputs.destinationMetadata,
      payloadFormat: inputs.payloadFormat ?? "default",
      since: new Date().toISOString(),
    };
    await claim.change((current) => {
      refuseOtherHolder(inputs, current, placeHint);
      const follows = current.active?.status === "connected" && !isSame(current.active, planned);
      return planDestination(current, planned, follows, orphans);
    });
    if (restores) messages.report(`export destination ${inputs.name}: ${restoreNote}`);
    const payload = buildPayload(credentials, inputs);
    const stored = await ensureStored(secrets, inputs, secretRevision, payload, proofs);
    await claim.change((current) => {
      refuseOtherHolder(inputs, current, placeHint);
      const connected: ClaimedDestination = { ...planned, status: "connected", secretArn: stored.arn };
      return activateDestination(current, connected, new Date().toISOString(), orphans);
    });
    await clearOrphans(secrets, claim, inputs, orphans, [secretRevision.secretName]);
    attempt.step("connect");
    const { arn: secretArn, versionId: secretVersionId } = stored;
    const state = attempt.build({ secretArn, secretVersionId, validatedAt: attempt.latestAt });
    return { kind: "connected", state };
  } catch (thrown) {
    return interrupt(thrown);
  }
}

// Between the plan and the swap somebody else may have been faster.
function refuseOtherHolder(inputs: KnownInputs, record: ClaimRecord, placeHint: string): void {
  const holder = findOtherHolder(inputs, record);
  if (holder !== undefined) throw buildIntegrationExists(inputs, holder, placeHint);
}
