import { isProviderError } from "../../core/errors.js";
import { createMemoryMap, type Operation } from "../../engine/operation.js";
import { isUnknown } from "../../engine/unknown.js";
import { shouldWrite } from "../changes.js";
import { connect } from "../connect.js";
import {
  findUnknownArguments,
  isPlannable,
  type PlannableInputs,
  type SyncInputs,
} from "../inputs/arguments.js";
import { type CheckedSync, findCheck } from "../inputs/check-memory.js";
import { requireReplaceable } from "../inputs/guards.js";
import { findDroppedGrants } from "../plan/dropped-grants.js";
import { findWrites } from "../plan/plan.js";
import { ensurePrivileges } from "../plan/privileges.js";
import { requireFewRemovals, requireListable, requireResumable } from "../plan/refusals.js";
import { buildBefore, type PlannedSync, planAgainst } from "../reconcile.js";
import type { SyncState } from "../state.js";
import { buildPlanMessages } from "./messages.js";

const looks = createMemoryMap<CheckedSync, Promise<PlannedSync>>();

/**
 * What `up` would do, as far as this can be seen now: two statements, once after each `check`, so that `diff` and the
 * messages of a preview share them. Never used to write.
 */
export function look(
  inputs: PlannableInputs,
  state: SyncState | undefined,
  checked: CheckedSync,
  operation: Operation,
): Promise<PlannedSync> {
  const known = operation.recall(looks);
  const seen = known.get(checked);
  if (seen) return seen;
  const planned = connect(operation, inputs.connection).then(({ session }) =>
    planAgainst(session, inputs, buildBefore(state), operation),
  );
  known.set(checked, planned);
  return planned;
}

/**
 * Refuses to wait for a silent server once more, where `diff` did and was not told that it is `up` that asks. Any other
 * failure of its look may have passed.
 */
export async function requireAnswering(
  checked: CheckedSync | undefined,
  operation: Operation,
): Promise<void> {
  if (checked === undefined) return;
  await operation
    .recall(looks)
    .get(checked)
    ?.catch((error: unknown) => {
      if (isProviderError(error) && error.code === "TIMED_OUT") throw error;
    });
}

/**
 * Says in a preview what was observed. What only the world can answer is a warning here and an error in `up`: the
 * schema may be made by the same program.
 */
export async function preview(
  inputs: SyncInputs,
  state: SyncState | undefined,
  operation: Operation,
): Promise<void> {
  const { report, warn } = operation.messages;
  const checked = findCheck(operation, inputs.ownerId);
  if (!checked) return;
  const { label } = checked;
  const shown = state === undefined ? "does not show its keys" : "shows its keys as unchanged";
  for (const reason of Object.values(inputs.notReadable ?? {})) {
    warn(`${label}: ${reason} The preview ${shown}; pulumi up would fail.`);
  }
  if (!isPlannable(inputs)) {
    const unknown = findUnknownArguments(inputs).join(", ");
    warn(`${label}: not known until \`pulumi up\`: ${unknown}. This preview did not read Snowflake.`);
    return;
  }
  if (inputs.notReadable !== undefined) return;
  if (isUnknown(inputs.secrets)) {
    warn(
      `${label}: the keys of its secrets are not known until up, so this preview cannot list what will change. See docs/languages.md#values-that-are-not-known-yet.`,
    );
  }
  try {
    const isWriting = shouldWrite(inputs, state ?? checked.predecessor);
    requireReplaceable(inputs, checked);
    const planned = await look(inputs, state, checked, operation);
    const { observed, prefix, steps, unseen, lost, reowned, resumption } = planned;
    if (isWriting) requireResumable(inputs, resumption);
    const { destinationConfig: schema, connection } = inputs;
    const { infos, warnings } = buildPlanMessages({
      label,
      schema,
      steps,
      unseen,
      lost,
      reowned,
      resumption,
      shownRemovals: findShownRemovals(inputs, state),
      shouldWrite: isWriting,
      place: checked.place,
    });
    infos.forEach(report);
    warnings.forEach(warn);
    if (!isWriting) return;
    const { session } = await connect(operation, connection);
    const writes = findWrites(steps);
    requireFewRemovals(inputs.syncOptions.maxRemovals, writes);
    requireListable(inputs, prefix, observed, writes);
    for (const line of await findDroppedGrants(session, schema, steps)) warn(`${label}: ${line}`);
    await ensurePrivileges(session, schema, observed, writes);
  } catch (error) {
    if (!isProviderError(error)) throw error;
    warn(`${label}: ${error.message} \`pulumi up\` fails with this error.`);
  }
}

/** The recorded names whose key the preview's map of fingerprints shows as removed. */
function findShownRemovals({ secrets }: SyncInputs, state: SyncState | undefined): ReadonlySet<string> {
  if (!state || isUnknown(secrets)) return new Set();
  const isShown = (key: string) => Object.hasOwn(state.secrets, key) && !Object.hasOwn(secrets, key);
  const recorded = Object.entries(state.managedSecrets);
  return new Set(recorded.filter(([, { sourceKey }]) => isShown(sourceKey)).map(([name]) => name));
}
