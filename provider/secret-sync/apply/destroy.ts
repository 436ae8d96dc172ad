import { isDeepStrictEqual } from "node:util";
import { countOf } from "../../core/count-of.js";
import { isProviderError, type ProviderError, toProviderError } from "../../core/errors.js";
import type { Operation } from "../../engine/operation.js";
import type { SnowflakeSession } from "../../snowflake/driver/session.js";
import { buildDropSecret, buildUnsetComment, quoteName } from "../../snowflake/statements.js";
import { connect } from "../connect.js";
import { findCheck, rememberRemoval } from "../inputs/check-memory.js";
import { forgetAccountVariable, isForgottenAccount } from "../plan/forgotten-account.js";
import { buildKeySchema } from "../plan/key-schema.js";
import { listMarked, type ObservedDestination, observeDestination } from "../plan/observe.js";
import { explainMissingPrivilege } from "../plan/privileges.js";
import { describeUnseen, listFirst, listNames } from "../preview/messages.js";
import { isWrittenType } from "../secret-types.js";
import { requireNoCopy, requireSameStack } from "../stack-change.js";
import { buildRecorded, type SyncState } from "../state.js";
import { buildProgress } from "./progress.js";
import { combineFailures, findFailed } from "./write-failures.js";

/**
 * Destroy: drops what carries the mark of this very revision, and nothing else; under `disableSecretDeletion`
 * it removes the mark instead. What is recorded but not provably ours any more stays, with a warning.
 */
export async function removeSync(
  state: SyncState,
  operation: Operation,
  place = findCheck(operation, state.ownerId)?.place ?? "",
): Promise<void> {
  requireSameStack(state, place);
  const { report, warn } = operation.messages;
  const schema = state.destinationConfig;
  const label = state.name;
  const names = [...buildRecorded(state.connectionInfo.account, state.managedSecrets).owners.keys()];
  const isKeeping = state.syncOptions.disableSecretDeletion;
  const leaveAll = (why: string) => {
    warn(`${label}: ${why}. What is there stays: ${listNames(names)}`);
    rememberRemoval(operation, state.ownerId);
  };
  if (isForgottenAccount(state.connectionInfo.account)) {
    return leaveAll(`account ${state.connectionInfo.account} is forgotten (${forgetAccountVariable})`);
  }
  const found = await observeForRemoval(state, operation).catch((error: unknown) => {
    const code = isProviderError(error) ? error.code : undefined;
    if (code === "NOT_FOUND" && names.length === 0) return undefined;
    if (code === "WRONG_ACCOUNT" && isKeeping) return "elsewhere";
    throw error;
  });
  if (found === "elsewhere") {
    return leaveAll(
      `account ${state.connectionInfo.account} is not the one that the connection reaches, so its ownership comments stay`,
    );
  }
  if (!found) {
    warn(
      `${label}: schema ${quoteName(schema)} is not there or hidden; nothing was ever written, so there is nothing to clean.`,
    );
    return;
  }
  const { session, observed } = found;
  const ours = [...observed.secrets].filter(
    ([, { mark, type }]) =>
      isWrittenType(type) && mark?.ownerId === state.ownerId && mark.revision === state.revision,
  );
  // A key under ignoreChanges was not written for a stack that was renamed.
  const written = ours.filter(([name]) => state.managedSecrets[name]?.state !== "ignored");
  requireNoCopy(
    state,
    written.map(([, { mark }]) => mark?.place ?? ""),
  );
  const strangers = findStrangers(state, names, observed);
  if (strangers.unmarked.length > 0) {
    warn(
      `${label}: not dropped, because they have lost their ownership comments: ${listNames(strangers.unmarked)}`,
    );
  }
  if (strangers.ofAnotherType.length > 0) {
    warn(
      `${label}: not dropped, because someone changed their type: ${listNames(strangers.ofAnotherType)}. If they are yours, drop them yourself.`,
    );
  }
  const unseen = names.filter((name) => !observed.secrets.has(name));
  if (unseen.length > 0) warn(`${label}: ${describeUnseen(schema, unseen)}. If they are there, they stay.`);
  const verb = isKeeping ? "kept without the ownership comment" : "dropped";
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
      next: "Then run `pulumi destroy` again.",
    });
  }
  rememberRemoval(operation, state.ownerId);
  report(`${label}: ${ours.length} ${verb} in ${quoteName(schema)}`);
  // In a replacement the others are the successor's.
  if (findCheck(operation, state.ownerId) === undefined) await reportOthers(state, session, operation);
}

interface Found {
  readonly session: SnowflakeSession;
  readonly observed: ObservedDestination;
}

/**
 * Looks at what is to be removed. Where a successor was checked in this operation its connection comes first: it is the
 * newer one, and a password that was changed together with the schema works there only.
 */
async function observeForRemoval(state: SyncState, operation: Operation): Promise<Found> {
  const recorded = buildRecorded(state.connectionInfo.account, state.managedSecrets);
  const { prefix } = buildKeySchema(state.syncOptions.keySchema, state.environment);
  const observe = async (connection: unknown): Promise<Found> => {
    const { session } = await connect(operation, connection);
    const scope = { prefix, isComplete: false };
    return { session, observed: await observeDestination(session, state.destinationConfig, recorded, scope) };
  };
  const successor = findCheck(operation, state.ownerId);
  if (successor === undefined || isDeepStrictEqual(successor.connection, state.connection)) {
    return observe(state.connection);
  }
  try {
    return await observe(successor.connection);
  } catch (error) {
    if (!isProviderError(error)) throw error;
    return observe(state.connection);
  }
}

/** Names what else carries the owner id: a creation or a move that was cut off wrote it, and no state holds it. */
async function reportOthers(
  { name, ownerId, revision, destinationConfig }: SyncState,
  session: SnowflakeSession,
  { messages }: Operation,
): Promise<void> {
  try {
    const own = quoteName(destinationConfig);
    const others = (await listMarked(session, ownerId)).filter(
      ({ schema, mark }) => mark.revision !== revision || quoteName(schema) !== own,
    );
    if (others.length === 0) return;
    const targets = others.map(({ schema, name: secret }) => quoteName(schema, secret));
    messages.warn(
      `${name}: ${countOf(targets.length, "other secret")} with this sync's owner id ${targets.length === 1 ? "was" : "were"} not dropped, because the state does not record ${targets.length === 1 ? "it" : "them"}: ${listFirst(targets)}. An interrupted update or another stack wrote ${targets.length === 1 ? "it" : "them"}. If no other stack has this sync, run DROP SECRET yourself.`,
    );
  } catch (error) {
    if (!isProviderError(error)) throw error;
    messages.warn(
      `${name}: Snowflake did not list all secrets of the account, so what an interrupted update may have left elsewhere is not known: ${error.message}`,
    );
  }
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
    ofAnotherType: seen.filter((name) => isMarked(name) && !isWrittenType(secrets.get(name)?.type ?? "")),
  };
}
