import * as pulumi from "@pulumi/pulumi";
import { SnowflakeSecretSync, type SourceArgs } from "pulumi-snowflake-secrets";

// The settings of each environment are in Pulumi.<stack>.yaml. To promote a change, run the same program for the next
// stack. README.md sets the Infisical project of each stack.
const config = new pulumi.Config();
const projectId = config.get("projectId");

const sources: SourceArgs[] = [];
// Names and defaults for every environment, and for a laptop without Infisical.
const file = config.get("file");
if (file !== undefined) sources.push({ type: "dotenv", path: file });
// The environment of Infisical is the stack's name, because the sync's environment is.
if (projectId !== undefined) sources.push({ type: "infisical", projectId, secretPath: "/app" });

const sync = new SnowflakeSecretSync(
  "app",
  {
    sources,
    destinationConfig: { database: config.require("database"), schema: config.get("schema") ?? "SECRETS" },
    syncOptions: {
      initialSyncBehavior: "overwrite-destination",
      // In dev, the names contain the environment, so that no one confuses them with production.
      keySchema: config.get("keySchema") ?? "{{secretKey}}",
      // An update that would drop more secrets fails. In prod, every name in the schema matches the keySchema.
      maxRemovals: 5,
    },
  },
  { protect: config.getBoolean("protect") ?? false },
);

export const syncStatus = sync.syncStatus;
export const names = sync.managedSecrets.apply((managed) => Object.keys(managed));
