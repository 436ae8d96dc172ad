export { type ExportCredentialSchemas, loadExportCredentialSchemas } from "./export-credential-schemas.js";
export {
  type Attempt,
  type DestinationMetadata,
  type ExportAwsArgs,
  type ExportCredentialsArgs,
  ExportDestination,
  type ExportDestinationArgs,
  type ExportDestinationCommonArgs,
  type ExportGlueArgs,
  type ExportValidationArgs,
  type IntegrationStatus,
  type Status,
  type StatusChange,
} from "./export-destination.js";
export {
  type DestinationQuery,
  getExportDestination,
  type ListedDestination,
  listExportDestinations,
  listSnowflakeDatabases,
  listSnowflakeSchemas,
} from "./listings.js";
export {
  type SnowflakeExportCredentialsArgs,
  SnowflakeExportDestination,
  type SnowflakeExportDestinationArgs,
} from "./snowflake-export-destination.js";
export {
  type ConnectionArgs,
  type ConnectionInfo,
  type DestinationConfigArgs,
  type ManagedSecret,
  type SecretSyncRecord,
  SnowflakeSecretSync,
  type SnowflakeSecretSyncArgs,
  type SourceArgs,
  type SyncOptionsArgs,
  type SyncStatus,
} from "./snowflake-secret-sync.js";
