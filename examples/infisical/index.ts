import * as pulumi from "@pulumi/pulumi";
import { SnowflakeSecretSync } from "pulumi-snowflake-secrets";

// pulumi config set projectId 3c90c3cc-0d44-4b50-8888-8dd25736052a
// pulumi config set database ANALYTICS && pulumi config set schema SECRETS
const config = new pulumi.Config();

// The log-in to Infisical stands in INFISICAL_CLIENT_ID and INFISICAL_CLIENT_SECRET (or INFISICAL_TOKEN), the one to
// Snowflake in SNOWFLAKE_* or in Pulumi config: the program holds neither of them, nor any value.
const sync = new SnowflakeSecretSync("app", {
  secretPath: "/app",
  sources: [
    // What every service shares comes first; of two with the same key the later wins.
    { type: "infisical", projectId: config.require("projectId"), secretPath: "/shared" },
    // With imports and references; the folder is the sync's, the environment is the stack's name.
    { type: "infisical", projectId: config.require("projectId") },
  ],
  destinationConfig: { database: config.require("database"), schema: config.require("schema") },
  syncOptions: { initialSyncBehavior: "overwrite-destination", keySchema: "APP_{{secretKey}}" },
});

export const syncStatus = sync.syncStatus;
export const secretSync = sync.secretSync;
export const names = sync.managedSecrets.apply((managed) => Object.keys(managed));
