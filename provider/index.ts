/**
 * What the engine's plugin process runs. This subpath and the names of its exports and their hooks are a permanent
 * interface: the state of every stack refers to them.
 */
export { exportDestination } from "./export-destination/hooks.js";
export { secretSync } from "./secret-sync/hooks.js";
