import { ProviderError } from "../core/errors.js";
import { generateFingerprintKey } from "../core/fingerprint.js";
import type { EngineContext } from "../engine/context.js";
import { buildPlaceHint } from "../engine/context.js";
import type { Operation } from "../engine/operation.js";
import { deriveOwnerId } from "../engine/ownership.js";
import { quoteName, type SchemaName, unquoteIdentifier } from "../snowflake/statements.js";
import { buildState } from "./build-state.js";
import { connect } from "./connect.js";
import type { KnownInputs } from "./inputs/arguments.js";
import { buildSecretIds } from "./inputs/secret-ids.js";
import type { ManagedSecrets } from "./outputs.js";
import { buildKeySchema } from "./plan/key-schema.js";
import { observeDestination } from "./plan/observe.js";
import type { OwnershipComment } from "./plan/ownership-comment.js";
import { generateRevision } from "./reconcile.js";
import { isWrittenType } from "./secret-types.js";
import { buildType, type SyncState } from "./state.js";

const message =
  "Imported. The next `pulumi up` writes every value once, because Snowflake never returns values. It drops nothing.";

/**
 * Takes up what the marks of a schema say: `"DATABASE"."SCHEMA"`, with `#<owner id>` where several owners share it. The
 * sync gets an owner id of its own, and the former one under `takeOver`; so the next `up` writes the values that the
 * program has, with new marks, and what it does not have stays with the former owner.
 *
 * @throws `INVALID_INPUT` for another id, `NOT_FOUND` where nothing carries a mark, `UNPROVEN` where several owners do
 */
export async function importSync(
  id: string,
  { place }: EngineContext,
  operation: Operation,
): Promise<{ readonly id: string; readonly state: SyncState; readonly inputs: KnownInputs }> {
  const { schema, wanted } = parseImportId(id);
  const { session, resolved } = await connect(operation, undefined);
  const nothing = { account: undefined, owners: new Map() };
  const reach = { prefix: buildKeySchema(undefined, place.stack).prefix, isComplete: true };
  const observed = await observeDestination(session, schema, nothing, reach);
  const marked = [...observed.secrets].flatMap(([name, { type, mark, owner }]) =>
    isWrittenType(type) && mark !== undefined ? [{ name, type, mark, owner }] : [],
  );
  const former = chooseOwner(
    schema,
    marked.map(({ mark }) => mark),
    wanted,
  );
  const ours = marked.filter(({ mark }) => mark.ownerId === former);

  const ownerId = deriveOwnerId(place);
  const secrets = Object.fromEntries(ours.map(({ name, mark }) => [name, mark.fingerprint]));
  const inputs: KnownInputs = {
    name: place.name,
    environment: place.stack,
    secretPath: "/",
    destinationConfig: schema,
    syncOptions: {
      // What the former owner's options were is not known; this one drops the least.
      initialSyncBehavior: "preserve-destination",
      disableSecretDeletion: false,
      takeOver: former === ownerId ? [] : [former],
    },
    isAutoSyncEnabled: true,
    secrets,
    fingerprintKey: generateFingerprintKey(),
    ownerId,
    secretIds: buildSecretIds({
      destinationConfig: schema,
      environment: place.stack,
      keySchema: undefined,
      keys: Object.keys(secrets),
    }),
  };
  const managedSecrets: ManagedSecrets = Object.fromEntries(
    ours.map(({ name, type, owner }) => [
      name,
      // Nothing is recorded as written by us: so it proves nothing, and nothing of it is dropped.
      { sourceKey: name, source: "", fingerprint: "", state: "waiting", owner, ...buildType(type) },
    ]),
  );
  // Under the revision of its own secrets a lost state is found again: the next up needs no other proof.
  const [revision = "", ...more] = new Set(ours.map(({ mark }) => mark.revision));
  const isFoundAgain = former === ownerId && more.length === 0;
  const writer = {
    revision: isFoundAgain ? revision : generateRevision(),
    place: buildPlaceHint(place),
  };
  const result = { observed, steps: [], outcomes: new Map(), managedSecrets, writer };
  const state = buildState(inputs, undefined, result, { resolved, ids: undefined });
  operation.messages.report(
    `${place.name}: ${ours.length} secrets of owner ${former} (${ours[0]?.mark.place}) in ${quoteName(schema)}. ${message}`,
  );
  return {
    id: `${ownerId}-${writer.revision}`,
    state: {
      ...state,
      lastSyncMessage: message,
      secretSync: { ...state.secretSync, lastSyncMessage: message },
    },
    inputs,
  };
}

function parseImportId(id: string): { readonly schema: SchemaName; readonly wanted: string | undefined } {
  const [, database, schema, wanted] =
    /^("(?:[^"]|"")+")\.("(?:[^"]|"")+")(?:#([0-9a-f]{32}))?$/.exec(id) ?? [];
  if (database === undefined || schema === undefined) {
    throw new ProviderError("INVALID_INPUT", {
      operation: "not a valid import id of a sync",
      target: id,
      hint: 'use "DATABASE"."SCHEMA" with exact names in quotes. If several owners share the schema, add #<owner id>.',
    });
  }
  return {
    schema: { database: unquoteIdentifier(database), schema: unquoteIdentifier(schema) },
    wanted,
  };
}

function chooseOwner(
  schema: SchemaName,
  marks: readonly OwnershipComment[],
  wanted: string | undefined,
): string {
  const target = quoteName(schema);
  const places = new Map(marks.map(({ ownerId, place }) => [ownerId, place]));
  if (wanted !== undefined && places.has(wanted)) return wanted;
  const [only] = places.keys();
  if (only === undefined) {
    throw new ProviderError("NOT_FOUND", {
      operation: "no secret that the role can see in the schema has an ownership comment",
      target,
      hint: "do not import. Declare the sync, and run `pulumi up`.",
    });
  }
  if (wanted === undefined && places.size === 1) return only;
  const owners = [...places].map(([ownerId, place]) => `${target}#${ownerId} (${place})`);
  throw new ProviderError("UNPROVEN", {
    operation:
      wanted === undefined ? "several owners have secrets in the schema" : "this owner has no secret",
    target: `${target}${wanted === undefined ? "" : `#${wanted}`}`,
    hint: `import one of ${owners.join(", ")}`,
  });
}
