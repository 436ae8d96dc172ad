import * as pulumi from "@pulumi/pulumi";
import { SnowflakeSecretSync } from "pulumi-snowflake-secrets";

// README.md sets this config.
const config = new pulumi.Config();

// The login to Infisical is read from INFISICAL_CLIENT_ID and INFISICAL_CLIENT_SECRET (or INFISICAL_TOKEN), the login to
// Snowflake from SNOWFLAKE_* or Pulumi config. The program contains no credential and no value.
const sync = new SnowflakeSecretSync("app", {
  secretPath: "/app",
  sources: [
    // The shared folder is first: if two sources have the same key, the later one wins.
    { type: "infisical", projectId: config.require("projectId"), secretPath: "/shared" },
    // Its imports and references are resolved. The folder is secretPath, the environment is the stack's name.
    { type: "infisical", projectId: config.require("projectId") },
  ],
  destinationConfig: { database: config.require("database"), schema: config.require("schema") },
  syncOptions: { initialSyncBehavior: "overwrite-destination", keySchema: "APP_{{secretKey}}" },
});

export const syncStatus = sync.syncStatus;
export const secretSync = sync.secretSync;
export const names = sync.managedSecrets.apply((managed) => Object.keys(managed));
