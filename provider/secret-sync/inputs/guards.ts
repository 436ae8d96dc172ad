import { createHash } from "node:crypto";
import { ProviderError } from "../../core/errors.js";
import { createMemoryMap, type Operation } from "../../engine/operation.js";
import { isKnown } from "../../engine/unknown.js";
import { quoteName } from "../../snowflake/statements.js";
import { shouldWrite } from "../changes.js";
import { findAccountName } from "../connect.js";
import type { PlannableInputs, SyncInputs } from "./arguments.js";
import type { CheckedSync } from "./check-memory.js";

/** Set by auto-sync for a run of the engine: by owner id what the state held when the run was decided on. */
export const expectedStateVariable = "PULUMI_SNOWFLAKE_SECRETS_EXPECTED_STATE";

/** Stands for the fingerprints of a sync in a state. */
export function digestSecrets(secrets: object): string {
  const entries = Object.entries(secrets).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(entries)).digest("hex");
}

/**
 * Refuses to go on from another state than the one that the run was decided on: auto-sync may run from a checkout that
 * a person's deployment has overtaken since, and would turn that deployment's values back. The engine compares a plan
 * with the new inputs alone.
 *
 * @param before the fingerprints in the state as this operation found it
 * @throws UNPROVEN
 */
export function requireExpectedState(ownerId: string, label: string, before: unknown): void {
  const expected = JSON.parse(process.env[expectedStateVariable] || "{}") as Record<string, string>;
  if (expected[ownerId] === undefined || typeof before !== "object" || before === null) return;
  if (expected[ownerId] === digestSecrets(before)) return;
  throw new ProviderError("UNPROVEN", {
    operation: "someone deployed the stack after auto-sync read it, so nothing was written",
    target: label,
    hint: "none needed: auto-sync tries again.",
    retryable: true,
  });
}

/**
 * Refuses a replacement whose new schema would not be filled, as the old one is cleaned all the same: with
 * `deleteBeforeReplace` even before.
 *
 * @throws UNPROVEN
 */
export function requireReplaceable(inputs: SyncInputs, checked: CheckedSync): void {
  if (!checked.predecessor) return;
  const { destinationConfig } = inputs;
  const target = isKnown(destinationConfig) ? quoteName(destinationConfig) : "a schema known after up";
  if (!shouldWrite(inputs, checked.predecessor)) {
    throw new ProviderError("UNPROVEN", {
      operation: "auto-sync is off, so the new schema would stay empty while the old one is emptied",
      target,
      hint: "change syncTrigger in the same update, or run the command sync.",
    });
  }
}

const reservations = createMemoryMap<string, string>();

/**
 * Refuses two syncs of one operation that want the same name in Snowflake, before the second writes. Between stacks,
 * and where one account goes by two names, the marks do.
 *
 * @throws NOT_OURS
 */
export async function reserveNames(
  operation: Operation,
  { connection, destinationConfig }: Pick<PlannableInputs, "connection" | "destinationConfig">,
  names: Iterable<string>,
  place: string,
): Promise<void> {
  const account = await findAccountName(operation, connection);
  if (account === undefined) return;
  const reservedBy = operation.recall(reservations);
  for (const name of names) {
    const target = quoteName(destinationConfig, name);
    const key = `${account} ${target}`;
    const other = reservedBy.get(key);
    if (other !== undefined && other !== place) {
      throw new ProviderError("NOT_OURS", {
        operation: `two syncs write the same secret: ${other} and ${place}`,
        target,
        hint: "give them different keySchemas or different schemas.",
      });
    }
    reservedBy.set(key, place);
  }
}
