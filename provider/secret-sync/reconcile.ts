import { randomBytes } from "node:crypto";
import { isUnknown } from "../engine.js";
import { ProviderError } from "../errors.js";
import type { SnowflakeSession } from "../snowflake/session.js";
import { findValue } from "../write-only.js";
import { applyWrites, type Outcomes } from "./apply.js";
import { type ObservedDestination, observeDestination } from "./destination.js";
import { buildKeySchema, type KeySchema, renderNames } from "./key-schema.js";
import { describeRefusal } from "./messages.js";
import { type DesiredSecret, findWrites, planSync, type Step } from "./plan.js";
import { ensurePrivileges } from "./privileges.js";
import { buildProgress } from "./progress.js";
import type { Run } from "./run.js";
import {
  buildManagedSecrets,
  buildRecorded,
  findRecorded,
  type ManagedSecrets,
  type SyncInputs,
  type SyncState,
} from "./state.js";

/** The parts of a state that planning needs; a creation has none. */
export interface Before {
  readonly account: string | undefined;
  readonly generation: string | undefined;
  readonly managedSecrets: ManagedSecrets;
}

export const nothingBefore: Before = { account: undefined, generation: undefined, managedSecrets: {} };

export function buildBefore({ connectionInfo, generation, managedSecrets }: SyncState): Before {
  return { account: connectionInfo.account, generation, managedSecrets };
}

/** A plan together with what it was made from. */
export interface PlannedSync {
  readonly observed: ObservedDestination;
  readonly steps: readonly Step[];
}

/** Desired, observed, plan. Two statements; more only to explain why the schema cannot be used. */
export async function planAgainst(
  session: SnowflakeSession,
  inputs: SyncInputs,
  before: Before,
  run: Run | undefined,
): Promise<PlannedSync> {
  const { keySchema, initialSyncBehavior, disableSecretDeletion, takeOver } = inputs.syncOptions;
  const schema = buildKeySchema(keySchema, inputs.environment);
  const observed = await observeDestination(
    session,
    inputs.destinationConfig,
    buildRecorded(before.account, before.managedSecrets),
    { prefix: schema.prefix, isComplete: true },
  );
  // In a preview the whole map may be unknown: then only the destination can be looked at.
  if (isUnknown(inputs.secrets)) return { observed, steps: [] };
  const steps = planSync({
    desired: buildDesired(inputs, schema, run),
    observed: observed.secrets,
    recorded: findRecorded(before.managedSecrets),
    ownerId: inputs.ownerId,
    generation: before.generation,
    keySchema: schema,
    initialSyncBehavior,
    disableSecretDeletion,
    takeOver: new Set(takeOver),
  });
  return { observed, steps };
}

function buildDesired(
  inputs: SyncInputs,
  schema: KeySchema,
  run: Run | undefined,
): ReadonlyMap<string, DesiredSecret> {
  const names = renderNames(schema, Object.keys(inputs.secrets));
  return new Map(
    [...names].map(([name, sourceKey]) => {
      const fingerprint = inputs.secrets[sourceKey] ?? "";
      const source = run?.sourceOf.get(sourceKey) ?? "";
      return [name, { sourceKey, source, fingerprint, value: findKind(sourceKey, fingerprint, run) }];
    }),
  );
}

function findKind(sourceKey: string, fingerprint: string, run: Run | undefined): DesiredSecret["value"] {
  if (isUnknown(fingerprint)) return "unknown";
  if (findValue(fingerprint)) return "known";
  if (run?.ignoredKeys.has(sourceKey)) return "kept";
  throw new ProviderError("INTERNAL", {
    operation: "no value is at hand for key",
    target: JSON.stringify(sourceKey),
    hint: "run again; if it stays so, report it.",
  });
}

/** Keys under `ignoreChanges` whose former value is not at hand. */
export function findKeptKeys({ secrets }: SyncInputs, run: Run): readonly string[] {
  if (isUnknown(secrets)) return [];
  return Object.entries(secrets)
    .filter(([key, fingerprint]) => findKind(key, fingerprint, run) === "kept")
    .map(([key]) => key);
}

/**
 * Whether `inputs` are what `check` answered in this operation. A refresh asks `diff` about those of the state, and
 * the values of these are nowhere.
 */
export function isCheckedHere({ secrets }: SyncInputs, run: Run | undefined): run is Run {
  if (!run) return false;
  if (isUnknown(secrets)) return true;
  return Object.entries(secrets).every(
    ([key, fingerprint]) => isUnknown(fingerprint) || findValue(fingerprint) || run.ignoredKeys.has(key),
  );
}

/** What a sync came to. */
export interface SyncResult {
  readonly observed: ObservedDestination;
  readonly steps: readonly Step[];
  /** Of the writes; empty where nothing had to be written. */
  readonly outcomes: Outcomes;
  readonly managedSecrets: ManagedSecrets;
}

/** Who writes, for the marks. */
export interface Writer {
  readonly generation: string;
  readonly place: string;
}

/**
 * Plans against what is there now and carries it out; without `wantsWrite` it only records what waits. Anything
 * refused fails the whole with `NOT_OURS` before the first write.
 */
export async function reconcile(
  session: SnowflakeSession,
  inputs: SyncInputs,
  before: Before,
  options: { run: Run | undefined; writer: Writer; wantsWrite: boolean },
): Promise<SyncResult> {
  const { observed, steps } = await planAgainst(session, inputs, before, options.run);
  const place = inputs.destinationConfig;
  const refused = options.wantsWrite ? steps.filter(({ action }) => action === "refuse") : [];
  if (refused.length > 0) {
    throw new ProviderError("NOT_OURS", {
      operation: `nothing was written, because ${refused.length} of ${steps.length} secrets may not be touched`,
      target: refused
        .map((step) => describeRefusal(place, step))
        .join(" ")
        .replace(/\.$/, ""),
      hint: "see each secret's own way out; then run again.",
    });
  }
  const writes = options.wantsWrite ? findWrites(steps) : [];
  if (writes.length > 0) await ensurePrivileges(session, place, observed, writes);
  const outcomes = await applyWrites(
    {
      session,
      place,
      role: observed.role,
      mark: { ownerId: inputs.ownerId, ...options.writer },
      findValue: (desired) => findValue(desired.fingerprint),
      findSourceKey: (name) =>
        Object.hasOwn(before.managedSecrets, name) ? before.managedSecrets[name]?.sourceKey : undefined,
      onProgress: buildProgress(inputs.name, "written"),
    },
    writes,
  );
  const managedSecrets = buildManagedSecrets(steps, outcomes, before.managedSecrets, observed.role);
  return { observed, steps, outcomes, managedSecrets };
}

/** A new generation: 8 hex digits. */
export function generateGeneration(): string {
  return randomBytes(4).toString("hex");
}
