import { isProviderError } from "../errors.js";
import { report, warn } from "../journal.js";
import { findConnection } from "./connect.js";
import { wantsWrite } from "./decide.js";
import { buildPlanMessages } from "./messages.js";
import { type Before, nothingBefore, type PlannedSync, planAgainst } from "./reconcile.js";
import { findRun } from "./run.js";
import type { SyncInputs, SyncState } from "./state.js";

/**
 * Says in a preview what was observed. What only the world can answer is a warning here and an error in `up`: the
 * schema may be made by the same program. Undefined where nothing could be seen.
 */
export async function previewSync(inputs: SyncInputs, state?: SyncState): Promise<PlannedSync | undefined> {
  try {
    const connected = await findConnection(inputs.connection);
    if (!connected) {
      warn(`${inputs.name}: the connection is known only in up, so Snowflake was not looked at.`);
      return undefined;
    }
    const planned = await planAgainst(
      connected.session,
      inputs,
      state ? buildBefore(state) : nothingBefore,
      findRun(inputs.ownerId)?.sourceOf ?? new Map(),
    );
    const { infos, warnings } = buildPlanMessages(
      inputs.name,
      inputs.destinationConfig,
      planned.steps,
      wantsWrite(inputs, state),
    );
    infos.forEach(report);
    warnings.forEach(warn);
    return planned;
  } catch (error) {
    if (!isProviderError(error) || error.code === "WRONG_ACCOUNT") throw error;
    warn(`${inputs.name}: ${error.message} In up this is an error.`);
    return undefined;
  }
}

export function buildBefore(state: SyncState): Before {
  return { account: state.connectionInfo?.account, managedSecrets: state.managedSecrets ?? {} };
}
