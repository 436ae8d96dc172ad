import type { ResolvedConnection } from "../snowflake/connection/resolve.js";
import type { Outcomes } from "./apply/apply.js";
import type { KnownInputs } from "./inputs/arguments.js";
import type { RecordedDestination } from "./plan/observe.js";
import type { ObservedSecret, RecordedSecret, Step } from "./plan/plan.js";

/**
 * How a managed secret stands:
 * `synced` (Snowflake holds the wanted value), `failed` (the last write did not succeed), `waiting` (auto-sync is
 * off), `ignored` (under `ignoreChanges`), `kept` (gone from the source; deletion is disabled), and after a refresh
 * `drifted` (somebody changed it) or `missing` (not seen: dropped, or owned by a role that ours cannot see).
 */
export type ManagedState = "synced" | "failed" | "waiting" | "ignored" | "kept" | "drifted" | "missing";

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
  /** When Snowflake made it, in epoch milliseconds, as it was read back; absent until then. */
  readonly createdOn?: number;
}

export type ManagedSecrets = Readonly<Record<string, ManagedSecret>>;

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
  readonly syncOptions: KnownInputs["syncOptions"];
  readonly connection: { readonly app: "snowflake"; readonly name: string; readonly id: string };
  readonly environment: { readonly slug: string; readonly name: string; readonly id: string | null };
  readonly folder: { readonly id: string | null; readonly path: string };
  readonly destination: "snowflake";
  readonly destinationConfig: KnownInputs["destinationConfig"];
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

/** What a sync adds to its inputs. */
export interface SyncOutputs {
  readonly stateVersion: 1;
  readonly revision: string;
  /** organization/project/stack/name at the last write, for the marks. */
  readonly place: string;
  readonly secretSync: SecretSyncRecord;
  readonly syncStatus: SyncStatus;
  /** "" before the first sync that wrote or tried to; what is null shows in each preview as `+ [unknown]`. */
  readonly lastSyncJobId: string;
  /** "" if the last sync did not fail. */
  readonly lastSyncMessage: string;
  /** "" before anything was written. */
  readonly lastSyncedAt: string;
  readonly managedSecrets: ManagedSecrets;
  readonly connectionInfo: ConnectionInfo;
}

/** What the engine keeps of a sync. */
export type SyncState = KnownInputs & SyncOutputs;

export function buildConnectionInfo(resolved: ResolvedConnection, account: string): ConnectionInfo {
  return { name: resolved.name, account, provenance: resolved.provenance };
}

const outputNames = {
  stateVersion: true,
  revision: true,
  place: true,
  secretSync: true,
  syncStatus: true,
  lastSyncJobId: true,
  lastSyncMessage: true,
  lastSyncedAt: true,
  managedSecrets: true,
  connectionInfo: true,
} satisfies Record<keyof SyncOutputs, true>;

/** The inputs within a state. */
export function pickInputs(state: SyncState): KnownInputs {
  const inputs = Object.entries(state).filter(([name]) => !Object.hasOwn(outputNames, name));
  return Object.fromEntries(inputs) as unknown as KnownInputs;
}

/** What of the state counts as evidence: names under which a value was written. */
export function findRecorded(managed: ManagedSecrets): ReadonlyMap<string, RecordedSecret> {
  return new Map(Object.entries(managed).filter(([, { fingerprint }]) => fingerprint !== ""));
}

/** The same as proof for a look at the destination. */
export function buildRecorded(account: string | undefined, managed: ManagedSecrets): RecordedDestination {
  const recorded = Object.entries(managed).filter(([, { fingerprint }]) => fingerprint !== "");
  return { account, owners: new Map(recorded.map(([name, { owner }]) => [name, owner])) };
}

/** What the session saw after the writes. */
export interface ObservedAfter {
  /** The session's role: what it creates belongs to it. */
  readonly role: string;
  readonly secrets: ReadonlyMap<string, ObservedSecret>;
}

/** What the state says after `steps`, of which those in `outcomes` were carried out. */
export function buildManagedSecrets(
  steps: readonly Step[],
  outcomes: Outcomes,
  before: ManagedSecrets,
  after: ObservedAfter,
): ManagedSecrets {
  const entries = steps.flatMap((step): [string, ManagedSecret][] => {
    const last = Object.hasOwn(before, step.name) ? before[step.name] : undefined;
    const next = step.desired
      ? buildWanted(step, outcomes, last, after)
      : buildSurplus(step, outcomes.has(step.name), outcomes.get(step.name) === undefined, last);
    return next ? [[step.name, next]] : [];
  });
  return Object.fromEntries(entries);
}

function buildSurplus(
  { action, observed }: Step,
  wasTried: boolean,
  succeeded: boolean,
  last: ManagedSecret | undefined,
): ManagedSecret | undefined {
  if (!last || (action === "drop" && wasTried && succeeded)) return undefined;
  const owner = observed?.owner ?? last.owner;
  return { ...last, owner, state: action === "leave" ? "kept" : wasTried ? "failed" : "waiting" };
}

function buildWanted(
  { name, action, desired, observed }: Extract<Step, { desired: object }>,
  outcomes: Outcomes,
  last: ManagedSecret | undefined,
  { role, secrets }: ObservedAfter,
): ManagedSecret {
  const { sourceKey } = desired;
  const fingerprint = desired.fingerprint as string;
  const source = desired.source || last?.source || "";
  const wasTried = outcomes.has(name);
  if (action === "leave") {
    const isKept = desired.availability === "kept";
    // After a refresh the inputs may have "drifted: …" in its place.
    const left = (isKept && last?.fingerprint) || fingerprint;
    const seen = { owner: observed?.owner ?? last?.owner ?? "", ...pickCreatedOn(observed) };
    const state = isKept ? "ignored" : "synced";
    return { sourceKey, source, fingerprint: left, state, ...seen, ...pickCreatedOn(last) };
  }
  if (wasTried && outcomes.get(name) === undefined) {
    const owner = action === "alter" ? observed.owner : role;
    // What was not read back and was only altered is as old as it was.
    const seen = pickCreatedOn(secrets.get(name) ?? (action === "alter" ? observed : undefined));
    return { sourceKey, source, fingerprint, state: "synced", owner, ...seen };
  }
  // What stands is as before. What is recorded and not seen is not forgotten: it may only be hidden.
  const state = wasTried ? "failed" : "waiting";
  const { fingerprint: former = "", owner = "" } = last ?? {};
  return { sourceKey, source, fingerprint: former, state, owner, ...pickCreatedOn(last) };
}

function pickCreatedOn(
  seen: { readonly createdOn?: number | undefined } | undefined,
): Pick<ManagedSecret, "createdOn"> {
  return seen?.createdOn === undefined ? {} : { createdOn: seen.createdOn };
}
