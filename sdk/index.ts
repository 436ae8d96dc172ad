export { type ExportCredentialSchemas, loadExportCredentialSchemas } from "./export-credential-schemas.js";
export { ExportDestination } from "./export-destination.js";
export type * from "./generated/types.js";
export {
  getExportDestination,
  listExportDestinations,
  listSnowflakeDatabases,
  listSnowflakeSchemas,
} from "./listings.js";
export { SnowflakeExportDestination } from "./snowflake-export-destination.js";
export { SnowflakeSecretSync } from "./snowflake-secret-sync.js";
