import { isMap } from "../core/is-map.js";
import { parseJson, parseJsonNumbersAsText, writeJson } from "../core/json.js";
import { SecretValue } from "../core/secret-value.js";
import { flag } from "./source.js";

/** What a JSON text holds, one value a key. */
export type FlatJson =
  | { readonly values: readonly { readonly key: string; readonly value: SecretValue }[] }
  /** `missing` is the part of the path that is not there; `unusable` are the keys of lists, objects and nulls. */
  | { readonly problem: "no-json" | "no-object" }
  | { readonly problem: "missing"; readonly part: string }
  | { readonly problem: "unusable"; readonly keys: readonly string[] };

/** What every source of JSON may be told of it. */
export const jsonFields = {
  objectsAsJson: flag
    .optional()
    .describe(
      "Take a value that is an object or a list as its JSON text, in one line. Without it such a value is an error, and null always is. Default: false.",
    ),
};

/** What to do where values are `unusable`. */
export const unusableHint =
  "to take objects and lists as JSON text, set objectsAsJson: true; a null value must be removed or given a text.";

interface JsonChoice {
  /** The keys that lead to the object. */
  readonly path?: readonly string[] | undefined;
  readonly objectsAsJson?: boolean | undefined;
}

/** Reads an object of texts, numbers (as they are written) and booleans. */
export function readFlatJson(text: string, { path = [], objectsAsJson = false }: JsonChoice = {}): FlatJson {
  let plain = parseJson(text);
  let asText = parseJsonNumbersAsText(text);
  if (plain === undefined) return { problem: "no-json" };
  for (const part of path) {
    if (!isMap(plain) || !Object.hasOwn(plain, part)) return { problem: "missing", part };
    plain = plain[part];
    asText = isMap(asText) ? asText[part] : undefined;
  }
  if (!isMap(plain) || !isMap(asText)) return { problem: "no-object" };
  const texts = asText;
  const entries = Object.entries(plain).map(([key, value]) => ({
    key,
    text: toText(value, texts[key], objectsAsJson),
  }));
  const unusable = entries.filter((entry) => entry.text === undefined);
  if (unusable.length > 0) return { problem: "unusable", keys: unusable.map(({ key }) => key) };
  return { values: entries.map(({ key, text: value = "" }) => ({ key, value: new SecretValue(value) })) };
}

function toText(plain: unknown, asText: unknown, objectsAsJson: boolean): string | undefined {
  if (typeof plain === "string") return plain;
  if (plain === null || (typeof plain === "object" && !objectsAsJson)) return undefined;
  return writeJson(plain, asText);
}
