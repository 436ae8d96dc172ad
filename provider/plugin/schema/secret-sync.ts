import * as z from "zod";
import { fingerprintKeyArgument, syncArguments } from "../../secret-sync/inputs/arguments.js";
import { programSourceArguments } from "../../secret-sync/inputs/sources.js";
import type { ConnectionInfo, ManagedSecret, SecretSyncRecord } from "../../secret-sync/state.js";
import { connectionArguments } from "../../snowflake/connection/arguments.js";
import { sourceArguments } from "../../sources/index.js";
import type { ResourceSpec } from "./package-spec.js";
import type { TypeSpecs } from "./type-specs.js";

/** The `connection` argument, of the resource and of the listings. */
export const connectionField = connectionArguments.optional().meta({
  description:
    "How to reach Snowflake; what is not given here comes from the provider's settings, `SNOWFLAKE_*` or `connections.toml`. Kept encrypted in the state, because destroy needs it. Another account replaces the resource; another user, role or credential writes nothing.",
  secret: true,
});

const inputs = z.strictObject({
  ...syncArguments.shape,
  // Found by the host where the program gives none.
  name: syncArguments.shape.name.optional(),
  environment: syncArguments.shape.environment.optional(),
  connection: connectionField,
  sources: z
    .array(z.discriminatedUnion("type", [...sourceArguments.options, programSourceArguments]))
    .optional()
    .meta({
      description:
        "Of two with the same key the later wins; `secrets` comes last. Their credentials are not kept in the state.",
      secret: true,
    }),
  secrets: z.record(z.string(), z.string()).optional().meta({
    description:
      "Values of the program. They reach neither the state nor the preview, where keyed fingerprints stand.",
    secret: true,
  }),
  fingerprintKey: fingerprintKeyArgument.optional(),
});

const syncStatus = z.enum(["succeeded", "failed", "pending"]);
const nullableText = z.string().nullable();

const record = z.object({
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
  syncOptions: syncArguments.shape.syncOptions as unknown as z.ZodType<SecretSyncRecord["syncOptions"]>,
  connection: z.object({ app: z.literal("snowflake"), name: z.string(), id: z.string() }),
  environment: z.object({ slug: z.string(), name: z.string(), id: nullableText }),
  folder: z.object({ id: nullableText, path: z.string() }),
  destination: z.literal("snowflake"),
  destinationConfig: syncArguments.shape.destinationConfig as unknown as z.ZodType<
    SecretSyncRecord["destinationConfig"]
  >,
}) satisfies z.ZodType<SecretSyncRecord>;

const managedSecret = z.object({
  sourceKey: z.string().describe("The key at the source."),
  source: z.string().describe("Which source supplied it."),
  fingerprint: z.string().describe("Keyed, of the value that was last written; empty if none was."),
  state: z
    .enum(["synced", "failed", "waiting", "ignored", "kept", "drifted", "missing"])
    .describe(
      "`synced`: Snowflake holds the wanted value. `failed`: the last write did not succeed. `waiting`: auto-sync is off. `ignored`: under ignoreChanges. `kept`: gone from the source; deletion is disabled. After a refresh `drifted` (somebody changed it) or `missing` (not seen).",
    ),
  owner: z.string().describe("The role that owns it in Snowflake; empty if nothing was written."),
  createdOn: z
    .number()
    .exactOptional()
    .describe("When Snowflake made it, in epoch milliseconds, as it was read back."),
}) satisfies z.ZodType<ManagedSecret>;

const connectionInfo = z.object({
  name: z.string(),
  account: z.string().describe("Region and locator, as Snowflake tells them."),
  provenance: z
    .record(z.string(), z.string())
    .describe("Which link of the connection chain supplied each field."),
}) satisfies z.ZodType<ConnectionInfo>;

const outputs = z.object({
  secretSync: record.describe("The record in the shape of Infisical's API."),
  syncStatus: syncStatus.describe("How the last sync ended; `pending`: something waits for a manual sync."),
  lastSyncJobId: z.string().describe("Of the last sync that wrote or tried to; empty if there was none."),
  lastSyncMessage: z.string().describe("Why the last sync failed, by key; empty if it did not."),
  lastSyncedAt: z.string().describe("ISO 8601, empty at first; moves only when something was written."),
  managedSecrets: z.record(z.string(), managedSecret).describe("By name in Snowflake."),
  connectionInfo: connectionInfo.describe("The connection that was used; never a credential."),
});

export function buildSecretSync(types: TypeSpecs): ResourceSpec {
  const names = {
    connection: "Connection",
    destinationConfig: "DestinationConfig",
    syncOptions: "SyncOptions",
    sources: "Source",
    syncStatus: "SyncStatus",
    secretSync: "SecretSyncRecord",
    managedSecrets: "ManagedSecret",
    connectionInfo: "ConnectionInfo",
  };
  const given = types.buildObject(inputs, "SnowflakeSecretSync", names);
  return {
    description:
      "Makes a Snowflake schema hold the secrets of one or more sources as native GENERIC_STRING secrets, writing only what changed and touching only what is ours.",
    inputProperties: given.properties,
    requiredInputs: given.required,
    ...types.buildObject(outputs, "SnowflakeSecretSync", names),
    aliases: [{ type: "pulumi-nodejs:dynamic/snowflake:SnowflakeSecretSync" }],
  };
}
