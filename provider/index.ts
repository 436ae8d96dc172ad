/**
 * What the engine's plugin process runs. This subpath and the names of its exports and their hooks are a permanent
 * interface: the state of every stack refers to them.
 */
import { hostDynamically } from "./dynamic-host.js";
import { exportDestination as exportDestinationResource } from "./export-destination/resource.js";
import { secretSync as secretSyncResource } from "./secret-sync/resource.js";

/** The hooks of `SnowflakeSecretSync`. */
export const secretSync = hostDynamically(secretSyncResource);
/** The hooks of `SnowflakeExportDestination` and `ExportDestination`. */
export const exportDestination = hostDynamically(exportDestinationResource);
