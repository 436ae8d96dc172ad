import { createHash } from "node:crypto";
import { ProviderError } from "../../core/errors.js";

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
 * @throws `UNPROVEN`
 */
export function requireExpectedState(ownerId: string, label: string, before: unknown): void {
  const expected = JSON.parse(process.env[expectedStateVariable] || "{}") as Record<string, string>;
  if (expected[ownerId] === undefined || typeof before !== "object" || before === null) return;
  if (expected[ownerId] === digestSecrets(before)) return;
  throw new ProviderError("UNPROVEN", {
    operation: "somebody deployed the stack after auto-sync had looked at it, so nothing was written",
    target: label,
    hint: "auto-sync looks again by itself.",
    retryable: true,
  });
}
