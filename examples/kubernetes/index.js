const { SnowflakeSecretSync } = require("pulumi-snowflake-secrets/plugin");

// In the pod, VAULT_ADDR and the SNOWFLAKE_* variables are those of the Deployment.
new SnowflakeSecretSync("app", {
  sources: [
    {
      type: "vault",
      mount: "secret",
      path: "app",
      auth: { method: "kubernetes", role: "auto-sync", tokenFile: "/var/run/secrets/tokens/vault" },
    },
  ],
  destinationConfig: { database: "APP", schema: "SECRETS" },
  syncOptions: { initialSyncBehavior: "preserve-destination" },
});
