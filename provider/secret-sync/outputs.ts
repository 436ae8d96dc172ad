import * as z from "zod";
import type { Immutable } from "../core/immutable.js";
import { stateVersion } from "../engine/state-version.js";
import type { Known } from "../engine/unknown.js";
import { addedInputs, syncArguments } from "./inputs/arguments.js";

const nullableText = z.string().nullable();

const syncStatus = z.enum(["succeeded", "failed", "pending"]).meta({
  id: "SyncStatus",
  description: "How the last sync ended. `pending`: changes wait for a manual sync.",
});

const record = z
  .object({
    id: z.string(),
    name: z.string(),
    description: nullableText,
    isAutoSyncEnabled: z.boolean(),
    projectId: nullableText,
    folderId: nullableText,
    connectionId: z.string(),
    createdAt: z.string().describe("ISO 8601."),
    updatedAt: z.string().describe("ISO 8601."),
    syncStatus,
    lastSyncJobId: nullableText,
    lastSyncMessage: nullableText,
    lastSyncedAt: nullableText,
    syncOptions: syncArguments.shape.syncOptions,
    connection: z
      .object({ app: z.literal("snowflake"), name: z.string(), id: z.string() })
      .meta({ id: "SecretSyncRecordConnection" }),
    environment: z
      .object({ slug: z.string(), name: z.string(), id: nullableText })
      .meta({ id: "SecretSyncRecordEnvironment" }),
    folder: z.object({ id: nullableText, path: z.string() }).meta({ id: "SecretSyncRecordFolder" }),
    destination: z.literal("snowflake"),
    destinationConfig: syncArguments.shape.destinationConfig,
  })
  .meta({ id: "SecretSyncRecord", description: "The record in the shape of Infisical's API." });

const managedSecret = z
  .object({
    sourceKey: z.string().describe("The key at the source."),
    source: z.string().describe("Which source supplied it."),
    fingerprint: z.string().describe("Keyed, of the value that was last written; empty if none was."),
    state: z.enum(["synced", "failed", "waiting", "ignored", "kept", "drifted", "missing"]).meta({
      id: "ManagedSecretState",
      description:
        "`synced`: Snowflake holds the wanted value. `failed`: the last write did not succeed. `waiting`: auto-sync is off. `ignored`: under ignoreChanges. `kept`: gone from the source; deletion is disabled. After a refresh `drifted` (somebody changed it) or `missing` (not seen).",
    }),
    owner: z.string().describe("The role that owns it in Snowflake; empty if nothing was written."),
    type: z.string().exactOptional().describe("The type in Snowflake. Default: GENERIC_STRING."),
    fixed: z
      .string()
      .exactOptional()
      .describe("Of an OAUTH2 secret: its integration and which parts it has, which no ALTER changes."),
    createdOn: z
      .number()
      .exactOptional()
      .describe("When Snowflake made it, in epoch milliseconds, as it was read back."),
  })
  .meta({ id: "ManagedSecret", description: "What the state says of one name in Snowflake." });

const connectionInfo = z
  .object({
    name: z.string(),
    account: z.string().describe("Region and locator, as Snowflake tells them."),
    provenance: z
      .record(z.string(), z.string())
      .describe("Which link of the connection chain supplied each field."),
  })
  .meta({ id: "ConnectionInfo", description: "The connection that was used, without credentials." });

/**
 * The outputs of a sync: what programs see, and what the preview, the schema, the SDKs and the documentation name. A
 * text that there is not yet is empty: what is null shows in each preview as `+ [unknown]`.
 */
export const syncOutputs = z.object({
  secretSync: record.meta({
    repeats: [
      "name",
      "description",
      "environment",
      "secretPath",
      "sources",
      "destinationConfig",
      "syncOptions",
    ],
  }),
  syncStatus,
  lastSyncJobId: z
    .string()
    .describe("The id of the last sync that wrote, or tried to. Empty if there was none."),
  lastSyncMessage: z.string().describe("Why the last sync failed, by key. Empty if it succeeded."),
  lastSyncedAt: z.string().describe("The time of the last write (ISO 8601). Empty at first."),
  managedSecrets: z.record(z.string(), managedSecret).meta({
    description: "The secrets of this sync, by their name in Snowflake.",
    repeats: ["sources", "syncOptions"],
  }),
  secretIds: addedInputs.shape.secretIds,
  secretIdList: z.array(z.string()).meta({
    description:
      "The full names of all secrets, A to Z, for `ALLOWED_AUTHENTICATION_SECRETS` of an integration.",
    repeats: ["destinationConfig", "environment", "syncOptions"],
    valuesOf: "secretIds",
  }),
  connectionInfo: connectionInfo.meta({ lasts: "always" }),
});

/** What the state keeps beside them. */
export const syncInternals = z.object({
  stateVersion: z.literal(stateVersion),
  /** Of the secrets' ownership comments: of one owner, the generation that wrote them. */
  revision: z.string(),
  /** `organization/project/stack/name` at the last write, for the ownership comments. */
  place: z.string(),
});

type Kept<T extends z.ZodType> = Immutable<Known<z.infer<T>>>;

/** What a sync adds to its inputs. */
export type SyncOutputs = Kept<typeof syncOutputs> & Kept<typeof syncInternals>;

/** How the last sync ended. */
export type SyncStatus = SyncOutputs["syncStatus"];
/** The output `secretSync`. */
export type SecretSyncRecord = SyncOutputs["secretSync"];
/** The output `connectionInfo`: which account and user, no credential. */
export type ConnectionInfo = SyncOutputs["connectionInfo"];
/** The secrets of the sync by name in Snowflake. */
export type ManagedSecrets = SyncOutputs["managedSecrets"];
/** What the state says of one name in Snowflake. */
export type ManagedSecret = ManagedSecrets[string];
