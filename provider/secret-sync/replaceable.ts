import { ProviderError } from "../errors.js";
import { quoteName } from "../snowflake/statements.js";
import { wantsWrite } from "./decide.js";
import { findKeptKeys } from "./reconcile.js";
import type { Run } from "./run.js";
import type { SyncInputs } from "./state.js";

/**
 * Refuses a replacement whose new place would not be filled, as the old one is cleaned all the same: with
 * `deleteBeforeReplace` even before. Fails with `UNPROVEN`.
 */
export function requireReplaceable(inputs: SyncInputs, run: Run): void {
  if (!run.predecessor) return;
  const target = quoteName(inputs.destinationConfig);
  if (!wantsWrite(inputs, run.predecessor)) {
    throw new ProviderError("UNPROVEN", {
      operation: "auto-sync is off, so the new place would stay empty while the old one is cleaned",
      target,
      hint: "change syncTrigger together with what replaces the sync, or run the command sync.",
    });
  }
  const kept = findKeptKeys(inputs, run);
  if (kept.length === 0) return;
  throw new ProviderError("UNPROVEN", {
    operation: `the new place would lack ${kept.map((key) => JSON.stringify(key)).join(", ")}, whose changes are ignored and whose former value is not at hand`,
    target,
    hint: "take them out of ignoreChanges, or give them their former values.",
  });
}
