import { ProviderError } from "../../core/errors.js";
import type { Operation } from "../../engine/operation.js";
import { isKnown } from "../../engine/unknown.js";
import { quoteName } from "../../snowflake/statements.js";
import { shouldWrite } from "../changes.js";
import { findKeptKeys } from "../reconcile.js";
import type { SyncInputs } from "./arguments.js";
import type { CheckedSync } from "./check-memory.js";

/**
 * Refuses a replacement whose new schema would not be filled, as the old one is cleaned all the same: with
 * `deleteBeforeReplace` even before. Fails with `UNPROVEN`.
 */
export function requireReplaceable(inputs: SyncInputs, checked: CheckedSync, operation: Operation): void {
  if (!checked.predecessor) return;
  const { destinationConfig } = inputs;
  const target = isKnown(destinationConfig) ? quoteName(destinationConfig) : "a schema known only in up";
  if (!shouldWrite(inputs, checked.predecessor)) {
    throw new ProviderError("UNPROVEN", {
      operation: "auto-sync is off, so the new schema would stay empty while the old one is cleaned",
      target,
      hint: "change syncTrigger together with what replaces the sync, or run the command sync.",
    });
  }
  const kept = findKeptKeys(inputs, checked, operation);
  if (kept.length === 0) return;
  throw new ProviderError("UNPROVEN", {
    operation: `the new schema would lack ${kept.map((key) => JSON.stringify(key)).join(", ")}, whose changes are ignored and whose former value is not at hand`,
    target,
    hint: "take them out of ignoreChanges, or give them their former values.",
  });
}
