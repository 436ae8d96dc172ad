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
