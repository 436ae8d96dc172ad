import { isDeepStrictEqual } from "node:util";
import { findFields } from "../core/field-meta.js";
import { programArguments, type SyncInputs } from "./inputs/arguments.js";
import type { SyncStatus } from "./outputs.js";
import type { SyncState } from "./state.js";

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

/** The name of an argument of the sync. */
export type SyncArgument = keyof typeof programArguments.shape;

const syncArgumentNames = Object.keys(programArguments.shape) as readonly SyncArgument[];
const replacing: ReadonlySet<string> = new Set(
  findFields(programArguments, ({ replaces }) => replaces === true),
);

/** The arguments that differ between the state and the new inputs. */
export function findChanges(state: SyncState, inputs: SyncInputs): readonly SyncArgument[] {
  return syncArgumentNames.filter((name) => !isDeepStrictEqual(state[name], inputs[name]));
}

/**
 * Whether a change of the argument replaces, and fills the new schema before the old one is cleaned; another one
 * changes the record, and Snowflake where the plan says so.
 */
export function isReplacedBy(argument: SyncArgument): boolean {
  return replacing.has(argument);
}
