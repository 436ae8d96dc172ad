import { isProviderError, ProviderError, toProviderError } from "../errors.js";
import { report, warn } from "../journal.js";
import { buildDropSecret, buildUnsetComment, quoteIdentifier, quoteName } from "../snowflake/statements.js";
import { getConnection } from "./connect.js";
import { type ObservedDestination, observeDestination } from "./destination.js";
import { buildKeySchema } from "./key-schema.js";
import { listNames } from "./messages.js";
import { explainMissingPrivilege } from "./privileges.js";
import { buildProgress } from "./progress.js";
import { rememberRemoval } from "./run.js";
import { buildRecorded, type SyncState } from "./state.js";

/**
 * Destroy: drops what carries the mark of this very incarnation, and nothing else; under `disableSecretDeletion`
 * it removes the mark instead. What is recorded but not provably ours any more stays, with a warning.
 */
export async function removeSync(state: SyncState): Promise<void> {
  const place = state.destinationConfig;
  const label = state.name;
  const recorded = buildRecorded(state.connectionInfo.account, state.managedSecrets);
  const { session } = await getConnection(state.connection);
  const { prefix } = buildKeySchema(state.syncOptions.keySchema, state.environment);
  const observed = await observeDestination(session, place, recorded, { prefix, isComplete: false }).catch(
    (error: unknown) => {
      if (isProviderError(error) && error.code === "NOT_FOUND" && recorded.names.length === 0)
        return undefined;
      throw error;
    },
  );
  if (!observed) {
    warn(
      `${label}: schema ${quoteName(place)} is not there or hidden; nothing was ever written, so there is nothing to clean.`,
    );
    return;
  }
  const ours = [...observed.secrets].filter(
    ([, { mark, type }]) =>
      type === "GENERIC_STRING" && mark?.ownerId === state.ownerId && mark.generation === state.generation,
  );
  warnOfStrangers(state, recorded.names, observed);
  const isKeeping = state.syncOptions.disableSecretDeletion;
  const verb = isKeeping ? "left behind without our mark" : "dropped";
  const onProgress = buildProgress(label, verb);
  let done = 0;
  const failures: string[] = [];
  await Promise.all(
    ours.map(async ([name]) => {
      try {
        await session.execute(isKeeping ? buildUnsetComment(place, name) : buildDropSecret(place, name));
      } catch (error) {
        const known = toProviderError(error, `drop secret ${quoteName(place, name)}`);
        const { message } = explainMissingPrivilege(known, place, { name, action: "drop" }, observed.role);
        failures.push(`${quoteIdentifier(name)}: ${message}`);
      }
      done += 1;
      onProgress(done, ours.length);
    }),
  );
  if (failures.length > 0) {
    throw new ProviderError("PARTLY_DONE", {
      operation: `destroy ${label}: ${failures.length} of ${ours.length} secrets could not be ${isKeeping ? "released" : "dropped"}`,
      target: failures.join(" ").replace(/\.$/, ""),
      hint: "mend the causes and run destroy again.",
      retryable: true,
    });
  }
  rememberRemoval(state.ownerId);
  report(`${label}: ${ours.length} ${verb} in ${quoteName(place)}`);
}

// What our successor holds in the same place is no stranger.
function warnOfStrangers(state: SyncState, names: readonly string[], { secrets }: ObservedDestination): void {
  const strangers = names.filter((name) => {
    const seen = secrets.get(name);
    if (!seen) return false;
    return seen.type !== "GENERIC_STRING" || seen.mark?.ownerId !== state.ownerId;
  });
  if (strangers.length === 0) return;
  warn(`${state.name}: not dropped, because they do not carry our mark any more: ${listNames(strangers)}`);
}
