import * as pulumi from "@pulumi/pulumi";
import type {
  ConnectionInfo,
  ManagedSecret,
  SecretSyncRecord,
  SyncStatus,
} from "../provider/secret-sync/state.js";
import type { ConnectionInputs } from "../provider/snowflake/connection/arguments.js";
import type { KnownSource } from "../provider/sources/index.js";
import { buildPulumiContext } from "./context.js";
import { type DeepInput, splitSecrets, withFormerTypes } from "./inputs.js";
import { syncOutputs } from "./outputs.js";

export type { ConnectionInfo, ManagedSecret, SecretSyncRecord, SyncStatus };

/** How to reach Snowflake; what is not given here comes from Pulumi config, `SNOWFLAKE_*` or `connections.toml`. */
export type ConnectionArgs = DeepInput<ConnectionInputs>;

/** One source of secrets; `{ type: "program", allowEmpty: true }` allows an empty `secrets`. */
export type SourceArgs = DeepInput<KnownSource> | { type: "program"; allowEmpty?: boolean };

/** The schema that holds the secrets, by exact names, 1 to 255 characters each. */
export interface DestinationConfigArgs {
  database: pulumi.Input<string>;
  schema: pulumi.Input<string>;
}

/** How a sync treats what it finds. */
export interface SyncOptionsArgs {
  /**
   * `overwrite-destination`: a GENERIC_STRING secret in the managed names that no source has is dropped, and one
   * without a mark is taken over. `preserve-destination`: what this sync did not write stays. Required, so that
   * nobody deletes by default.
   */
  initialSyncBehavior: pulumi.Input<"overwrite-destination" | "preserve-destination">;
  /**
   * Template of the names in Snowflake: `{{secretKey}}` once, `{{environment}}` at will, and letters, digits, `_`,
   * `-`, `/`; up to 255 characters. Only names that match it are ever altered or dropped. A change writes the new
   * names before it drops the old ones.
   * @default the key itself
   */
  keySchema?: pulumi.Input<string>;
  /** Stops every drop; on destroy the secrets stay, without our mark. @default false */
  disableSecretDeletion?: pulumi.Input<boolean>;
  /**
   * What this sync may take although it is not its own: owner ids (32 hex digits), `unmarked` for secrets without a
   * mark, `other-type` for secrets of another type, which are replaced and lose their grants.
   */
  takeOver?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * How many secrets an `up` may drop; one that would drop more fails before it writes, and names them. A source may
   * answer with less than it has, and say nothing of it. Does not hold for destroy.
   * @default no limit
   */
  maxRemovals?: pulumi.Input<number>;
}

/** The arguments of `SnowflakeSecretSync`. Unless said otherwise a change is an update. */
export interface SnowflakeSecretSyncArgs {
  /** Slug (a-z, 0-9, -), up to 256 characters. Changes the record only. @default the resource's name */
  name?: pulumi.Input<string>;
  /** Up to 256 characters. Changes the record only. */
  description?: pulumi.Input<string>;
  /**
   * Kept encrypted in the state, because destroy needs it. Another account replaces the resource; another user,
   * role or credential writes nothing.
   */
  connection?: pulumi.Input<ConnectionArgs>;
  /** Slug, up to 64 characters; the default of sources, and `{{environment}}`. @default the stack's name */
  environment?: pulumi.Input<string>;
  /** The default folder of sources. @default "/" */
  secretPath?: pulumi.Input<string>;
  /** Of two with the same key the later wins; `secrets` comes last. Their credentials are not kept in the state. */
  sources?: SourceArgs[];
  /** Values of the program. They reach neither the state nor the preview, where keyed fingerprints stand. */
  secrets?: pulumi.Input<Record<string, pulumi.Input<string | undefined>>>;
  /** A change replaces: the new schema is filled before the old one is cleaned. */
  destinationConfig: DestinationConfigArgs;
  syncOptions: SyncOptionsArgs;
  /** Whether each `up` carries changes over; otherwise only a changed `syncTrigger` or the command `sync`. @default true */
  isAutoSyncEnabled?: pulumi.Input<boolean>;
  /** A change means: sync now. */
  syncTrigger?: pulumi.Input<string | number | boolean>;
  /** A change means: write every value again, as a value altered in place by others cannot be seen. */
  rewriteTrigger?: pulumi.Input<string | number | boolean>;
  /**
   * Key of the fingerprints, at least 32 bytes, as the fingerprints stand in COMMENTs that others may read; needed
   * only for `preview --save-plan` of a first creation, as a random one differs between preview and up. A change
   * renews the marks alone, where state and mark prove that the value is the same, and writes no value; removing it
   * goes back to the random one. What could not be renewed is written with its value by the next `up`.
   * @default random, kept as a secret in the state
   */
  fingerprintKey?: pulumi.Input<string>;
}

/**
 * Makes a Snowflake schema hold the secrets of one or more sources as native GENERIC_STRING secrets, writing only
 * what changed and touching only what is ours.
 *
 * Errors by code: `INVALID_INPUT`, `CONNECTION_INCOMPLETE`, `AUTHENTICATION_FAILED`, `NETWORK_POLICY`,
 * `UNREACHABLE`, `TIMED_OUT`, `NOT_FOUND`, `PRIVILEGE_MISSING`, `NOT_OURS`, `UNPROVEN`, `REMOVAL_LIMIT`, `WRONG_ACCOUNT`,
 * `SOURCE_FAILED` (nothing was written), and `PARTLY_DONE` (the next `up` does the rest).
 */
export class SnowflakeSecretSync extends pulumi.dynamic.Resource {
  /** The record in the shape of Infisical's API. */
  declare readonly secretSync: pulumi.Output<SecretSyncRecord>;
  declare readonly syncStatus: pulumi.Output<SyncStatus>;
  /** Of the last sync that wrote or tried to; "" before the first. */
  declare readonly lastSyncJobId: pulumi.Output<string>;
  /** Why the last sync failed, by key; "" if it did not. */
  declare readonly lastSyncMessage: pulumi.Output<string>;
  /** ISO 8601; moves only when something was written; "" before that. */
  declare readonly lastSyncedAt: pulumi.Output<string>;
  /** By name in Snowflake. */
  declare readonly managedSecrets: pulumi.Output<Record<string, ManagedSecret>>;
  declare readonly connectionInfo: pulumi.Output<ConnectionInfo>;

  constructor(name: string, args: SnowflakeSecretSyncArgs, opts?: pulumi.CustomResourceOptions) {
    const { secrets, connection, fingerprintKey, ...rest } = args;
    const inputs = {
      ...rest,
      ...splitSecrets(name, secrets),
      connection: connection === undefined ? undefined : pulumi.secret(connection),
      fingerprintKey: pulumi.secret(fingerprintKey ?? ""),
      // Filled by `check` and kept encrypted, because a secret stands here under the same name.
      pulumiContext: buildPulumiContext("SnowflakeSecretSync", name, opts),
    };
    const moved = withFormerTypes(opts, "snowflake-secrets:index:SnowflakeSecretSync");
    super(provider, name, { ...syncOutputs, ...inputs }, moved, "snowflake", "SnowflakeSecretSync");
  }
}

// Pulumi writes these functions as text into the state, where their size counts: hence the short name. They capture
// nothing else, and stay the same text in every release.
const h = () => require("pulumi-snowflake-secrets/provider").secretSync;
const provider: pulumi.dynamic.ResourceProvider = {
  configure: (...a) => h().configure(...a),
  check: (...a) => h().check(...a),
  diff: (...a) => h().diff(...a),
  create: (...a) => h().create(...a),
  read: (...a) => h().read(...a),
  update: (...a) => h().update(...a),
  delete: (...a) => h().delete(...a),
};
