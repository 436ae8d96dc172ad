import { isMap } from "../../core/is-map.js";
import { SecretValue } from "../../core/secret-value.js";
import { buildCheckFailure, type CheckFailure } from "../../engine/failures.js";
import { isUnknown, type Unknown, unknownValue } from "../../engine/unknown.js";
import { findIgnored, ownMapKey, type SecretsOnWire, valueBeside } from "./secrets-on-wire.js";

/** The `secrets` argument after parsing. */
export interface ProgramSecrets {
  /** False where `ignoreChanges` keeps the whole map as it was. */
  readonly isFresh: boolean;
  /** The last fingerprints of the keys under `ignoreChanges`. */
  readonly ignored: ReadonlyMap<string, string>;
  /** The values of the keys that the map has. */
  readonly values: ReadonlyMap<string, SecretValue | Unknown>;
  /** `none`: there is no such argument; `empty`: it has no key. */
  readonly argument: "none" | "empty" | "filled";
}

/** The `secrets` argument as it was sent, and what is wrong with it. */
export interface ParsedProgramSecrets {
  /** Unknown where a preview cannot tell which keys there are. */
  readonly secrets: ProgramSecrets | Unknown;
  readonly failures: readonly CheckFailure[];
}

/** Parses what a host sends of the secrets. */
export function parseProgramSecrets({
  secrets: names,
  secretValues: values,
}: SecretsOnWire): ParsedProgramSecrets {
  if (!isUnknown(values) && values !== undefined && !isMap(values)) {
    return { secrets: unknownValue, failures: [buildCheckFailure(["secrets"], "must be a map of strings.")] };
  }
  const given = isMap(values) ? values : {};
  const failures = [...findMissing(names, values, given), ...findWrong(given)];
  if (isUnknown(names) || isUnknown(values)) return { secrets: unknownValue, failures };
  const print = isMap(names) ? names : {};
  const isFresh = !isMap(names) || Object.hasOwn(names, ownMapKey);
  const ignored = findIgnored(names);
  // The names decide: a key whose addition is ignored has a value, but is not in the map.
  const known = Object.entries(given).flatMap(([key, value]): [string, SecretValue | Unknown][] => {
    if (!Object.hasOwn(print, key)) return [];
    if (isUnknown(value)) return [[key, value]];
    return typeof value === "string" ? [[key, new SecretValue(value)]] : [];
  });
  const isEmpty = Object.keys(given).length === 0 && ignored.size === 0;
  const argument = values === undefined ? "none" : isEmpty ? "empty" : "filled";
  return { secrets: { isFresh, ignored, values: new Map(known), argument }, failures };
}

// Keys of the program whose value is `undefined`: an error, as a removal would look just like a mistake.
function findMissing(
  names: unknown,
  values: unknown,
  given: Readonly<Record<string, unknown>>,
): readonly CheckFailure[] {
  if (!isMap(names) || isUnknown(values)) return [];
  return Object.entries(names)
    .filter(
      ([key, name]) =>
        key !== ownMapKey && name === valueBeside && (!Object.hasOwn(given, key) || given[key] === null),
    )
    .map(([key]) =>
      buildCheckFailure(
        ["secrets", key],
        "it has no value (undefined). Give one, or remove the key to remove the secret.",
      ),
    );
}

function findWrong(given: Readonly<Record<string, unknown>>): readonly CheckFailure[] {
  const unnamed = Object.hasOwn(given, ownMapKey)
    ? [buildCheckFailure(["secrets"], "a key is empty. Give each secret a name.")]
    : [];
  const wrong = Object.entries(given)
    .filter(([, value]) => typeof value !== "string" && value !== null)
    .map(([key, value]) =>
      buildCheckFailure(["secrets", key], `must be a string; it is ${describeKind(value)}.`),
    );
  return [...unnamed, ...wrong];
}

function describeKind(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
