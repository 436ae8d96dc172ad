import { isMap } from "../../core/is-map.js";
import { SecretValue } from "../../core/secret-value.js";
import { buildCheckFailure, type CheckFailure } from "../../engine/failures.js";
import { isUnknown, type Unknown, unknownValue } from "../../engine/unknown.js";

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

export interface ParsedProgramSecrets {
  /** Unknown where a preview cannot tell which keys there are. */
  readonly secrets: ProgramSecrets | Unknown;
  readonly failures: readonly CheckFailure[];
}

/**
 * Parses what the shell sends of the secrets.
 *
 * @param names `{KEY: ""}` and the sentinel `{"": ""}`; `ignoreChanges` puts old fingerprints in the place of either,
 *   and without the sentinel the map is an old one, because all its changes are ignored
 * @param values of the `secrets` argument; undefined where there is none
 */
export function parseProgramSecrets(names: unknown, values: unknown): ParsedProgramSecrets {
  if (!isUnknown(values) && values !== undefined && !isMap(values)) {
    return { secrets: unknownValue, failures: [buildCheckFailure(["secrets"], "must be a map of strings.")] };
  }
  const given = isMap(values) ? values : {};
  const failures = [...findMissing(names, values, given), ...findWrong(given)];
  if (isUnknown(names) || isUnknown(values)) return { secrets: unknownValue, failures };
  const print = isMap(names) ? names : {};
  const isFresh = !isMap(names) || Object.hasOwn(names, "");
  const ignored = Object.entries(print).filter((entry): entry is [string, string] => entry[1] !== "");
  // The names decide: a key whose addition is ignored has a value, but is not in the map.
  const known = Object.entries(given).flatMap(([key, value]): [string, SecretValue | Unknown][] => {
    if (!Object.hasOwn(print, key)) return [];
    if (isUnknown(value)) return [[key, value]];
    return typeof value === "string" ? [[key, new SecretValue(value)]] : [];
  });
  const isEmpty = Object.keys(given).length === 0 && ignored.length === 0;
  const argument = values === undefined ? "none" : isEmpty ? "empty" : "filled";
  return { secrets: { isFresh, ignored: new Map(ignored), values: new Map(known), argument }, failures };
}

// Keys of the program whose value is `undefined`: an error, as a removal would look just like a mistake.
function findMissing(
  names: unknown,
  values: unknown,
  given: Readonly<Record<string, unknown>>,
): readonly CheckFailure[] {
  if (!isMap(names) || isUnknown(values)) return [];
  return Object.entries(names)
    .filter(([key, kept]) => key !== "" && kept === "" && (!Object.hasOwn(given, key) || given[key] === null))
    .map(([key]) =>
      buildCheckFailure(
        ["secrets", key],
        "it has no value (undefined). Give one, or remove the key to remove the secret.",
      ),
    );
}

function findWrong(given: Readonly<Record<string, unknown>>): readonly CheckFailure[] {
  return Object.entries(given)
    .filter(([, value]) => typeof value !== "string" && value !== null)
    .map(([key, value]) =>
      buildCheckFailure(["secrets", key], `must be a string; it is ${describeKind(value)}.`),
    );
}

function describeKind(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
