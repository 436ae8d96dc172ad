import { randomBytes } from "node:crypto";
import type { Operation } from "../engine/operation.js";
import { findValue } from "../engine/pending-values.js";
import { isUnknown } from "../engine/unknown.js";
import type { SnowflakeSession } from "../snowflake/driver/session.js";
import { applyWrites, type Outcomes } from "./apply/apply.js";
import { explainFutureOwner } from "./apply/future-owner.js";
import { buildProgress } from "./apply/progress.js";
import { verifyWrites } from "./apply/verify.js";
import type { KnownInputs, PlannableInputs } from "./inputs/arguments.js";
import { findCheck } from "./inputs/check-memory.js";
import type { ManagedSecrets } from "./outputs.js";
import { buildDesired } from "./plan/desired.js";
import { findDroppedGrants } from "./plan/dropped-grants.js";
import { buildKeySchema } from "./plan/key-schema.js";
import { type ObservedDestination, observeDestination } from "./plan/observe.js";
import {
  findLost,
  findUnseen,
  findWrites,
  type PlanInput,
  planSync,
  type Step,
  type WriteStep,
} from "./plan/plan.js";
import { ensurePrivileges } from "./plan/privileges.js";
import { requireAllowed, requireListable, requireResumable } from "./plan/refusals.js";
import { findResumption, type Resumption } from "./plan/resumption.js";
import { describeLost, describeResumption, describeStackChange, describeUnseen } from "./preview/messages.js";
import { buildManagedSecrets, buildRecorded, findRecorded, type SyncState } from "./state.js";

/** The parts of a state that planning needs; a creation has none. */
export interface Before {
  readonly account: string | undefined;
  readonly revision: string | undefined;
  /** organization/project/stack/name of the last write. */
  readonly place: string | undefined;
  readonly managedSecrets: ManagedSecrets;
}

const nothingBefore: Before = {
  account: undefined,
  revision: undefined,
  place: undefined,
  managedSecrets: {},
};

/** What a reconcile starts from: a state, or nothing. */
export function buildBefore(state: SyncState | undefined): Before {
  if (!state) return nothingBefore;
  const { connectionInfo, revision, place, managedSecrets } = state;
  return { account: connectionInfo.account, revision, place, managedSecrets };
}

/** A plan together with what it was made from. */
export interface PlannedSync {
  readonly observed: ObservedDestination;
  /** What the names of this sync begin with; may be empty. */
  readonly prefix: string;
  readonly steps: readonly Step[];
  /** Recorded names that are neither seen nor wanted any more. */
  readonly unseen: readonly string[];
  /** Recorded names that are seen and not wanted any more, and no longer ours to drop. */
  readonly lost: readonly string[];
  /** Names that another role owns than the recorded one. */
  readonly reowned: readonly string[];
  readonly resumption: Resumption;
}

/** Desired, observed, plan. Two statements; more only to explain why the schema cannot be used. */
export async function planAgainst(
  session: SnowflakeSession,
  inputs: PlannableInputs,
  before: Before,
  operation: Operation,
): Promise<PlannedSync> {
  const { initialSyncBehavior, disableSecretDeletion, takeOver } = inputs.syncOptions;
  const keySchema = buildKeySchema(inputs.syncOptions.keySchema, inputs.environment);
  const { prefix } = keySchema;
  const observed = await observeDestination(
    session,
    inputs.destinationConfig,
    buildRecorded(before.account, before.managedSecrets),
    { prefix, isComplete: true },
  );
  const checked = findCheck(operation, inputs.ownerId);
  const recorded = findRecorded(before.managedSecrets);
  // The state proves the owner id where it records a secret, or is being replaced.
  const isProven =
    recorded.size > 0 || checked?.predecessor !== undefined || takeOver.includes(inputs.ownerId);
  const { ownerId } = inputs;
  const claimant = { ownerId, place: checked?.place ?? "", revision: before.revision, now: Date.now() };
  const resumption: Resumption = isProven ? { kind: "none" } : findResumption(observed.secrets, claimant);
  // In a preview the whole map may be unknown: then only the destination can be looked at.
  if (isUnknown(inputs.secrets)) {
    return { observed, prefix, steps: [], unseen: [], lost: [], reowned: [], resumption };
  }
  const input: PlanInput = {
    desired: buildDesired(inputs.secrets, keySchema, checked, operation),
    observed: observed.secrets,
    recorded,
    ownerId: inputs.ownerId,
    revision: before.revision,
    places: { here: checked?.place || before.place, before: before.place },
    keySchema,
    initialSyncBehavior,
    disableSecretDeletion,
    takeOver: new Set(takeOver),
  };
  const steps = planSync(input);
  const reowned = findReowned(steps, before.managedSecrets);
  return {
    observed,
    prefix,
    steps,
    unseen: findUnseen(input),
    lost: findLost(input, steps),
    reowned,
    resumption,
  };
}

function findReowned(steps: readonly Step[], managed: ManagedSecrets): readonly string[] {
  const isReowned = ({ name, observed }: Step) => {
    const owner = Object.hasOwn(managed, name) ? managed[name]?.owner : undefined;
    return Boolean(owner) && observed !== undefined && observed.owner !== owner;
  };
  return steps.filter(isReowned).map(({ name }) => name);
}

/** What a sync came to. */
export interface SyncResult {
  readonly observed: ObservedDestination;
  readonly steps: readonly Step[];
  /** Of the writes; empty where nothing had to be written. */
  readonly outcomes: Outcomes;
  readonly managedSecrets: ManagedSecrets;
  readonly writer: Writer;
}

/** Who writes, for the marks. */
export interface Writer {
  readonly revision: string;
  readonly place: string;
}

/**
 * Plans against what is there now and carries it out; without `shouldWrite` it only records what waits. Anything
 * refused fails the whole before the first write: `NOT_OURS`, `REMOVAL_LIMIT`, `UNPROVEN` for more secrets than Snowflake
 * lists or for secrets of this owner id that an empty state does not prove, `PRIVILEGE_MISSING`.
 *
 * @param options.place of the sync, for the marks
 */
export async function reconcile(
  session: SnowflakeSession,
  inputs: KnownInputs,
  before: Before,
  options: { operation: Operation; place: string; shouldWrite: boolean },
): Promise<SyncResult> {
  const { operation, place, shouldWrite } = options;
  const warn = (line: string) => operation.messages.warn(`${inputs.name}: ${line}`);
  const planned = await planAgainst(session, inputs, before, operation);
  const { observed, prefix, steps, unseen, lost, resumption } = planned;
  const { destinationConfig: schema, ownerId } = inputs;
  const resumed = resumption.kind === "resumes" ? resumption.revision : undefined;
  const writer = { revision: before.revision ?? resumed ?? generateRevision(), place };
  if (unseen.length > 0) warn(`${describeUnseen(schema, unseen)}. They are forgotten now.`);
  if (lost.length > 0) warn(`${describeLost(schema, lost)}. They are forgotten now.`);
  const writes = shouldWrite ? findWrites(steps) : [];
  if (shouldWrite) {
    requireResumable(inputs, resumption);
    for (const line of describeResumption(schema, resumption)) warn(line);
    for (const line of describeStackChange(schema, steps)) warn(line);
    requireAllowed(inputs, steps, place);
    requireListable(inputs, prefix, observed, writes);
  }
  if (writes.length > 0) await ensurePrivileges(session, schema, observed, writes);
  const droppedGrants = await findDroppedGrants(session, schema, writes);
  const tried = await applyWrites(
    {
      session,
      schema,
      role: observed.role,
      mark: { ownerId, ...writer },
      findValue: ({ fingerprint }) =>
        isUnknown(fingerprint) ? undefined : findValue(operation, fingerprint),
      findSourceKey: (name) =>
        Object.hasOwn(before.managedSecrets, name) ? before.managedSecrets[name]?.sourceKey : undefined,
      onProgress: buildProgress(operation.messages, inputs.name, "written"),
    },
    writes,
  );
  for (const line of droppedGrants) warn(`recreated, without the grants it had: ${line}`);
  const { outcomes: shown, secrets } = await verifyWrites(
    session,
    { schema, prefix, ownerId },
    writes,
    tried,
    warn,
  );
  const outcomes = await explainFutureOwner(
    session,
    schema,
    observed.role,
    shown,
    findHidden(writes, shown, secrets),
  );
  const after = { role: observed.role, secrets };
  const managedSecrets = buildManagedSecrets(steps, outcomes, before.managedSecrets, after);
  // While one secret still names the former stack the state does too, or it would look like another's.
  const isWhole = [...outcomes.values()].every((error) => error === undefined);
  const recordedPlace = isWhole ? place : (before.place ?? place);
  return { observed, steps, outcomes, managedSecrets, writer: { ...writer, place: recordedPlace } };
}

/** What exists by Snowflake's own word, and is not shown to the role. */
function findHidden(
  writes: readonly WriteStep[],
  outcomes: Outcomes,
  seen: ReadonlyMap<string, unknown>,
): readonly string[] {
  return writes
    .filter(({ name, action }) => (action === "create" || action === "replace") && !seen.has(name))
    .filter(({ name }) => ["ALREADY_EXISTS", "UNPROVEN"].includes(outcomes.get(name)?.code ?? ""))
    .map(({ name }) => name);
}

/** A new revision: 8 hex digits. */
export function generateRevision(): string {
  return randomBytes(4).toString("hex");
}
