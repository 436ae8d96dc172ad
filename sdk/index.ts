export {
  type ConnectionArgs,
  type DestinationConfigArgs,
  SnowflakeSecretSync,
  type SnowflakeSecretSyncArgs,
  type SourceArgs,
  type SyncOptionsArgs,
} from "./snowflake-secret-sync.js";
