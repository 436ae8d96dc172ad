/** One place of a pattern: any text, any character, or a character that is ignored in its case. */
type Part = "any-text" | "any-character" | { readonly folded: string };

/**
 * Reads a pattern of `SHOW … LIKE`: case is ignored, `%` and `_` are wild, `\` escapes them.
 *
 * The answer tells whether a name fits, in steps that the lengths bound: after a mismatch only the last `%` takes one
 * character more, and nothing before it is tried again.
 */
export function buildLike(pattern: string): (name: string) => boolean {
  const parts = parsePattern(pattern);
  return (name) => matches(parts, [...name].map(fold));
}

function parsePattern(pattern: string): Part[] {
  const parts: Part[] = [];
  const characters = [...pattern];
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at] ?? "";
    const escaped = character === "\\" ? characters[at + 1] : undefined;
    if (escaped !== undefined) {
      parts.push({ folded: fold(escaped) });
      at += 1;
    } else if (character === "%") {
      if (parts.at(-1) !== "any-text") parts.push("any-text");
    } else {
      parts.push(character === "_" ? "any-character" : { folded: fold(character) });
    }
  }
  return parts;
}

function matches(parts: readonly Part[], name: readonly string[]): boolean {
  let part = 0;
  let at = 0;
  let lastAnyText: { readonly part: number; at: number } | undefined;
  while (at < name.length) {
    const wanted = parts[part];
    if (wanted === "any-text") {
      lastAnyText = { part, at };
      part += 1;
    } else if (wanted === "any-character" || (wanted !== undefined && wanted.folded === name[at])) {
      part += 1;
      at += 1;
    } else if (lastAnyText !== undefined) {
      lastAnyText.at += 1;
      at = lastAnyText.at;
      part = lastAnyText.part + 1;
    } else {
      return false;
    }
  }
  return parts.slice(part).every((rest) => rest === "any-text");
}

function fold(character: string): string {
  return character.toUpperCase().toLowerCase();
}
