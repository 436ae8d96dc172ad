import type { Outcomes } from "./apply.js";
import type { RecordedDestination } from "./destination.js";
import type { SyncArguments } from "./inputs.js";
import type { RecordedSecret, Step } from "./plan.js";

/**
 * How a managed secret stands:
 * `synced` (Snowflake holds the wanted value), `failed` (the last write did not succeed), `waiting` (auto-sync is
 * off), `ignored` (under `ignoreChanges`), `kept` (gone from the source; deletion is disabled).
 */
export type ManagedState = "synced" | "failed" | "waiting" | "ignored" | "kept";

/** What the state says of one name in Snowflake. */
export interface ManagedSecret {
  readonly sourceKey: string;
  /** Which source supplied it. */
  readonly source: string;
  /** Of the value that was last written; "" if none was. */
  readonly fingerprint: string;
  readonly state: ManagedState;
  /** The role that owns it in Snowflake; "" if nothing was written. */
  readonly owner: string;
}

export type ManagedSecrets = Readonly<Record<string, ManagedSecret>>;

/** The inputs after `check`: what the engine keeps and shows. */
export interface SyncInputs extends Omit<SyncArguments, "description" | "syncTrigger" | "rewriteTrigger"> {
  readonly description?: string;
  readonly syncTrigger?: string | number | boolean;
  readonly rewriteTrigger?: string | number | boolean;
  /** The argument as given; a secret to the engine. */
  readonly connection?: unknown;
  /** The sources without their credentials. */
  readonly sources?: unknown;
  /** Keyed fingerprint by source key. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly fingerprintKey: string;
  readonly ownerId: string;
}

/** The record in the shape of Infisical's API. */
export interface SecretSyncRecord {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly isAutoSyncEnabled: boolean;
  readonly projectId: string | null;
  readonly folderId: string | null;
  readonly connectionId: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly syncStatus: SyncStatus;
  readonly lastSyncJobId: string | null;
  readonly lastSyncMessage: string | null;
  readonly lastSyncedAt: string | null;
  readonly syncOptions: SyncArguments["syncOptions"];
  readonly connection: { readonly app: "snowflake"; readonly name: string; readonly id: string };
  readonly environment: { readonly slug: string; readonly name: string; readonly id: string | null };
  readonly folder: { readonly id: string | null; readonly path: string };
  readonly destination: "snowflake";
  readonly destinationConfig: SyncArguments["destinationConfig"];
}

/** `pending`: something waits for a manual sync. */
export type SyncStatus = "succeeded" | "failed" | "pending";

export interface ConnectionInfo {
  readonly name: string;
  /** Region and locator, as Snowflake tells them. */
  readonly account: string;
  /** Which link of the connection chain supplied each field. */
  readonly provenance: Readonly<Record<string, string>>;
}

/** What the engine keeps of a sync. */
export interface SyncState extends SyncInputs {
  readonly stateVersion: 1;
  readonly generation: string;
  /** organization/project/stack/name at the last write, for the marks. */
  readonly place: string;
  readonly secretSync: SecretSyncRecord;
  readonly syncStatus: SyncStatus;
  readonly lastSyncJobId: string | null;
  readonly lastSyncMessage: string | null;
  readonly lastSyncedAt: string | null;
  readonly managedSecrets: ManagedSecrets;
  readonly connectionInfo: ConnectionInfo;
}

/** What of the state counts as evidence: names under which a value was written. */
export function findRecorded(managed: ManagedSecrets): ReadonlyMap<string, RecordedSecret> {
  return new Map(Object.entries(managed).filter(([, { fingerprint }]) => fingerprint !== ""));
}

/** The same as proof for a look at the destination. */
export function buildRecorded(account: string | undefined, managed: ManagedSecrets): RecordedDestination {
  const owners = new Set(Object.values(managed).map(({ owner }) => owner));
  return {
    account,
    ownerRoles: [...owners].filter((owner) => owner !== "").sort(),
    names: [...findRecorded(managed).keys()],
  };
}

/** What the state says after `steps`, of which those in `outcomes` were carried out. */
export function buildManagedSecrets(
  steps: readonly Step[],
  outcomes: Outcomes,
  before: ManagedSecrets,
  role: string,
): ManagedSecrets {
  const entries = steps.flatMap((step): [string, ManagedSecret][] => {
    const next = buildManagedSecret(
      step,
      outcomes,
      Object.hasOwn(before, step.name) ? before[step.name] : undefined,
      role,
    );
    return next ? [[step.name, next]] : [];
  });
  return Object.fromEntries(entries);
}

function buildManagedSecret(
  { name, action, desired, observed, reason }: Step,
  outcomes: Outcomes,
  before: ManagedSecret | undefined,
  role: string,
): ManagedSecret | undefined {
  const isWrite = action !== "leave" && action !== "refuse";
  const succeeded = outcomes.has(name) && outcomes.get(name) === undefined;
  if (!desired) {
    if (action === "drop" && succeeded) return undefined;
    if (!before) return undefined;
    return { ...before, state: action === "leave" ? "kept" : outcomes.has(name) ? "failed" : "waiting" };
  }
  const { sourceKey, fingerprint } = desired;
  const source = desired.source || before?.source || "";
  if (action === "leave") {
    const state = desired.value === "kept" ? "ignored" : "synced";
    return { sourceKey, source, fingerprint, state, owner: observed?.owner ?? before?.owner ?? "" };
  }
  if (isWrite && succeeded) {
    const owner = action === "alter" ? (observed?.owner ?? role) : role;
    return { sourceKey, source, fingerprint, state: "synced", owner };
  }
  // What was there is gone; what is there is as before.
  const last = reason === "recorded but gone" ? undefined : before;
  const state = outcomes.has(name) ? "failed" : "waiting";
  return { sourceKey, source, fingerprint: last?.fingerprint ?? "", state, owner: last?.owner ?? "" };
}
