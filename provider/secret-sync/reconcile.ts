import { randomBytes } from "node:crypto";
import { isUnknown } from "../engine.js";
import { ProviderError } from "../errors.js";
import { report } from "../journal.js";
import type { SnowflakeSession } from "../snowflake/session.js";
import { findValue } from "../write-only.js";
import { applyWrites, type Outcomes } from "./apply.js";
import { ensurePrivileges, type ObservedDestination, observeDestination } from "./destination.js";
import { buildKeySchema, type KeySchema, renderNames } from "./key-schema.js";
import { describeRefusal } from "./messages.js";
import { type DesiredSecret, findWrites, planSync, type Step } from "./plan.js";
import {
  buildManagedSecrets,
  findOwnerRoles,
  findRecorded,
  type ManagedSecrets,
  type SyncInputs,
} from "./state.js";

/** The parts of a state that planning needs; a creation has none. */
export interface Before {
  readonly account: string | undefined;
  readonly managedSecrets: ManagedSecrets;
}

export const nothingBefore: Before = { account: undefined, managedSecrets: {} };

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
  sourceOf: ReadonlyMap<string, string>,
): Promise<PlannedSync> {
  const { keySchema, initialSyncBehavior, disableSecretDeletion, takeOver } = inputs.syncOptions;
  const schema = buildKeySchema(keySchema, inputs.environment);
  const recorded = { account: before.account, ownerRoles: findOwnerRoles(before.managedSecrets) };
  const observed = await observeDestination(session, inputs.destinationConfig, recorded, schema.prefix);
  // In a preview the whole map may be unknown: then only the destination can be looked at.
  if (isUnknown(inputs.secrets)) return { observed, steps: [] };
  const steps = planSync({
    desired: buildDesired(inputs, schema, sourceOf),
    observed: observed.secrets,
    recorded: findRecorded(before.managedSecrets),
    ownerId: inputs.ownerId,
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
  sourceOf: ReadonlyMap<string, string>,
): ReadonlyMap<string, DesiredSecret> {
  const names = renderNames(schema, Object.keys(inputs.secrets));
  return new Map(
    [...names].map(([name, sourceKey]) => {
      const fingerprint = inputs.secrets[sourceKey] ?? "";
      const value = isUnknown(fingerprint) ? "unknown" : findValue(fingerprint) ? "known" : "kept";
      return [name, { sourceKey, source: sourceOf.get(sourceKey) ?? "", fingerprint, value }];
    }),
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
  options: { sourceOf: ReadonlyMap<string, string>; writer: Writer; wantsWrite: boolean },
): Promise<SyncResult> {
  const { observed, steps } = await planAgainst(session, inputs, before, options.sourceOf);
  const place = inputs.destinationConfig;
  const refused = options.wantsWrite ? steps.filter(({ action }) => action === "refuse") : [];
  if (refused.length > 0) {
    throw new ProviderError("NOT_OURS", {
      operation: `nothing was written, because ${refused.length} of ${steps.length} secrets may not be touched`,
      target: refused.map((step) => describeRefusal(place, step)).join(" "),
      hint: "see each secret's own way out; then run again.",
    });
  }
  const writes = options.wantsWrite ? findWrites(steps) : [];
  if (writes.length > 0) await ensurePrivileges(session, place, observed, writes);
  const outcomes = await applyWrites(
    {
      session,
      place,
      mark: { ownerId: inputs.ownerId, ...options.writer },
      findValue: (desired) => findValue(desired.fingerprint),
      findSourceKey: (name) =>
        Object.hasOwn(before.managedSecrets, name) ? before.managedSecrets[name]?.sourceKey : undefined,
      onProgress: buildProgress(inputs.name),
    },
    writes,
  );
  const managedSecrets = buildManagedSecrets(steps, outcomes, before.managedSecrets, observed.role);
  return { observed, steps, outcomes, managedSecrets };
}

const progressIntervalMs = 2_000;

// A line at most every two seconds, so a short sync says nothing.
function buildProgress(label: string): (done: number, total: number) => void {
  let last = Date.now();
  return (done, total) => {
    if (Date.now() - last < progressIntervalMs) return;
    last = Date.now();
    report(`${label}: ${done} of ${total} written`);
  };
}

/** A new generation: 8 hex digits. */
export function generateGeneration(): string {
  return randomBytes(4).toString("hex");
}
