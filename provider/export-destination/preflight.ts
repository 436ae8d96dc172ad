import type { Aws } from "../aws/with-aws.js";
import type { Operation } from "../engine/operation.js";
import { withDestinationAws } from "./account.js";
import { type ActiveClaim, openClaim } from "./claim/claim.js";
import { guardOrphans } from "./claim/orphans.js";
import { warnOfMissingJobs } from "./glue-guard.js";
import type { PlannableInputs } from "./inputs/arguments.js";
import { type ProvisionBasis, type ProvisionSteps, planProvision, sharesClaim } from "./plan.js";
import { inspectName } from "./secret/storage.js";
import type { DestinationState } from "./state.js";

/** A plan that nothing stands against. */
export interface Preflight extends ProvisionSteps {
  /** The secret is scheduled for deletion and will be restored. */
  readonly restores: boolean;
}

/**
 * Reads what AWS holds, plans, and refuses what stands against the plan. Changes nothing: a preview and `up` both begin
 * with it. Only `up` restores a claim whose deletion somebody scheduled, which cannot be read until then.
 *
 * @throws `INTEGRATION_EXISTS`, `CREDENTIALS_REJECTED` for credentials that are known not to work, `EXPORT_RUNNING`,
 * `UNPROVEN`, `PENDING_DELETION`, `NOT_OURS`, `WRONG_ACCOUNT`, `AWS_FAILED`
 */
export async function runPreflight(
  aws: Aws,
  inputs: PlannableInputs,
  basis: ProvisionBasis,
  operation: Operation,
  how: "read only" | "restore the claim" = "read only",
): Promise<Preflight> {
  const { predecessor } = basis;
  const claim = openClaim(aws.secrets, inputs);
  const read = how === "read only" ? claim.read() : claim.readRestored(operation.messages);
  const here = (await read)?.record;
  const elsewhere =
    predecessor === undefined || sharesClaim(predecessor, inputs)
      ? undefined
      : await withClaimOf(predecessor, operation, async (other) => (await other.read())?.record);
  const plan = planProvision(inputs, { here, elsewhere }, basis, Date.now());
  if (plan.action === "refuse") throw plan.error;
  await guardOrphans(aws, { ...inputs, claimName: claim.name }, plan.orphans, operation.messages);
  await warnOfMissingJobs(aws.glue, { name: inputs.name, watched: inputs.glue }, operation.messages);
  const restores = await inspectName(aws.secrets, inputs, plan.secretRevision, plan.proofs);
  return { ...plan, restores };
}

/** Opens the claim that a destination stands in. */
export function withClaimOf<T>(
  state: DestinationState,
  operation: Operation,
  work: (claim: ActiveClaim) => Promise<T>,
): Promise<T> {
  return withDestinationAws(state, ({ secrets }) => work(openClaim(secrets, state)), operation);
}
