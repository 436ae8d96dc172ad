import * as pulumi from "@pulumi/pulumi";
import { SnowflakeSecretSync } from "pulumi-snowflake-secrets";

// pulumi config set database APP            (exact names, as Snowflake shows them)
// pulumi config set schema SECRETS
// pulumi config set --secret apiKey         (and adminPassword, sftpPassword; each is asked for)
//
// The connection comes from Pulumi config (snowflake:account, …), SNOWFLAKE_* variables or connections.toml.
const config = new pulumi.Config();
const destinationConfig = { database: config.require("database"), schema: config.require("schema") };

// What the application reads, written by every `pulumi up`.
const app = new SnowflakeSecretSync(
  "app",
  {
    // Of two sources with the same key the later wins, and `secrets` comes last.
    sources: [
      { type: "dotenv", path: "defaults.env" },
      // SHOP_CACHE_URL=… in the environment of `pulumi up` is the secret CACHE_URL.
      { type: "environment", prefix: "SHOP_" },
    ],
    secrets: {
      API_KEY: config.requireSecret("apiKey"),
      // Its first value only: see ignoreChanges below.
      ADMIN_PASSWORD: config.requireSecret("adminPassword"),
    },
    destinationConfig,
    syncOptions: {
      // A secret with a matching name that no source has is dropped. Other names are never touched.
      initialSyncBehavior: "overwrite-destination",
      // API_KEY is called dev_APP_API_KEY in the stack dev.
      keySchema: "{{environment}}_APP_{{secretKey}}",
    },
  },
  // Whoever runs Snowflake changes this one there; a changed value in the config is not carried over.
  { ignoreChanges: ["secrets.ADMIN_PASSWORD"] },
);

// What a partner is given, in the same schema: written only on demand, and never dropped.
const partner = new SnowflakeSecretSync("partner", {
  secrets: { SFTP_PASSWORD: config.requireSecret("sftpPassword") },
  destinationConfig,
  syncOptions: {
    // What this sync did not write stays, and a name that is taken already is an error.
    initialSyncBehavior: "preserve-destination",
    keySchema: "{{environment}}_PARTNER_{{secretKey}}",
    // On destroy, too: the secrets stay, without the mark of this sync.
    disableSecretDeletion: true,
  },
  // Nothing is written, also not at first, until `pulumi config set release …` says so. The preview tells what waits.
  isAutoSyncEnabled: false,
  syncTrigger: config.get("release") ?? "none",
});

export const appStatus = app.syncStatus;
export const appSecrets = app.managedSecrets;
export const partnerStatus = partner.syncStatus;
