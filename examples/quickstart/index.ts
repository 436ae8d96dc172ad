import * as pulumi from "@pulumi/pulumi";
import { SnowflakeExportDestination, SnowflakeSecretSync } from "pulumi-snowflake-secrets";

// pulumi config set --path --secret secrets.API_KEY
const config = new pulumi.Config();

// Writes these values as secrets into a Snowflake schema. The connection is read from config or SNOWFLAKE_* variables.
const sync = new SnowflakeSecretSync("app-secrets", {
  secrets: config.requireSecretObject<Record<string, string>>("secrets"),
  destinationConfig: { database: config.require("database"), schema: config.require("schema") },
  syncOptions: { initialSyncBehavior: "overwrite-destination", keySchema: "APP_{{secretKey}}" },
});

// Checks these credentials by a login, and stores them in AWS Secrets Manager for export jobs.
const warehouse = new SnowflakeExportDestination("bi", {
  name: "bi",
  organizationId: config.require("organizationId"),
  credentials: config.requireSecretObject("warehouse"),
  // The destination is not disconnected while one of these jobs is running.
  glue: { jobNames: config.getObject<string[]>("exportJobs") ?? [] },
  // If Snowflake has another address in your network.
  ...(config.get("snowflakeEndpoint")
    ? { validation: { endpoint: config.require("snowflakeEndpoint") } }
    : {}),
});

export const syncStatus = sync.syncStatus;
export const managedSecrets = sync.managedSecrets;
export const exportStatus = warehouse.status;
export const exportSecretName = warehouse.secretName;
