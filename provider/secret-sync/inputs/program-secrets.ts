import { isMap } from "../../core/is-map.js";
import { buildText, type SecretContent } from "../../core/secret-content.js";
import { SecretValue } from "../../core/secret-value.js";
import { buildCheckFailure, buildFailures, type CheckFailure } from "../../engine/failures.js";
import { holdsUnknown, isUnknown, type Unknown, unknownValue } from "../../engine/unknown.js";
import { buildContent, typedSecret } from "../secret-types.js";
import { findIgnored, ownMapKey, type SecretsOnWire, valueBeside } from "./secrets-on-wire.js";

/** The `secrets` argument after parsing. */
export interface ProgramSecrets {
  /** False where `ignoreChanges` keeps the whole map as it was. */
  readonly isFresh: boolean;
  /** The last fingerprints of the keys under `ignoreChanges`. */
  readonly ignored: ReadonlyMap<string, string>;
  /** The values of the keys that the map has. */
  readonly values: ReadonlyMap<string, SecretContent | Unknown>;
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
    return {
      secrets: unknownValue,
      failures: [buildCheckFailure(["secrets"], "must be a map, with a name for each secret.")],
    };
  }
  const given = isMap(values) ? values : {};
  const failures = [...findMissing(names, values, given), ...findWrong(given)];
  if (isUnknown(names) || isUnknown(values)) return { secrets: unknownValue, failures };
  const print = isMap(names) ? names : {};
  const isFresh = !isMap(names) || Object.hasOwn(names, ownMapKey);
  const ignored = findIgnored(names);
  // The names decide: a key whose addition is ignored has a value, but is not in the map.
  const known = Object.entries(given).flatMap(([key, value]): [string, SecretContent | Unknown][] => {
    const content = Object.hasOwn(print, key) ? readContent(value) : undefined;
    return content === undefined ? [] : [[key, content]];
  });
  const isEmpty = Object.keys(given).length === 0 && ignored.size === 0;
  const argument = values === undefined ? "none" : isEmpty ? "empty" : "filled";
  return { secrets: { isFresh, ignored, values: new Map(known), argument }, failures };
}

/** Undefined for what `findWrong` tells of. A secret of which one part is unknown is unknown. */
function readContent(value: unknown): SecretContent | Unknown | undefined {
  if (holdsUnknown(value)) return unknownValue;
  if (typeof value === "string") return buildText(new SecretValue(value));
  const { data } = typedSecret.safeParse(value);
  return data && buildContent(data);
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
  const wrong = Object.entries(given).flatMap(([key, value]) => {
    if (typeof value === "string" || value === null) return [];
    if (!isMap(value)) {
      return [buildCheckFailure(["secrets", key], `must be a string; it is ${describeKind(value)}.`)];
    }
    const { error } = typedSecret.safeParse(value);
    return error === undefined ? [] : buildFailures(error, ["secrets", key], value, typedSecret);
  });
  return [...unnamed, ...wrong];
}

function describeKind(value: unknown): string {
  return Array.isArray(value) ? "a list" : `a ${typeof value}`;
}
