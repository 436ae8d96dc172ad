import { type Aws, withAws } from "../aws/with-aws.js";
import { isProviderError, type ProviderError, toProviderError } from "../core/errors.js";
import type { Operation } from "../engine/operation.js";
import { pickAwsSettings } from "./account.js";
import { ensureNoLiveRun } from "./glue-guard.js";
import { type DestinationInputs, findUnknownArguments, isPlannable, type PlannableInputs } from "./inputs.js";
import { findPredecessor } from "./predecessor.js";
import type { DestinationState } from "./records.js";
import { lookForDrift } from "./refresh.js";
import { surveyProvision } from "./survey.js";

/**
 * Tells in a preview what stands against `up`, by the plan that `up` makes. It reads only; what cannot be read is told,
 * too. Only `up` fails.
 *
 * @param state undefined for a creation, in a replacement too
 */
export async function lookAhead(
  inputs: DestinationInputs,
  state: DestinationState | undefined,
  operation: Operation,
): Promise<void> {
  const { warn } = operation.messages;
  if (inputs.notReadable !== undefined) {
    warn(`AWS cannot be asked from here, and up will fail where it cannot: ${inputs.notReadable.AWS}`);
  } else if (state?.status === "Validated") {
    await foreseeRepair(state, operation);
  } else if (isPlannable(inputs)) {
    await foreseeProvision(inputs, state, operation);
  } else {
    const unknown = findUnknownArguments(inputs).join(", ");
    warn(`export destination: known only in up: ${unknown}. So AWS was not looked at.`);
  }
}

async function foreseeRepair(state: DestinationState, operation: Operation): Promise<void> {
  const { warn } = operation.messages;
  try {
    const drift = await lookForDrift(state, operation);
    if (drift.length > 0) warn(`export destination ${state.name}: ${drift.join("; ")}; up repairs it`);
  } catch (error) {
    if (!isProviderError(error)) throw error;
    warn(`export destination ${state.name}: AWS was not looked at: ${error.message}`);
  }
}

async function foreseeProvision(
  inputs: PlannableInputs,
  previous: DestinationState | undefined,
  operation: Operation,
): Promise<void> {
  const predecessor = previous === undefined ? findPredecessor(operation, inputs.ownerId) : undefined;
  const survey = async (aws: Aws) => {
    const { outgoing } = await surveyProvision(aws, inputs, { previous, predecessor }, operation);
    if (outgoing === undefined || predecessor === undefined) return;
    await withAws(
      pickAwsSettings(predecessor),
      async (there) => ensureNoLiveRun(await there.glue(), outgoing, operation.messages),
      operation,
    ).catch((thrown) => {
      const error = toProviderError(thrown, "look at the runs of Glue");
      const what =
        error.code === "EXPORT_RUNNING"
          ? "up will connect the new destination, and then fail to disconnect the old one"
          : "whether an export job holds off the disconnect of the old destination was not seen";
      operation.messages.warn(`export destination ${inputs.name}: ${what}: ${error.message}`);
    });
  };
  try {
    await withAws(pickAwsSettings(inputs), survey, operation);
  } catch (thrown) {
    const error = toProviderError(thrown, "look ahead");
    operation.messages.warn(`export destination ${inputs.name}: ${describe(error)}: ${error.message}`);
  }
}

function describe({ code }: ProviderError): string {
  if (code === "AWS_FAILED") return "what up will find in AWS is not known";
  if (code === "CREDENTIALS_REJECTED") return "up will not log in again with the same credentials";
  return "up will fail as things stand";
}
