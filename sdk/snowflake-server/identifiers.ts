import { RESERVED_WORDS } from "./sql/reserved-words.js";

/** A string that stands for itself as an unquoted identifier, unless it is a reserved word. */
const PLAIN = /^[A-Z_][A-Z0-9_$]*$/;

/** An identifier as Snowflake prints it in names of several parts: quoted only where it must be. */
export function printIdentifier(name: string): string {
  return PLAIN.test(name) && !RESERVED_WORDS.has(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** A name of several parts, as Snowflake prints it. */
export function printName(parts: readonly string[]): string {
  return parts.map(printIdentifier).join(".");
}

/** A name from a connection's parameters: upper-cased unless it is written in quotes. */
export function readConnectionIdentifier(text: string): string {
  const quoted = /^"(.*)"$/s.exec(text);
  return quoted?.[1] === undefined ? text.toUpperCase() : quoted[1].replaceAll('""', '"');
}
