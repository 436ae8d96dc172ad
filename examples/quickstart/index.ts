import * as pulumi from "@pulumi/pulumi";
import { SnowflakeExportDestination, SnowflakeSecretSync } from "pulumi-snowflake-secrets";

// pulumi config set --path --secret secrets.API_KEY
const config = new pulumi.Config();

// A Snowflake schema holds these values as secrets; the connection comes from config or SNOWFLAKE_* variables.
const sync = new SnowflakeSecretSync("app-secrets", {
  secrets: config.requireSecretObject<Record<string, string>>("secrets"),
  destinationConfig: { database: config.require("database"), schema: config.require("schema") },
  syncOptions: { initialSyncBehavior: "overwrite-destination", keySchema: "APP_{{secretKey}}" },
});

// Export jobs find these credentials in AWS Secrets Manager, once a log-in has proved them.
const warehouse = new SnowflakeExportDestination("bi", {
  name: "bi",
  organizationId: config.require("organizationId"),
  credentials: config.requireSecretObject("warehouse"),
  // A disconnect waits until no run of these jobs is live.
  glue: { jobNames: config.getObject<string[]>("exportJobs") ?? [] },
  // Where Snowflake is reached by another address than its public one.
  ...(config.get("snowflakeEndpoint")
    ? { validation: { endpoint: config.require("snowflakeEndpoint") } }
    : {}),
});

export const syncStatus = sync.syncStatus;
export const managedSecrets = sync.managedSecrets;
export const exportStatus = warehouse.status;
export const exportSecretName = warehouse.secretName;
