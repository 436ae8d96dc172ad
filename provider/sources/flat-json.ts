import { isMap } from "../core/is-map.js";
import { parseJsonNumbersAsText } from "../core/json.js";
import { SecretValue } from "../core/secret-value.js";

/** What a JSON text holds, one value a key. */
export type FlatJson =
  | { readonly values: readonly { readonly key: string; readonly value: SecretValue }[] }
  /** `missing` is the part of the path that is not there; `unusable` are the keys of lists, objects and nulls. */
  | { readonly problem: "no-json" | "no-object" }
  | { readonly problem: "missing"; readonly part: string }
  | { readonly problem: "unusable"; readonly keys: readonly string[] };

/**
 * Reads an object of texts, numbers (as they are written) and booleans.
 *
 * @param path the keys that lead to the object
 */
export function readFlatJson(text: string, path: readonly string[] = []): FlatJson {
  let found = parseJsonNumbersAsText(text);
  if (found === undefined) return { problem: "no-json" };
  for (const part of path) {
    if (!isMap(found) || !Object.hasOwn(found, part)) return { problem: "missing", part };
    found = found[part];
  }
  if (!isMap(found)) return { problem: "no-object" };
  const entries = Object.entries(found).map(([key, value]) => ({ key, text: toText(value) }));
  const unusable = entries.filter((entry) => entry.text === undefined);
  if (unusable.length > 0) return { problem: "unusable", keys: unusable.map(({ key }) => key) };
  return { values: entries.map(({ key, text: value = "" }) => ({ key, value: new SecretValue(value) })) };
}

function toText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "boolean" ? String(value) : undefined;
}
