import { isMap } from "../../core/is-map.js";
import { isUnknown } from "../../engine/unknown.js";

/**
 * How the `secrets` argument reaches `check`, from either host: names and values apart. The engine shows and keeps what
 * stands under `secrets`, so `check` answers fingerprints there; of `secretValues` it answers nothing.
 *
 * `ignoreChanges` makes the engine put the inputs of the last operation, which are fingerprints, in the place of a
 * name or of the whole map. A field beside the map would survive that, so the map itself says whether it is the
 * program's: by `ownMapKey`.
 */
export interface SecretsOnWire {
  /** `valueBeside` for each key of the program, a fingerprint where its changes are ignored, and `ownMapKey`. */
  readonly secrets: unknown;
  /** What the program gave; undefined where it has no such argument. */
  readonly secretValues?: unknown;
}

/** A key of every map that a program gave, and of none that `ignoreChanges` kept: no secret has an empty name. */
export const ownMapKey = "";

/** What stands at a name whose value is in `secretValues`. */
export const valueBeside = "";

/** The names of a map that a program gave. */
export function buildNames(keys: readonly string[]): Record<string, string> {
  return Object.fromEntries([[ownMapKey, valueBeside], ...keys.map((key) => [key, valueBeside])]);
}

/** The fingerprints that stand in the place of ignored keys. */
export function findIgnored(names: unknown): ReadonlyMap<string, string> {
  const entries = isMap(names) ? Object.entries(names) : [];
  return new Map(
    entries.filter((entry): entry is [string, string] => {
      const [key, print] = entry;
      return key !== ownMapKey && typeof print === "string" && print !== valueBeside && !isUnknown(print);
    }),
  );
}

/**
 * Splits an argument that came with its values in place. A value that is the last fingerprint of its key was put there
 * by `ignoreChanges`; a map that is the last one altogether, by `ignoreChanges` on the whole map.
 *
 * @param last the fingerprints of the last operation
 */
export function splitSecrets(secrets: unknown, last: unknown): SecretsOnWire {
  if (secrets === undefined) return { secrets: buildNames([]) };
  if (isUnknown(secrets)) return { secrets, secretValues: secrets };
  // What is no map goes to `check` as it is, which says so without spelling it out.
  if (!isMap(secrets)) return { secrets: buildNames([]), secretValues: secrets };
  const before = isMap(last) ? last : {};
  const kept = Object.entries(secrets).filter(
    ([key, value]) => typeof value === "string" && Object.hasOwn(before, key) && before[key] === value,
  );
  const keptKeys = new Set(kept.map(([key]) => key));
  const given = Object.entries(secrets).filter(([key]) => !keptKeys.has(key));
  const isWhole = kept.length > 0 && given.length === 0 && kept.length === Object.keys(before).length;
  const names = isWhole ? {} : buildNames(given.map(([key]) => key));
  return {
    secrets: { ...names, ...Object.fromEntries(kept) },
    secretValues: Object.fromEntries(given),
  };
}
