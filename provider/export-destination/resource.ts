import { explainError, isProviderError, ProviderError } from "../core/errors.js";
import { buildPlaceHint } from "../engine/context.js";
import type { Operation } from "../engine/operation.js";
import { findContext, findPlaceHint } from "../engine/ownership.js";
import type { Difference, Resource, Written } from "../engine/resource.js";
import { isKnown } from "../engine/unknown.js";
import { ensureSameAccount, withDestinationAws } from "./account.js";
import { compareDestination } from "./changes.js";
import { disconnect } from "./disconnect.js";
import { lookForDrift } from "./drift.js";
import { importDestination } from "./import.js";
import type { DestinationInputs, KnownInputs } from "./inputs/arguments.js";
import { checkDestination } from "./inputs/check.js";
import {
  findPredecessor,
  forgetPredecessor,
  isChecked,
  isReplacement,
  isRetained,
  rememberHeld,
  rememberPredecessor,
  rememberRetained,
} from "./inputs/check-memory.js";
import { findCredentials } from "./inputs/credentials.js";
import { preview } from "./preview.js";
import { type ProvisionOutcome, type ProvisionRequest, provision } from "./provision.js";
import { refreshState } from "./refresh.js";
import { repairDestination } from "./repair.js";
import { isOfAnotherStack } from "./stack-change.js";
import type { DestinationState } from "./state.js";

/** `SnowflakeExportDestination` and `ExportDestination`, for every host. */
export const exportDestination: Resource<DestinationInputs, DestinationState> = {
  type: "ExportDestination",
  check: checkDestination,
  preview,
  diff,

  async create(given, operation) {
    const predecessor = findPredecessor(operation, given.ownerId);
    const basis = { predecessor, isReplacement: isReplacement(operation, given.ownerId) };
    const outcome = await provision({ ...prepare(given, operation), ...basis }, operation);
    // Within a replacement a half-made one would take the place of the old one, which the next `up` would delete.
    if (outcome.kind !== "connected" && outcome.keepsOld) throw outcome.error;
    rememberRetained(operation, outcome.state);
    rememberHeld(operation, outcome.state);
    return toWritten(outcome.state.destinationId, outcome);
  },

  read: async (_id, state, operation) => ({ state: await refreshState(state, operation) }),

  async update(id, before, given, operation) {
    ensureSameAccount(requireWritable(given), before);
    if (before.status === "Validated") {
      return { id, state: await repairDestination(before, prepare(given, operation), operation) };
    }
    const outcome = await provision({ ...prepare(given, operation), previous: before }, operation);
    // What an earlier run of this attempt made active works on: a failed one would hold nothing of it.
    if (outcome.kind === "failed" && outcome.keepsOld) throw outcome.error;
    return toWritten(id, outcome);
  },

  async delete(_id, state, operation, place) {
    rememberHeld(operation, state);
    if (isChecked(operation, state.ownerId) && isRetained(operation, state)) {
      operation.messages.report(
        `export destination ${state.name} (${state.destinationId}): was taken up again as it is, so it is not disconnected`,
      );
      return;
    }
    await disconnect(state, operation, place && buildPlaceHint(place));
    forgetPredecessor(operation, state);
  },

  import: (id, context, operation) => importDestination(id, context, operation),
};

/** The same for `SnowflakeExportDestination` alone, where a host can tell the two apart. */
export const snowflakeExportDestination: Resource<DestinationInputs, DestinationState> = {
  ...exportDestination,
  import: (id, context, operation) => importDestination(id, context, operation, "snowflake"),
};

async function diff(
  state: DestinationState,
  inputs: DestinationInputs,
  operation: Operation,
): Promise<Difference> {
  rememberHeld(operation, state);
  if (state.status !== "Failed") rememberPredecessor(operation, state);
  const { changes, replaces } = compareDestination(state, inputs);
  if (inputs.notReadable !== undefined) return { changes: true, replaces };
  if (replaces.includes("awsAccountId") && !(await isReachable(state, operation))) {
    // A replacement could not take the old one away. The update or the preview says so.
    return { changes: true, replaces: [] };
  }
  if (replaces.length === 0) rememberRetained(operation, state);
  if (changes || replaces.length > 0) return { changes, replaces };
  return { changes: await hasDrifted(state, operation), replaces };
}

/** Whether the settings of the state still lead to its account: what the environment supplies may have changed. */
async function isReachable(state: DestinationState, operation: Operation): Promise<boolean> {
  try {
    await withDestinationAws(state, async () => undefined, operation);
    return true;
  } catch (error) {
    if (!isProviderError(error)) throw error;
    return false;
  }
}

/** Whether AWS, as it is now, differs from the state: also after an operation that was cut off. */
async function hasDrifted(state: DestinationState, operation: Operation): Promise<boolean> {
  const context = findContext(operation, state.ownerId);
  // A refresh asks about inputs that no `check` has seen.
  if (context === undefined) return false;
  if (isOfAnotherStack(state, buildPlaceHint(context.place))) return true;
  try {
    return (await lookForDrift(state, operation)).length > 0;
  } catch (error) {
    if (!isProviderError(error) || context.run === "up") throw error;
    // The preview warns of it; where nobody tells a preview from `up`, what writes must meet it.
    return context.run === "unknown";
  }
}

function prepare(given: DestinationInputs, operation: Operation): ProvisionRequest {
  const inputs = requireWritable(given);
  return {
    inputs,
    placeHint: findPlaceHint(operation, inputs.ownerId),
    getCredentials: () => {
      const credentials = findCredentials(operation, inputs);
      if (credentials !== undefined) return credentials;
      throw new ProviderError("INVALID_INPUT", {
        operation: "this update needs the credentials, but ignoreChanges leaves them out",
        target: inputs.name,
        hint: "remove credentials from ignoreChanges for this update.",
      });
    },
  };
}

/** Refuses to write where something of what is wanted is not known. */
function requireWritable(inputs: DestinationInputs): KnownInputs {
  if (inputs.notReadable !== undefined) {
    throw new ProviderError("AWS_FAILED", {
      operation: `nothing was done for export destination ${String(inputs.name)}: ${inputs.notReadable.AWS.what}`,
      hint: inputs.notReadable.AWS.fix,
      retryable: true,
    });
  }
  if (isKnown(inputs)) return inputs;
  throw new ProviderError("INTERNAL", {
    operation: "an argument is unknown outside of a preview",
    hint: "report this error.",
  });
}

function toWritten(id: string, outcome: ProvisionOutcome): Written<DestinationState> {
  const { state } = outcome;
  if (outcome.kind === "connected") return { id, state };
  return { id, state, failure: { error: outcome.error, reasons: [explainError(outcome.error)] } };
}
