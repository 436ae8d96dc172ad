import { isMap } from "./is-map.js";

/** The value of a JSON text; undefined for a text that is none. The parser's message, which quotes the text, is dropped. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const stringsAndNumbers = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/** The same with each number as a text, as it is written: `1.10` stays `1.10`, and no digit of a long one is lost. */
export function parseJsonNumbersAsText(text: string): unknown {
  if (parseJson(text) === undefined) return undefined;
  return parseJson(
    text.replace(stringsAndNumbers, (found) => (found.startsWith('"') ? found : `"${found}"`)),
  );
}

/**
 * The JSON text of a value, in one line, with its numbers as they were written.
 *
 * @param plain of `parseJson`
 * @param asText the same of `parseJsonNumbersAsText`
 */
export function writeJson(plain: unknown, asText: unknown): string {
  if (Array.isArray(plain)) {
    const items = asText as readonly unknown[];
    return `[${plain.map((item, i) => writeJson(item, items[i])).join(",")}]`;
  }
  if (isMap(plain)) {
    const fields = asText as Readonly<Record<string, unknown>>;
    const written = Object.entries(plain).map(
      ([key, value]) => `${JSON.stringify(key)}:${writeJson(value, fields[key])}`,
    );
    return `{${written.join(",")}}`;
  }
  return typeof plain === "number" ? String(asText) : JSON.stringify(plain);
}
