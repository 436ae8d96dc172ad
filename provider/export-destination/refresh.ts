import type { Operation } from "../engine/operation.js";
import { type Drift, describeDrift, lookForDrift } from "./drift.js";
import { advance } from "./lifecycle.js";
import { type DestinationState, maxRemembered } from "./state.js";

/**
 * The state as AWS shows it now: a working destination whose secret was deleted, scheduled for deletion, re-tagged or
 * given another value, or whose claim was taken or hidden, is in Error with a message; the next `up` repairs it or
 * explains.
 *
 * @throws `WRONG_ACCOUNT`, `AWS_FAILED`
 */
export async function refreshState(state: DestinationState, operation: Operation): Promise<DestinationState> {
  if (state.status !== "Validated") return state;
  const drift = await lookForDrift(state, operation);
  if (drift.length > 0) {
    operation.messages.warn(
      `export destination ${state.name}: ${describeDrift(drift)}; a preview says what the next up does about it`,
    );
  }
  return applyDrift(state, drift);
}

/** The state with the drift in it, or without the one it had. */
export function applyDrift(state: DestinationState, drift: readonly Drift[]): DestinationState {
  const lifecycleStatus = advance(state, drift.length > 0 ? "lose" : "recover");
  const message = describeDrift(drift);
  const { errorCode: _code, errorExplanation: _explanation, ...kept } = state;
  const isNews =
    lifecycleStatus.integrationStatus !== state.integrationStatus ||
    (drift.length > 0 && message !== state.errorMessage);
  if (!isNews) return state;
  const change = {
    ...lifecycleStatus,
    destinationId: state.destinationId,
    at: new Date().toISOString(),
    ...(message === "" ? {} : { message }),
  };
  return {
    ...kept,
    ...lifecycleStatus,
    errorMessage: message,
    statusHistory: [...state.statusHistory, change].slice(-maxRemembered * 3),
  };
}
