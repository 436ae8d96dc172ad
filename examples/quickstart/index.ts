import * as pulumi from "@pulumi/pulumi";
import { SnowflakeExportDestination, SnowflakeSecretSync } from "pulumi-snowflake-secrets";

// `node examples/quickstart/configure.mjs` sets this config.
const config = new pulumi.Config();

// Writes these values as secrets into a Snowflake schema. The connection is read from config or SNOWFLAKE_* variables.
const sync = new SnowflakeSecretSync("app-secrets", {
  secrets: config.requireSecretObject<Record<string, string>>("secrets"),
  destinationConfig: { database: config.require("database"), schema: config.require("schema") },
  syncOptions: { initialSyncBehavior: "overwrite-destination", keySchema: "APP_{{secretKey}}" },
});

// With an organization in the config (`configure.mjs --export` sets one): checks the warehouse credentials by a login,
// and stores them in AWS Secrets Manager for export jobs.
const organizationId = config.get("organizationId");
const warehouse =
  organizationId === undefined
    ? undefined
    : new SnowflakeExportDestination("bi", {
        name: "bi",
        organizationId,
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
export const exportStatus = warehouse?.status ?? "not configured";
export const exportSecretName = warehouse?.secretName ?? "none";
