import type { Aws } from "../aws/with-aws.js";
import { isProviderError, type ProviderError, toProviderError } from "../core/errors.js";
import type { Operation } from "../engine/operation.js";
import { findContext, findPlaceHint } from "../engine/ownership.js";
import { isKnown } from "../engine/unknown.js";
import { ensureSameAccount, withDestinationAws } from "./account.js";
import { describeResumed } from "./claim/claim.js";
import { describePayloadFormat } from "./credentials/payload.js";
import { describeDrift, lookForDrift } from "./drift.js";
import { ensureNoLiveRun, type GuardedDestination, warnOfMissingJobs } from "./glue-guard.js";
import {
  type DestinationInputs,
  findUnknownArguments,
  isPlannable,
  type PlannableInputs,
} from "./inputs/arguments.js";
import { findPredecessor, isReplacement } from "./inputs/check-memory.js";
import { findCredentials } from "./inputs/credentials.js";
import { type Preflight, runPreflight } from "./preflight.js";
import { ensureNotReplicated, restoreNote } from "./secret/storage.js";
import type { DestinationState } from "./state.js";

/**
 * Tells in a preview what stands against `up`, by the plan that `up` makes. It reads only; what cannot be read is told,
 * too. Only `up` fails.
 *
 * @param state undefined for a creation, in a replacement too
 */
export async function preview(
  inputs: DestinationInputs,
  state: DestinationState | undefined,
  operation: Operation,
): Promise<void> {
  const context = findContext(operation, inputs.ownerId);
  const label = `export destination ${state?.name ?? context?.place.name ?? ""}`;
  const warn = (text: string) => operation.messages.warn(`${label}: ${text}`);
  if (inputs.notReadable !== undefined) {
    const { what, fix } = inputs.notReadable.AWS;
    warn(
      `AWS cannot be read, so this preview is incomplete, and \`pulumi up\` would fail: ${what}. Fix: ${fix}`,
    );
    return;
  }
  if (!isPlannable(inputs)) {
    warn(
      `not known until \`pulumi up\`: ${findUnknownArguments(inputs).join(", ")}. This preview did not read AWS.`,
    );
    return;
  }
  const placeHint = findPlaceHint(operation, inputs.ownerId);
  try {
    if (state !== undefined) ensureSameAccount(inputs, state);
    if (state?.status === "Validated") await previewRepair(inputs, state, placeHint, operation, warn);
    else await previewProvision(inputs, state, placeHint, operation, warn);
  } catch (thrown) {
    const error = toProviderError(thrown, "preview the destination");
    warn(
      error.details.isRestorable === true
        ? `${error.operation}: ${error.target ?? ""}; ${restoredFirst}`
        : `${describeRefusal(error)}: ${error.message}`,
    );
  }
}

const restoredFirst = "`pulumi up` restores the claim first. Until then this preview is incomplete";

type Warn = (text: string) => void;

async function previewRepair(
  inputs: PlannableInputs,
  state: DestinationState,
  placeHint: string,
  operation: Operation,
  warn: Warn,
): Promise<void> {
  const { name, glue: watched } = inputs;
  const warnOfJobs = ({ glue }: Aws) =>
    warnOfMissingJobs(glue, { name, watched }, operation.messages, state.glue);
  await withDestinationAws(inputs, warnOfJobs, operation);
  const drift = await lookForDrift(state, operation, inputs);
  if (drift.length === 0) return;
  const found = describeDrift(drift);
  if (drift.some(({ repair }) => repair === "restore")) {
    warn(`${found}; ${restoredFirst}`);
    return;
  }
  if (drift.every(({ repair }) => repair === "in place")) {
    warn(`${found}; \`pulumi up\` corrects it`);
    return;
  }
  try {
    const { restores } = await preflight(inputs, { previous: state, placeHint }, operation);
    const next = restores ? restoreNote : "`pulumi up` checks the credentials and stores them again";
    const missing =
      findCredentials(operation, state) === undefined
        ? "; this needs the credentials, which ignoreChanges leaves out"
        : "";
    warn(`${found}; ${next}${missing}`);
  } catch (thrown) {
    if (!isProviderError(thrown)) throw thrown;
    warn(`${found}; ${describeRefusal(thrown)}: ${thrown.message}`);
  }
}

async function previewProvision(
  inputs: PlannableInputs,
  previous: DestinationState | undefined,
  placeHint: string,
  operation: Operation,
  warn: Warn,
): Promise<void> {
  const { ownerId } = inputs;
  const predecessor = previous === undefined ? findPredecessor(operation, ownerId) : undefined;
  const basis = { predecessor, isReplacement: previous === undefined && isReplacement(operation, ownerId) };
  const found = await preflight(inputs, { previous, ...basis, placeHint }, operation);
  const { outgoing, restores, resumed } = found;
  if (predecessor !== undefined) previewFormat(predecessor, inputs, warn);
  if (resumed !== undefined) warn(describeResumed(resumed));
  if (restores) warn(restoreNote);
  if (outgoing !== undefined && predecessor !== undefined) {
    await previewDisconnect(predecessor, outgoing, operation, warn);
  }
}

function previewFormat(predecessor: DestinationState, inputs: PlannableInputs, warn: Warn): void {
  const { payloadFormat, payloadNames } = inputs;
  const choice = { payloadFormat, payloadNames };
  const before = describePayloadFormat(predecessor);
  const after = isKnown(choice) ? describePayloadFormat(choice) : "one that is known in `pulumi up`";
  if (before !== after) {
    warn(
      `the payload's format changes from ${before} to ${after}; jobs that read the secret need the new names`,
    );
  }
}

async function previewDisconnect(
  predecessor: DestinationState,
  outgoing: GuardedDestination,
  operation: Operation,
  warn: Warn,
): Promise<void> {
  const willFail = "`pulumi up` would connect the new destination, then fail to disconnect the old one";
  const guard = async (aws: Aws) => ensureNoLiveRun(await aws.glue(), outgoing, operation.messages);
  try {
    await withDestinationAws(predecessor, guard, operation);
  } catch (thrown) {
    const error = toProviderError(thrown, "look at the runs of Glue");
    const what =
      error.code === "EXPORT_RUNNING"
        ? willFail
        : "it is unknown whether an export job prevents the disconnect of the old destination";
    warn(`${what}: ${error.message}`);
  }
  try {
    await withDestinationAws(
      predecessor,
      ({ secrets }) => ensureNotReplicated(secrets, predecessor),
      operation,
    );
  } catch (thrown) {
    const error = toProviderError(thrown, "look at the secret");
    if (error.code === "UNPROVEN") warn(`${willFail}: ${error.message}`);
  }
}

function preflight(
  inputs: PlannableInputs,
  basis: Parameters<typeof runPreflight>[2],
  operation: Operation,
): Promise<Preflight> {
  const look = (aws: Aws) => runPreflight(aws, inputs, basis, operation);
  return withDestinationAws(inputs, look, operation);
}

function describeRefusal({ code }: ProviderError): string {
  if (code === "AWS_FAILED") return "this preview could not read AWS";
  if (code === "CREDENTIALS_REJECTED") return "`pulumi up` does not log in again with the same credentials";
  return "`pulumi up` would fail";
}
