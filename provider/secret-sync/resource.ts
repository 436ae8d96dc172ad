import { isProviderError, ProviderError } from "../core/errors.js";
import { buildPlaceHint } from "../engine/context.js";
import type { Operation } from "../engine/operation.js";
import type { Difference, Resource, Written } from "../engine/resource.js";
import { isKnown } from "../engine/unknown.js";
import { quoteName } from "../snowflake/statements.js";
import { findAccount, mayLeaveAccount } from "./account-move.js";
import { removeSync } from "./apply/destroy.js";
import { combineFailures, findFailed, listFailures } from "./apply/write-failures.js";
import { buildState } from "./build-state.js";
import { findChanges, isReplacedBy, shouldWrite } from "./changes.js";
import { connect } from "./connect.js";
import { importSync } from "./import.js";
import { isPlannable, type KnownInputs, type PlannableInputs, type SyncInputs } from "./inputs/arguments.js";
import { checkSync } from "./inputs/check.js";
import { type CheckedSync, findCheck, isReplacing } from "./inputs/check-memory.js";
import { isCheckedHere } from "./plan/desired.js";
import { listNames } from "./preview/messages.js";
import { look, preview, requireAnswering } from "./preview/preview.js";
import { buildBefore, reconcile, type SyncResult } from "./reconcile.js";
import { refreshSync } from "./refresh.js";
import { requireSameStack } from "./stack-change.js";
import { findRecorded, type SyncState } from "./state.js";

/** `SnowflakeSecretSync`, for every host. */
export const secretSync: Resource<SyncInputs, SyncState> = {
  type: "SnowflakeSecretSync",
  check: checkSync,
  preview,
  diff,

  async create(given, operation) {
    const inputs = requireWritable(given, operation);
    const { session, resolved } = await connect(operation, inputs.connection);
    const checked = findCheck(operation, inputs.ownerId);
    const place = checked?.place ?? "";
    const isWriting = shouldWrite(inputs, checked?.predecessor);
    const result = await reconcile(session, inputs, buildBefore(undefined), {
      operation,
      place,
      shouldWrite: isWriting,
    });
    const replaces = isReplacing(operation, inputs.ownerId);
    const failure = findFailure(inputs, result, replaces ? nextOfMove : nextOfSync);
    // In a replacement a half-made successor would doom its predecessor; the marks let the next `up` resume.
    const wroteNothing = [...result.outcomes.values()].every((error) => error !== undefined);
    if (failure && (wroteNothing || replaces)) throw failure.error;
    const state = buildState(inputs, undefined, result, { resolved, ids: checked?.ids });
    return finish(`${inputs.ownerId}-${result.writer.revision}`, state, result, failure, operation);
  },

  read: (_id, state, operation) => refreshSync(state, operation),

  async update(id, before, given, operation) {
    const inputs = requireWritable(given, operation);
    const checked = findCheck(operation, inputs.ownerId);
    await requireAnswering(checked, operation);
    const { session, resolved } = await connect(operation, inputs.connection);
    const isWriting = shouldWrite(inputs, before);
    // What waits is as the former stack left it.
    const place = (isWriting && checked?.place) || before.place;
    const result = await reconcile(session, inputs, buildBefore(before), {
      operation,
      place,
      shouldWrite: isWriting,
    });
    const state = buildState(inputs, before, result, { resolved, ids: checked?.ids });
    const failure = findFailure(inputs, result, nextOfSync);
    return finish(id, state, result, failure, operation);
  },

  delete: (_id, state, operation, place) => removeSync(state, operation, place && buildPlaceHint(place)),

  import: importSync,
};

async function diff(state: SyncState, inputs: SyncInputs, operation: Operation): Promise<Difference> {
  const changed = findChanges(state, inputs);
  const replaces: string[] = changed.filter(isReplacedBy);
  // The successor is planned by its own creation; the old schema is looked at when it is cleaned.
  if (replaces.length > 0) {
    requireSameStack(state, findCheck(operation, inputs.ownerId)?.place ?? "");
    if (await leadsAstray(state, inputs, operation)) return { changes: true, replaces: [] };
    reportMove(state, operation);
    return { changes: true, replaces };
  }
  const isChanged = changed.length > 0 || inputs.notReadable !== undefined;
  const checked = findCheck(operation, inputs.ownerId);
  // A refresh asks about inputs that no `check` has seen.
  if (inputs.notReadable !== undefined || !isCheckedHere(inputs, checked, operation)) {
    return { changes: isChanged, replaces };
  }
  const changes = isChanged || state.syncStatus === "failed";
  if (!isPlannable(inputs)) return { changes, replaces };
  try {
    return { changes: (await hasWork(inputs, state, checked, operation)) || changes, replaces };
  } catch (error) {
    if (!isProviderError(error)) throw error;
    if (error.code === "WRONG_ACCOUNT") {
      // A replacement could not take the old one away. The update or the preview says so.
      if (!(await mayLeaveAccount(state, operation))) return { changes: true, replaces: [] };
      requireSameStack(state, checked.place);
      operation.messages.report(
        `${checked.label}: the connection reaches ${error.target}, so the sync is replaced: filled there, then removed from the recorded account with the connection of the state.`,
      );
      return { changes: true, replaces: ["connection"] };
    }
    if (checked.run === "up") throw error;
    // The preview warns of it; where nobody tells a preview from `up`, what writes must meet it.
    return { changes: changes || checked.run === "unknown", replaces };
  }
}

/** Whether what is replaced for another reason would also move to another account, and leave the old one for good. */
async function leadsAstray(state: SyncState, inputs: SyncInputs, operation: Operation): Promise<boolean> {
  const isAsked = findCheck(operation, inputs.ownerId) !== undefined;
  if (!isAsked || inputs.notReadable !== undefined || !isKnown(inputs.connection)) return false;
  const account = await findAccount(inputs.connection, operation);
  // What cannot be reached fails the creation, before anything is written.
  if (account === undefined || account === state.connectionInfo.account) return false;
  return !(await mayLeaveAccount(state, operation));
}

/** Whether Snowflake, as it is now, differs from what is wanted. */
async function hasWork(
  inputs: PlannableInputs & SyncInputs,
  state: SyncState,
  checked: CheckedSync,
  operation: Operation,
): Promise<boolean> {
  const { steps, reowned } = await look(inputs, state, checked, operation);
  return reowned.length > 0 || (shouldWrite(inputs, state) && steps.some(({ action }) => action !== "leave"));
}

/** What the removal of a replaced sync takes from its schema, as the state has it. */
function reportMove(
  { ownerId, managedSecrets, destinationConfig, syncOptions }: SyncState,
  operation: Operation,
): void {
  const checked = findCheck(operation, ownerId);
  const names = [...findRecorded(managedSecrets).keys()];
  if (checked === undefined || checked.run === "up" || names.length === 0) return;
  const fate = syncOptions.disableSecretDeletion ? "kept without the ownership comment" : "dropped";
  operation.messages.report(
    `${checked.label}: to be ${fate} in ${quoteName(destinationConfig)} once the new schema is filled: ${listNames(names)}`,
  );
}

/** Refuses to write where something of what is wanted is not known. */
function requireWritable(inputs: SyncInputs, operation: Operation): KnownInputs {
  if (inputs.notReadable !== undefined) {
    throw (
      findCheck(operation, inputs.ownerId)?.readFailure ??
      new ProviderError("SOURCE_FAILED", {
        operation: `nothing was written, because a source of ${String(inputs.name)} could not be read`,
        target: Object.keys(inputs.notReadable).join("; "),
        hint: "make sure that this machine can read them, then run again.",
        retryable: true,
      })
    );
  }
  if (isKnown(inputs)) return inputs;
  throw new ProviderError("INTERNAL", {
    operation: "an argument is unknown outside of a preview",
    hint: "report this error.",
  });
}

const nextOfSync = "Then run again: the next up does exactly the rest.";
const nextOfMove =
  "The old schema is as it was. Then run again: what was written in the new one is written once more.";

type Failure = NonNullable<Written<SyncState>["failure"]>;

function findFailure(inputs: KnownInputs, { outcomes }: SyncResult, next: string): Failure | undefined {
  const failed = findFailed(outcomes);
  if (failed.length === 0) return undefined;
  const error = combineFailures(failed, {
    operation: `sync ${inputs.name}: ${failed.length} of ${outcomes.size} writes failed`,
    wroteSomething: failed.length < outcomes.size,
    next,
  });
  return { error, reasons: listFailures(failed) };
}

function finish(
  id: string,
  state: SyncState,
  result: SyncResult,
  failure: Failure | undefined,
  operation: Operation,
): Written<SyncState> {
  if (failure) return { id, state, failure };
  reportResult(state, result, operation);
  return { id, state };
}

function reportResult(
  { name, managedSecrets }: SyncState,
  { outcomes, steps }: SyncResult,
  operation: Operation,
): void {
  if (outcomes.size === 0) return;
  const find = (action: string) =>
    steps.flatMap((step) => (outcomes.has(step.name) && step.action === action ? [step.name] : []));
  // Some programs lose a key without meaning to, as YAML does one that is null: so what is gone has its name.
  const dropped = find("drop");
  const parts = [
    [find("create").length, "created"],
    [find("alter").length, "altered"],
    [find("replace").length, "replaced"],
    [dropped.length, `dropped (${listNames(dropped)})`],
  ] as const;
  const done = parts.flatMap(([count, what]) => (count > 0 ? [`${count} ${what}`] : []));
  operation.messages.report(
    `${name}: ${done.join(", ") || "nothing written"}; ${Object.keys(managedSecrets).length} managed`,
  );
}
