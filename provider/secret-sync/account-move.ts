import { isProviderError } from "../core/errors.js";
import type { Operation } from "../engine/operation.js";
import { connect } from "./connect.js";
import { isForgottenAccount } from "./plan/forgotten-account.js";
import { readSessionRoles } from "./plan/observe.js";
import type { SyncState } from "./state.js";

/**
 * Whether a sync may be replaced by one in another account: only if the old one can be removed, so that no account is
 * filled with secrets by a mistake that cannot be taken back. The old one is removed with the connection of the state,
 * and where that names no account the environment may lead elsewhere by now.
 */
export async function mayLeaveAccount(state: SyncState, operation: Operation): Promise<boolean> {
  const { account } = state.connectionInfo;
  if (state.syncOptions.disableSecretDeletion || isForgottenAccount(account)) return true;
  return (await findAccount(state.connection, operation)) === account;
}

/** Undefined where the connection reaches none. */
export async function findAccount(connection: unknown, operation: Operation): Promise<string | undefined> {
  try {
    const { session } = await connect(operation, connection);
    return (await readSessionRoles(session, [])).account;
  } catch (error) {
    if (!isProviderError(error)) throw error;
    return undefined;
  }
}
