import { isDeepStrictEqual } from "node:util";
import type { SyncInputs } from "./inputs/arguments.js";
import type { SyncState, SyncStatus } from "./state.js";

/** Names of syncs (their `name`), or `*`, that write although auto-sync is off: set by the command `sync`. */
export const syncNowVariable = "PULUMI_SNOWFLAKE_SECRETS_SYNC_NOW";

/** What is known of the sync before this one. */
export interface LastSync {
  readonly syncTrigger?: unknown;
  readonly syncStatus?: SyncStatus;
}

/**
 * Whether this operation writes. With auto-sync always; without it only when asked for (a changed `syncTrigger`,
 * the command `sync`) or to finish what was asked for and failed. `last` is undefined at first creation.
 */
export function shouldWrite(inputs: SyncInputs, last: LastSync | undefined): boolean {
  if (inputs.isAutoSyncEnabled !== false || isAskedFor(inputs.name)) return true;
  if (!last) return false;
  return last.syncStatus === "failed" || !isDeepStrictEqual(last.syncTrigger, inputs.syncTrigger);
}

function isAskedFor(name: SyncInputs["name"]): boolean {
  const asked = (process.env[syncNowVariable] ?? "").split(",").map((part) => part.trim());
  return asked.includes("*") || asked.some((each) => each === name);
}

export type SyncArgument = Exclude<keyof SyncInputs, "ownerId" | "notReadable">;

/**
 * What a change of each argument does: `replace` fills the new schema before the old one is cleaned; `update`
 * changes the record, and Snowflake where the plan says so.
 */
export const changeOf = {
  name: "update",
  description: "update",
  connection: "update",
  environment: "update",
  secretPath: "update",
  sources: "update",
  secrets: "update",
  destinationConfig: "replace",
  syncOptions: "update",
  isAutoSyncEnabled: "update",
  syncTrigger: "update",
  rewriteTrigger: "update",
  fingerprintKey: "update",
} as const satisfies Record<SyncArgument, "update" | "replace">;

/** The arguments that differ between the state and the new inputs. */
export function findChanges(state: SyncState, inputs: SyncInputs): readonly SyncArgument[] {
  return (Object.keys(changeOf) as SyncArgument[]).filter(
    (key) => !isDeepStrictEqual(state[key], inputs[key]),
  );
}
