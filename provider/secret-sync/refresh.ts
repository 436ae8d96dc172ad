import type { Operation } from "../engine/operation.js";
import { connect } from "./connect.js";
import type { KnownInputs } from "./inputs/arguments.js";
import { lookForDrift } from "./look-for-drift.js";
import type { ManagedSecret } from "./outputs.js";
import type { Drift } from "./plan/drift.js";
import { buildKeySchema } from "./plan/key-schema.js";
import type { ObservedSecret } from "./plan/plan.js";
import { describeDrift } from "./preview/messages.js";
import { buildConnectionInfo, pickInputs, type SyncState } from "./state.js";

/** Of what stands in the place of a fingerprint; never equal to a real one. */
const driftPrefix = "drifted: ";

/**
 * Refresh: what was dropped, recreated, re-marked or changed in type shows as a change of the map of fingerprints,
 * which the next `up` repairs, and is told. A value altered in place under our mark cannot be seen.
 */
export async function refreshSync(
  state: SyncState,
  operation: Operation,
): Promise<{ readonly state: SyncState; readonly inputs: KnownInputs }> {
  const { session, resolved } = await connect(operation, state.connection);
  const { observed, drifts } = await lookForDrift(state, session);
  const keySchema = buildKeySchema(state.syncOptions.keySchema, state.environment);
  const secrets: Record<string, string> = { ...state.secrets };
  const managed: Record<string, ManagedSecret> = {};
  for (const [name, record] of Object.entries(state.managedSecrets)) {
    managed[name] = record;
    if (record.fingerprint === "") continue;
    const seen = observed.secrets.get(name);
    const drift = drifts.get(name);
    const { sourceKey } = record;
    // A name that waits to be dropped says nothing of its key.
    const isWanted = Object.hasOwn(secrets, sourceKey) && keySchema.renderName(sourceKey) === name;
    const shown = showDrift(drift, seen);
    if (isWanted && shown !== undefined) secrets[sourceKey] = shown;
    else if (isWanted && secrets[sourceKey]?.startsWith(driftPrefix)) secrets[sourceKey] = record.fingerprint;
    managed[name] = {
      ...record,
      owner: seen?.owner ?? record.owner,
      state: nextState(record, drift, isWanted),
    };
  }
  for (const line of describeDrift(state.destinationConfig, drifts))
    operation.messages.warn(`${state.name}: ${line}`);
  const connectionInfo = buildConnectionInfo(resolved, observed.account);
  const connection = { ...state.secretSync.connection, name: connectionInfo.name };
  const refreshed = {
    ...state,
    secrets,
    managedSecrets: managed,
    connectionInfo,
    secretSync: { ...state.secretSync, connection },
  };
  return { state: refreshed, inputs: pickInputs(refreshed) };
}

/** What stands in the place of the fingerprint of a drifted key; undefined: its value is as it was. */
function showDrift(drift: Drift | undefined, seen: ObservedSecret | undefined): string | undefined {
  if (drift === undefined || drift === "owned by another role") return undefined;
  return drift === "written by an unrecorded run" ? seen?.mark?.fingerprint : `${driftPrefix}${drift}`;
}

function hasDrifted({ state }: ManagedSecret): boolean {
  return state === "drifted" || state === "missing";
}

function nextState(
  record: ManagedSecret,
  drift: Drift | undefined,
  isWanted: boolean,
): ManagedSecret["state"] {
  if (drift === "not seen") return "missing";
  if (drift !== undefined && drift !== "owned by another role") return isWanted ? "drifted" : record.state;
  if (!hasDrifted(record)) return record.state;
  return isWanted ? "synced" : "kept";
}
