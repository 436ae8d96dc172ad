import * as pulumi from "@pulumi/pulumi";
import { SnowflakeSecretSync, type SourceArgs } from "pulumi-snowflake-secrets";

// What differs between the environments stands in Pulumi.<stack>.yaml: promoting a change is running the same
// program for the next stack. The project of Infisical is set once for each:
//   pulumi config set projectId 3c90c3cc-0d44-4b50-8888-8dd25736052a
const config = new pulumi.Config();
const projectId = config.get("projectId");

const sources: SourceArgs[] = [];
// The names and defaults that every environment needs; also what a laptop without Infisical uses.
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
      // In dev the names say where they belong, so that nobody takes them for the real ones.
      keySchema: config.get("keySchema") ?? "{{secretKey}}",
    },
  },
  { protect: config.getBoolean("protect") ?? false },
);

export const syncStatus = sync.syncStatus;
export const names = sync.managedSecrets.apply((managed) => Object.keys(managed));
