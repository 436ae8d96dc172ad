import { isProviderError, type ProviderError, toProviderError } from "../../core/errors.js";
import type { Operation } from "../../engine/operation.js";
import { buildDropSecret, buildUnsetComment, quoteName } from "../../snowflake/statements.js";
import { connect } from "../connect.js";
import { rememberRemoval } from "../inputs/check-memory.js";
import { buildKeySchema } from "../plan/key-schema.js";
import { type ObservedDestination, observeDestination } from "../plan/observe.js";
import { explainMissingPrivilege } from "../plan/privileges.js";
import { describeUnseen, listNames } from "../preview/messages.js";
import { buildRecorded, type SyncState } from "../state.js";
import { buildProgress } from "./progress.js";
import { combineFailures, findFailed } from "./write-failures.js";

/**
 * Destroy: drops what carries the mark of this very revision, and nothing else; under `disableSecretDeletion`
 * it removes the mark instead. What is recorded but not provably ours any more stays, with a warning.
 */
export async function removeSync(state: SyncState, operation: Operation): Promise<void> {
  const { report, warn } = operation.messages;
  const schema = state.destinationConfig;
  const label = state.name;
  const recorded = buildRecorded(state.connectionInfo.account, state.managedSecrets);
  const { session } = await connect(operation, state.connection);
  const { prefix } = buildKeySchema(state.syncOptions.keySchema, state.environment);
  const observed = await observeDestination(session, schema, recorded, { prefix, isComplete: false }).catch(
    (error: unknown) => {
      if (isProviderError(error) && error.code === "NOT_FOUND" && recorded.owners.size === 0)
        return undefined;
      throw error;
    },
  );
  if (!observed) {
    warn(
      `${label}: schema ${quoteName(schema)} is not there or hidden; nothing was ever written, so there is nothing to clean.`,
    );
    return;
  }
  const ours = [...observed.secrets].filter(
    ([, { mark, type }]) =>
      type === "GENERIC_STRING" && mark?.ownerId === state.ownerId && mark.revision === state.revision,
  );
  const strangers = findStrangers(state, [...recorded.owners.keys()], observed);
  if (strangers.unmarked.length > 0) {
    warn(
      `${label}: not dropped, because they do not carry our mark any more: ${listNames(strangers.unmarked)}`,
    );
  }
  if (strangers.ofAnotherType.length > 0) {
    warn(
      `${label}: not dropped, because somebody changed their type: ${listNames(strangers.ofAnotherType)}. If they are yours, drop them yourself.`,
    );
  }
  const unseen = [...recorded.owners.keys()].filter((name) => !observed.secrets.has(name));
  if (unseen.length > 0) warn(`${label}: ${describeUnseen(schema, unseen)}. If they are there, they stay.`);
  const isKeeping = state.syncOptions.disableSecretDeletion;
  const verb = isKeeping ? "left behind without our mark" : "dropped";
  const onProgress = buildProgress(operation.messages, label, verb);
  const outcomes = new Map<string, ProviderError | undefined>();
  await Promise.all(
    ours.map(async ([name]) => {
      try {
        await session.execute(isKeeping ? buildUnsetComment(schema, name) : buildDropSecret(schema, name));
        outcomes.set(name, undefined);
      } catch (error) {
        const known = toProviderError(error, `drop secret ${quoteName(schema, name)}`);
        outcomes.set(name, explainMissingPrivilege(known, schema, { name, action: "drop" }, observed.role));
      }
      const failed = findFailed(outcomes).length;
      onProgress(outcomes.size - failed, failed, ours.length);
    }),
  );
  const failed = findFailed(outcomes);
  if (failed.length > 0) {
    throw combineFailures(failed, {
      operation: `destroy ${label}: ${failed.length} of ${ours.length} secrets could not be ${isKeeping ? "released" : "dropped"}`,
      wroteSomething: failed.length < ours.length,
      next: "Then run destroy again.",
    });
  }
  rememberRemoval(operation, state.ownerId);
  report(`${label}: ${ours.length} ${verb} in ${quoteName(schema)}`);
}

// What our successor holds in the same schema is no stranger.
function findStrangers(
  state: SyncState,
  names: readonly string[],
  { secrets }: ObservedDestination,
): { readonly unmarked: readonly string[]; readonly ofAnotherType: readonly string[] } {
  const isMarked = (name: string) => secrets.get(name)?.mark?.ownerId === state.ownerId;
  const seen = names.filter((name) => secrets.has(name));
  return {
    unmarked: seen.filter((name) => !isMarked(name)),
    ofAnotherType: seen.filter((name) => isMarked(name) && secrets.get(name)?.type !== "GENERIC_STRING"),
  };
}
