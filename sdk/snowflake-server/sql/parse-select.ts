import type { Cursor } from "./cursor.js";
import type { Select, SelectItem, SelectSource } from "./statements.js";

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
  ["CURRENT_SECONDARY_ROLES", "none"],
  ["LAST_QUERY_ID", "none"],
  ["IS_ROLE_IN_SESSION", "one"],
]);

/** After `SELECT`. */
export function parseSelect(cursor: Cursor, sql: string): Select {
  if (cursor.takeSymbol("*")) {
    cursor.expectWords("FROM");
    return { kind: "SELECT", items: [], source: parseTableFunction(cursor, "RESULT_SCAN") };
  }
  const items = [parseItem(cursor, sql)];
  while (cursor.takeSymbol(",")) items.push(parseItem(cursor, sql));
  const source = cursor.takeWord("FROM") ? parseTableFunction(cursor, "GENERATOR") : undefined;
  return { kind: "SELECT", items, source };
}

/** After `FROM`. */
function parseTableFunction(cursor: Cursor, name: "GENERATOR" | "RESULT_SCAN"): SelectSource {
  cursor.expectWords("TABLE");
  cursor.expectSymbol("(");
  cursor.expectWords(name);
  cursor.expectSymbol("(");
  const source = name === "GENERATOR" ? parseRowCount(cursor) : parseQueryId(cursor);
  cursor.expectSymbol(")");
  cursor.expectSymbol(")");
  return source;
}

function parseRowCount(cursor: Cursor): SelectSource {
  cursor.expectWords("ROWCOUNT");
  cursor.expectSymbol("=>");
  return { from: "generator", rows: cursor.expectInteger() };
}

function parseQueryId(cursor: Cursor): SelectSource {
  if (!cursor.takeWord("LAST_QUERY_ID")) return { from: "result", queryId: cursor.expectValue() };
  cursor.expectSymbol("(");
  cursor.expectSymbol(")");
  return { from: "result", queryId: "last" };
}

function parseItem(cursor: Cursor, sql: string): SelectItem {
  const start = cursor.current.start;
  const expression = parseExpression(cursor);
  const written = sql.slice(start, cursor.previous.end);
  const isNamed = cursor.takeWord("AS") || cursor.isAtIdentifier;
  const column = isNamed ? cursor.expectIdentifier() : columnName(expression, written);
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
