import { ProviderError } from "../../core/errors.js";
import { describeFixed } from "../../core/secret-content.js";
import type { Operation } from "../../engine/operation.js";
import { findValue } from "../../engine/pending-values.js";
import { isUnknown, type Unknown } from "../../engine/unknown.js";
import type { SyncInputs } from "../inputs/arguments.js";
import type { CheckedSync } from "../inputs/check-memory.js";
import { type KeySchema, renderNames } from "./key-schema.js";
import type { DesiredSecret } from "./plan.js";

type Fingerprints = Readonly<Record<string, string | Unknown>>;

/** What each name in Snowflake should hold; a value is only pointed at by its fingerprint. */
export function buildDesired(
  secrets: Fingerprints,
  keySchema: KeySchema,
  checked: CheckedSync | undefined,
  operation: Operation,
): ReadonlyMap<string, DesiredSecret> {
  const names = renderNames(keySchema, Object.keys(secrets));
  return new Map(
    [...names].map(([name, sourceKey]) => {
      const fingerprint = secrets[sourceKey] ?? "";
      const source = checked?.sourceOf.get(sourceKey) ?? "";
      const availability = findAvailability(sourceKey, fingerprint, checked, operation);
      const content = isUnknown(fingerprint) ? undefined : findValue(operation, fingerprint);
      const { type } = content ?? {};
      const fixed = content && describeFixed(content);
      return [name, { sourceKey, source, fingerprint, availability, type, fixed }];
    }),
  );
}

function findAvailability(
  sourceKey: string,
  fingerprint: string | Unknown,
  checked: CheckedSync | undefined,
  operation: Operation,
): DesiredSecret["availability"] {
  if (isUnknown(fingerprint)) return "known after up";
  if (findValue(operation, fingerprint)) return "at hand";
  if (checked?.ignoredKeys.has(sourceKey)) return "kept";
  throw new ProviderError("INTERNAL", {
    operation: "the value of a key is missing",
    target: JSON.stringify(sourceKey),
    hint: "run again. If the error stays, report it.",
  });
}

/**
 * Whether `inputs` are what `check` answered in this operation. A refresh asks `diff` about those of the state, and
 * the values of these are nowhere.
 */
export function isCheckedHere(
  { secrets }: SyncInputs,
  checked: CheckedSync | undefined,
  operation: Operation,
): checked is CheckedSync {
  if (!checked) return false;
  if (isUnknown(secrets)) return true;
  return Object.entries(secrets).every(
    ([key, fingerprint]) =>
      isUnknown(fingerprint) || findValue(operation, fingerprint) || checked.ignoredKeys.has(key),
  );
}
