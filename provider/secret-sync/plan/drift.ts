import type { ManagedSecret } from "../outputs.js";
import { getRecordedType, isRecreated, type ObservedSecret } from "./plan.js";

/** How a name in Snowflake differs from what the state says. */
export type Drift =
  | "not seen"
  | "no ownership comment"
  | "another type"
  | "another owner"
  | "recreated"
  | "written by an unrecorded run"
  | "owned by another role";

/** How a recorded secret has drifted; undefined if Snowflake has it as the last update left it. */
export function findDrift(
  record: ManagedSecret,
  seen: ObservedSecret | undefined,
  ownerId: string,
): Drift | undefined {
  if (!seen) return "not seen";
  if (seen.type !== getRecordedType(record)) return "another type";
  if (!seen.mark) return "no ownership comment";
  if (seen.mark.ownerId !== ownerId) return "another owner";
  if (isRecreated(record, seen)) return "recreated";
  if (seen.mark.fingerprint !== record.fingerprint) return "written by an unrecorded run";
  return seen.owner === record.owner ? undefined : "owned by another role";
}
