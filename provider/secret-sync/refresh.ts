import type { Operation } from "../engine/operation.js";
import { connect } from "./connect.js";
import { observeDestination } from "./destination.js";
import type { KnownInputs } from "./inputs.js";
import { buildKeySchema } from "./key-schema.js";
import type { ObservedSecret } from "./plan.js";
import {
  buildRecorded,
  type ManagedSecret,
  type ManagedSecrets,
  pickInputs,
  type SyncState,
} from "./state.js";

/** What a fingerprint in the state becomes when Snowflake holds something else; never equal to a real one. */
const drifted = {
  unmarked: "drifted: no mark",
  type: "drifted: another type",
  foreign: "drifted: another owner",
};

/**
 * Refresh: what was dropped, re-created, re-marked or changed in type shows as a change of the map of
 * fingerprints, which the next `up` repairs. A value altered in place under our mark cannot be seen.
 */
export async function refreshSync(
  state: SyncState,
  operation: Operation,
): Promise<{ readonly state: SyncState; readonly inputs: KnownInputs }> {
  const { session } = await connect(operation, state.connection);
  const schema = buildKeySchema(state.syncOptions.keySchema, state.environment);
  const observed = await observeDestination(
    session,
    state.destinationConfig,
    buildRecorded(state.connectionInfo.account, state.managedSecrets),
    { prefix: schema.prefix, isComplete: false },
  );
  const secrets: Record<string, string> = { ...state.secrets };
  const managed: Record<string, ManagedSecret> = {};
  for (const [name, record] of Object.entries(state.managedSecrets)) {
    const seen = refreshOne(record, observed.secrets.get(name), state.ownerId);
    if (seen) managed[name] = seen;
    const key = record.sourceKey;
    // A name that waits to be dropped says nothing of its key.
    if (seen === record || !Object.hasOwn(secrets, key) || schema.renderName(key) !== name) continue;
    if (seen) secrets[key] = seen.fingerprint;
    else delete secrets[key];
  }
  const refreshed = { ...state, secrets, managedSecrets: managed as ManagedSecrets };
  return { state: refreshed, inputs: pickInputs(refreshed) };
}

function refreshOne(
  record: ManagedSecret,
  seen: ObservedSecret | undefined,
  ownerId: string,
): ManagedSecret | undefined {
  if (record.fingerprint === "") return record;
  if (!seen) return undefined;
  const fingerprint =
    seen.type !== "GENERIC_STRING"
      ? drifted.type
      : !seen.mark
        ? drifted.unmarked
        : seen.mark.ownerId !== ownerId
          ? drifted.foreign
          : seen.mark.fingerprint;
  return fingerprint === record.fingerprint && seen.owner === record.owner
    ? record
    : { ...record, fingerprint, owner: seen.owner };
}
