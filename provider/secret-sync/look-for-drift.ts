import type { SnowflakeSession } from "../snowflake/driver/session.js";
import { type Drift, findDrift } from "./plan/drift.js";
import { buildKeySchema } from "./plan/key-schema.js";
import { type ObservedDestination, observeDestination } from "./plan/observe.js";
import { buildRecorded, type SyncState } from "./state.js";

/** What of a state says how its secrets were left. */
export type DriftBasis = Pick<
  SyncState,
  "connectionInfo" | "destinationConfig" | "environment" | "managedSecrets" | "ownerId" | "syncOptions"
>;

/** How Snowflake differs from a state. */
export interface SyncDrift {
  readonly observed: ObservedDestination;
  /** By name in Snowflake, those that differ. */
  readonly drifts: ReadonlyMap<string, Drift>;
}

/**
 * Looks at the recorded secrets of a sync. A value altered in place under its ownership comment cannot be seen.
 *
 * @throws ProviderError what `observeDestination` throws
 */
export async function lookForDrift(state: DriftBasis, session: SnowflakeSession): Promise<SyncDrift> {
  const { connectionInfo, destinationConfig, environment, managedSecrets, ownerId, syncOptions } = state;
  const { prefix } = buildKeySchema(syncOptions.keySchema, environment);
  const observed = await observeDestination(
    session,
    destinationConfig,
    buildRecorded(connectionInfo.account, managedSecrets),
    { prefix, isComplete: false },
  );
  const drifts = new Map<string, Drift>();
  for (const [name, record] of Object.entries(managedSecrets)) {
    if (record.fingerprint === "") continue;
    const drift = findDrift(record, observed.secrets.get(name), ownerId);
    if (drift !== undefined) drifts.set(name, drift);
  }
  return { observed, drifts };
}
