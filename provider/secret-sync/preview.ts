import { holdsUnknown } from "../check-failures.js";
import { isProviderError } from "../errors.js";
import { report, warn } from "../journal.js";
import { findConnection } from "./connect.js";
import { wantsWrite } from "./decide.js";
import { buildPlanMessages } from "./messages.js";
import { findWrites } from "./plan.js";
import { ensurePrivileges } from "./privileges.js";
import { buildBefore, nothingBefore, type PlannedSync, planAgainst } from "./reconcile.js";
import { requireReplaceable } from "./replaceable.js";
import { findRun } from "./run.js";
import type { SyncInputs, SyncState } from "./state.js";

/**
 * Says in a preview what was observed. What only the world can answer is a warning here and an error in `up`: the
 * schema may be made by the same program. Undefined where nothing could be seen.
 */
export async function previewSync(inputs: SyncInputs, state?: SyncState): Promise<PlannedSync | undefined> {
  const { name, connection, destinationConfig: place, syncOptions, environment } = inputs;
  const unknown = Object.entries({ connection, destinationConfig: place, syncOptions, environment })
    .filter(([, value]) => holdsUnknown(value))
    .map(([argument]) => argument);
  if (unknown.length > 0) {
    warn(`${name}: known only in up: ${unknown.join(", ")}. So Snowflake was not looked at.`);
    return undefined;
  }
  try {
    const connected = await findConnection(connection);
    if (!connected) return undefined;
    const run = findRun(inputs.ownerId);
    const wants = wantsWrite(inputs, state ?? run?.predecessor);
    if (run) requireReplaceable(inputs, run);
    const planned = await planAgainst(
      connected.session,
      inputs,
      state ? buildBefore(state) : nothingBefore,
      run,
    );
    const { infos, warnings } = buildPlanMessages(name, place, planned.steps, wants);
    infos.forEach(report);
    warnings.forEach(warn);
    if (wants) await ensurePrivileges(connected.session, place, planned.observed, findWrites(planned.steps));
    return planned;
  } catch (error) {
    if (!isProviderError(error) || error.code === "WRONG_ACCOUNT") throw error;
    warn(`${name}: ${error.message} In up this is an error.`);
    return undefined;
  }
}
