import { isProviderError, ProviderError } from "../errors.js";
import { report, warn } from "../journal.js";
import { buildDropSecret, buildUnsetComment, quoteIdentifier, quoteName } from "../snowflake/statements.js";
import { getConnection } from "./connect.js";
import { observeDestination } from "./destination.js";
import { buildKeySchema } from "./key-schema.js";
import { listNames } from "./messages.js";
import { findOwnerRoles, findRecorded, type SyncState } from "./state.js";

/**
 * Destroy: drops what carries the mark of this very incarnation, and nothing else; under `disableSecretDeletion`
 * it removes the mark instead. What is recorded but not provably ours any more stays, with a warning.
 */
export async function removeSync(state: SyncState): Promise<void> {
  const place = state.destinationConfig;
  const label = state.name;
  const recorded = findRecorded(state.managedSecrets);
  const { session } = await getConnection(state.connection);
  const { prefix } = buildKeySchema(state.syncOptions.keySchema, state.environment);
  const observed = await observeDestination(
    session,
    place,
    { account: state.connectionInfo.account, ownerRoles: findOwnerRoles(state.managedSecrets) },
    prefix,
  ).catch((error: unknown) => {
    if (isProviderError(error) && error.code === "NOT_FOUND" && recorded.size === 0) return undefined;
    throw error;
  });
  if (!observed) {
    warn(`${label}: schema ${quoteName(place)} is not there or hidden; nothing was ever written, so there is nothing to clean.`);
    return;
  }
  const ours = [...observed.secrets]
    .filter(([, { mark, type }]) => type === "GENERIC_STRING" && mark?.ownerId === state.ownerId && mark.generation === state.generation)
    .map(([name]) => name);
  const strangers = [...recorded.keys()].filter((name) => observed.secrets.has(name) && !ours.includes(name));
  if (strangers.length > 0) {
    warn(`${label}: not dropped, because they do not carry our mark any more: ${listNames(strangers)}`);
  }
  const isKeeping = state.syncOptions.disableSecretDeletion;
  const build = isKeeping ? buildUnsetComment : buildDropSecret;
  const outcomes = await Promise.allSettled(ours.map((name) => session.execute(build(place, name))));
  const failures = outcomes.flatMap((outcome, i) =>
    outcome.status === "rejected" ? [`${quoteIdentifier(ours[i] ?? "")}: ${(outcome.reason as Error).message}`] : [],
  );
  if (failures.length > 0) {
    throw new ProviderError("PARTLY_DONE", {
      operation: `destroy ${label}: ${failures.length} of ${ours.length} secrets could not be ${isKeeping ? "released" : "dropped"}`,
      target: failures.join(" "),
      hint: "mend the causes and run destroy again.",
      retryable: true,
    });
  }
  report(`${label}: ${ours.length} ${isKeeping ? "left behind without our mark" : "dropped"} in ${quoteName(place)}`);
}
