import type { Cursor } from "./cursor.js";
import type { Select, SelectItem } from "./statements.js";

/** Context functions this server answers, and whether each takes an argument. */
export const CONTEXT_FUNCTIONS: ReadonlyMap<string, "none" | "one"> = new Map([
  ["CURRENT_ACCOUNT", "none"],
  ["CURRENT_ACCOUNT_NAME", "none"],
  ["CURRENT_ORGANIZATION_NAME", "none"],
  ["CURRENT_USER", "none"],
  ["CURRENT_ROLE", "none"],
  ["CURRENT_DATABASE", "none"],
  ["CURRENT_SCHEMA", "none"],
  ["CURRENT_WAREHOUSE", "none"],
  ["CURRENT_REGION", "none"],
  ["CURRENT_IP_ADDRESS", "none"],
  ["CURRENT_SESSION", "none"],
  ["CURRENT_VERSION", "none"],
  ["CURRENT_AVAILABLE_ROLES", "none"],
  ["IS_ROLE_IN_SESSION", "one"],
]);

/** After `SELECT`. */
export function parseSelect(cursor: Cursor, sql: string): Select {
  const items = [parseItem(cursor, sql)];
  while (cursor.takeSymbol(",")) items.push(parseItem(cursor, sql));
  return { kind: "SELECT", items, generatedRows: parseGenerator(cursor) };
}

function parseGenerator(cursor: Cursor): number | undefined {
  if (!cursor.takeWord("FROM")) return undefined;
  cursor.expectWords("TABLE");
  cursor.expectSymbol("(");
  cursor.expectWords("GENERATOR");
  cursor.expectSymbol("(");
  cursor.expectWords("ROWCOUNT");
  cursor.expectSymbol("=>");
  const rows = cursor.expectInteger();
  cursor.expectSymbol(")");
  cursor.expectSymbol(")");
  return rows;
}

function parseItem(cursor: Cursor, sql: string): SelectItem {
  const start = cursor.current.start;
  const expression = parseExpression(cursor);
  const written = sql.slice(start, cursor.previous.end);
  const column = cursor.takeWord("AS") ? cursor.expectIdentifier() : columnName(expression, written);
  return { expression, column };
}

/** Snowflake names a column after its expression, functions upper-cased. */
function columnName(expression: SelectItem["expression"], written: string): string {
  return expression.kind === "function" ? expression.name + written.slice(expression.name.length) : written;
}

function parseExpression(cursor: Cursor): SelectItem["expression"] {
  const bind = cursor.takeBind();
  if (bind !== undefined) return { kind: "bind", number: bind };
  const number = cursor.takeNumber();
  if (number !== undefined) return { kind: "number", value: number };
  if (cursor.current.kind === "string") return { kind: "text", value: cursor.expectString() };
  if (cursor.takeWord("NULL")) return { kind: "null" };
  if (cursor.takeWord("TRUE")) return { kind: "boolean", value: true };
  if (cursor.takeWord("FALSE")) return { kind: "boolean", value: false };
  const name = [...CONTEXT_FUNCTIONS.keys()].find((known) => cursor.isWord(known));
  if (name === undefined) throw cursor.unexpected();
  cursor.expectAnyWord();
  cursor.expectSymbol("(");
  const argument = CONTEXT_FUNCTIONS.get(name) === "one" ? cursor.expectValue() : undefined;
  cursor.expectSymbol(")");
  return { kind: "function", name, argument };
}
