/**
 * The same resources by the plugin in place of the dynamic provider: their stacks can be used by programs of any
 * Pulumi language, previews of replacements are short, and import works. `Pulumi.yaml` says where the plugin is:
 * `plugins: { providers: [{ name: snowflake-secrets, path: node_modules/pulumi-snowflake-secrets/dist/plugin }] }`.
 */

export type * from "../generated/types.js";
export { ExportDestination, SnowflakeExportDestination } from "./export-destination.js";
export {
  getExportDestination,
  listExportDestinations,
  listSnowflakeDatabases,
  listSnowflakeSchemas,
} from "./listings.js";
export { Provider } from "./provider.js";
export { SnowflakeSecretSync } from "./snowflake-secret-sync.js";
