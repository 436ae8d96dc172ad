/** Names as a sentence lists them: "a", "a or b", "a, b or c". */
export function listInWords(names: readonly string[], word: "and" | "or"): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} ${word} ${names.at(-1)}`;
}
