import * as pulumi from "@pulumi/pulumi";
import { SnowflakeSecretSync } from "pulumi-snowflake-secrets";

// README.md sets this config. The connection is read from Pulumi config (snowflake:account, …), SNOWFLAKE_* variables or
// connections.toml.
const config = new pulumi.Config();
const destinationConfig = { database: config.require("database"), schema: config.require("schema") };

// The secrets that the application reads. Every `pulumi up` writes changes.
const app = new SnowflakeSecretSync(
  "app",
  {
    // If two sources have the same key, the later one wins; `secrets` wins over all sources.
    sources: [
      { type: "dotenv", path: "defaults.env" },
      // SHOP_CACHE_URL=… in the environment of `pulumi up` is the secret CACHE_URL. No such variable needs to be set.
      { type: "environment", prefix: "SHOP_", allowEmpty: true },
    ],
    secrets: {
      API_KEY: config.requireSecret("apiKey"),
      // Only its first value is written: see ignoreChanges below.
      ADMIN_PASSWORD: config.requireSecret("adminPassword"),
    },
    destinationConfig,
    syncOptions: {
      // Drops secrets with a matching name that no source has. Other names are never changed.
      initialSyncBehavior: "overwrite-destination",
      // API_KEY is called dev_APP_API_KEY in the stack dev.
      keySchema: "{{environment}}_APP_{{secretKey}}",
    },
  },
  // This secret is changed in Snowflake. A changed value in the config is ignored.
  { ignoreChanges: ["secrets.ADMIN_PASSWORD"] },
);

// The secrets for a partner, in the same schema: written only on demand, and never dropped.
const partner = new SnowflakeSecretSync("partner", {
  secrets: { SFTP_PASSWORD: config.requireSecret("sftpPassword") },
  destinationConfig,
  syncOptions: {
    // Keeps secrets that this sync did not write. A name that exists already is an error.
    initialSyncBehavior: "preserve-destination",
    keySchema: "{{environment}}_PARTNER_{{secretKey}}",
    // Also on destroy: the secrets stay, without the ownership comment of this sync.
    disableSecretDeletion: true,
  },
  // Nothing is written until you run `pulumi config set release …`. The preview shows the changes that wait.
  isAutoSyncEnabled: false,
  syncTrigger: config.get("release") ?? "none",
});

export const appStatus = app.syncStatus;
export const appSecrets = app.managedSecrets;
export const partnerStatus = partner.syncStatus;
