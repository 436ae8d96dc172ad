import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { listValuesOf } from "../core/field-meta.js";
import { stateVersion } from "../engine/state-version.js";
import type { ResolvedConnection } from "../snowflake/connection/resolve.js";
import type { SourceIds } from "../sources/index.js";
import { findFailed, listFailures } from "./apply/write-failures.js";
import type { KnownInputs } from "./inputs/arguments.js";
import type { SecretSyncRecord, SyncStatus } from "./outputs.js";
import type { SyncResult } from "./reconcile.js";
import { buildConnectionInfo, type SyncState } from "./state.js";

interface Circumstances {
  readonly resolved: ResolvedConnection;
  readonly ids: SourceIds | undefined;
}

/** The state after a sync. Times and job move only when something was written. */
export function buildState(
  inputs: KnownInputs,
  before: SyncState | undefined,
  { outcomes, managedSecrets, observed, writer }: SyncResult,
  { resolved, ids }: Circumstances,
): SyncState {
  // Ids stay while the sources do, also where they were not read, under `ignoreChanges`.
  const isSameSource = before !== undefined && isDeepStrictEqual(before.sources, inputs.sources);
  const last = isSameSource ? before.secretSync : undefined;
  const now = new Date().toISOString();
  const failed = findFailed(outcomes);
  const failures = listFailures(failed);
  const hasWritten = outcomes.size > failed.length;
  const hasRun = outcomes.size > 0;
  const waits = Object.values(managedSecrets).some(({ state }) => state === "waiting");
  const syncStatus: SyncStatus = failures.length > 0 ? "failed" : waits ? "pending" : "succeeded";
  const lastSyncJobId = hasRun ? randomUUID() : (before?.lastSyncJobId ?? "");
  const lastSyncMessage = failures.join(" ");
  const lastSyncedAt = hasWritten ? now : (before?.lastSyncedAt ?? "");
  const connectionInfo = buildConnectionInfo(resolved, observed.account);
  const secretSync: SecretSyncRecord = {
    id: formatUuid(inputs.ownerId),
    name: inputs.name,
    description: inputs.description ?? null,
    isAutoSyncEnabled: inputs.isAutoSyncEnabled,
    projectId: ids?.projectId ?? last?.projectId ?? null,
    folderId: ids?.folder?.id ?? last?.folderId ?? null,
    connectionId: observed.account,
    createdAt: before?.secretSync.createdAt ?? now,
    updatedAt: hasWritten ? now : (before?.secretSync.updatedAt ?? now),
    syncStatus,
    lastSyncJobId: lastSyncJobId || null,
    lastSyncMessage: lastSyncMessage || null,
    lastSyncedAt: lastSyncedAt || null,
    syncOptions: inputs.syncOptions,
    connection: { app: "snowflake", name: resolved.name, id: observed.account },
    environment: {
      slug: ids?.environment?.slug ?? inputs.environment,
      name: ids?.environment?.name ?? inputs.environment,
      id: ids?.environment?.id ?? last?.environment.id ?? null,
    },
    folder: { id: ids?.folder?.id ?? last?.folder.id ?? null, path: ids?.folder?.path ?? inputs.secretPath },
    destination: "snowflake",
    destinationConfig: inputs.destinationConfig,
  };
  return {
    ...inputs,
    stateVersion,
    ...writer,
    secretSync,
    syncStatus,
    lastSyncJobId,
    lastSyncMessage,
    lastSyncedAt,
    managedSecrets,
    secretIdList: listValuesOf(inputs.secretIds),
    connectionInfo,
  };
}

function formatUuid(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
