/** A string that stands for itself as an unquoted identifier. */
const PLAIN = /^[A-Z_][A-Z0-9_$]*$/;

/** An identifier as Snowflake prints it in names of several parts: quoted only where it must be. */
export function printIdentifier(name: string): string {
  return PLAIN.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

export function printName(parts: readonly string[]): string {
  return parts.map(printIdentifier).join(".");
}

/** A name from a connection's parameters: upper-cased unless it is written in quotes. */
export function readConnectionIdentifier(text: string): string {
  const quoted = /^"(.*)"$/s.exec(text);
  return quoted?.[1] === undefined ? text.toUpperCase() : quoted[1].replaceAll('""', '"');
}

/** Whether a name fits the pattern of `SHOW … LIKE`: case is ignored, `%` and `_` are wild, `\` escapes them. */
export function matchesLike(name: string, pattern: string): boolean {
  const source = pattern.replace(/\\?[\s\S]/gu, (part) => {
    if (part === "%") return "[\\s\\S]*";
    if (part === "_") return "[\\s\\S]";
    const character = part.length > 1 && part.startsWith("\\") ? part.slice(1) : part;
    return character.replace(/[\\^$.*+?()[\]{}|/]/gu, "\\$&");
  });
  return new RegExp(`^${source}$`, "iu").test(name);
}
