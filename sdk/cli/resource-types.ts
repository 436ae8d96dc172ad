/** Each resource has two types in a state: of Node's dynamic provider, and of the plugin. */
export const secretSyncTypes: ReadonlySet<string> = new Set([
  "pulumi-nodejs:dynamic/snowflake:SnowflakeSecretSync",
  "snowflake-secrets:index:SnowflakeSecretSync",
]);

/** The types of an export destination of any kind. */
export const destinationTypes: ReadonlySet<string> = new Set([
  "pulumi-nodejs:dynamic/snowflake:ExportDestination",
  "pulumi-nodejs:dynamic/snowflake:SnowflakeExportDestination",
  "snowflake-secrets:index:ExportDestination",
  "snowflake-secrets:index:SnowflakeExportDestination",
]);
