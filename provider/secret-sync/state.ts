import { textType } from "../core/secret-content.js";
import type { ResolvedConnection } from "../snowflake/connection/resolve.js";
import type { Outcomes } from "./apply/apply.js";
import { addedInputs, type KnownInputs } from "./inputs/arguments.js";
import {
  type ConnectionInfo,
  type ManagedSecret,
  type ManagedSecrets,
  type SyncOutputs,
  syncInternals,
  syncOutputs,
} from "./outputs.js";
import type { RecordedDestination } from "./plan/observe.js";
import type { ObservedSecret, RecordedSecret, Step } from "./plan/plan.js";

/** What the engine keeps of a sync. */
export type SyncState = KnownInputs & SyncOutputs;

/** The output `connectionInfo` of a connection. */
export function buildConnectionInfo(resolved: ResolvedConnection, account: string): ConnectionInfo {
  return { name: resolved.name, account, provenance: resolved.provenance };
}

const outputNames = { ...syncOutputs.shape, ...syncInternals.shape };
const isInput = (name: string) => Object.hasOwn(addedInputs.shape, name) || !Object.hasOwn(outputNames, name);

/** The inputs within a state. */
export function pickInputs(state: SyncState): KnownInputs {
  const inputs = Object.entries(state).filter(([name]) => isInput(name));
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
    const seen = {
      owner: observed?.owner ?? last?.owner ?? "",
      ...buildType(observed?.type ?? last?.type, desired.fixed ?? last?.fixed),
      ...pickCreatedOn(observed),
    };
    const state = isKept ? "ignored" : "synced";
    return { sourceKey, source, fingerprint: left, state, ...seen, ...pickCreatedOn(last) };
  }
  if (wasTried && outcomes.get(name) === undefined) {
    const owner = action === "alter" ? observed.owner : role;
    // What was not read back and was only altered is as old as it was.
    const seen = pickCreatedOn(secrets.get(name) ?? (action === "alter" ? observed : undefined));
    return {
      sourceKey,
      source,
      fingerprint,
      state: "synced",
      owner,
      ...buildType(desired.type, desired.fixed),
      ...seen,
    };
  }
  // What stands is as before. What is recorded and not seen is not forgotten: it may only be hidden.
  const state = wasTried ? "failed" : "waiting";
  const { fingerprint: former = "", owner = "" } = last ?? {};
  return {
    sourceKey,
    source,
    fingerprint: former,
    state,
    owner,
    ...buildType(last?.type, last?.fixed),
    ...pickCreatedOn(last),
  };
}

/** The type of a managed secret, which is left out for a text, and what no ALTER changes of it. */
export function buildType(type: string | undefined, fixed?: string): Pick<ManagedSecret, "type" | "fixed"> {
  return type === undefined || type === textType ? {} : { type, ...(fixed !== undefined && { fixed }) };
}

function pickCreatedOn(
  seen: { readonly createdOn?: number | undefined } | undefined,
): Pick<ManagedSecret, "createdOn"> {
  return seen?.createdOn === undefined ? {} : { createdOn: seen.createdOn };
}
