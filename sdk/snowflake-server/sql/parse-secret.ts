import type { Cursor } from "./cursor.js";
import {
  type AlterSecret,
  type CreateSecret,
  type DescribeSecret,
  type DropSecret,
  SECRET_TYPES,
  type SecretProperties,
  type SqlValue,
} from "./statements.js";

const VALUE_PROPERTIES = [
  "SECRET_STRING",
  "COMMENT",
  "USERNAME",
  "PASSWORD",
  "OAUTH_REFRESH_TOKEN",
  "OAUTH_REFRESH_TOKEN_EXPIRY_TIME",
  "PRIVATE_KEY",
];
const WORD_PROPERTIES = ["API_AUTHENTICATION", "ALGORITHM", "ENABLED"];

/** After `CREATE [OR REPLACE] SECRET`. */
export function parseCreateSecret(cursor: Cursor, orReplace: boolean): CreateSecret {
  const ifNotExists = cursor.takeWords("IF", "NOT", "EXISTS");
  // Snowflake refuses both together; there is no telling which is meant.
  if (ifNotExists && orReplace) throw cursor.unexpected();
  const name = cursor.expectName(3);
  cursor.expectWords("TYPE");
  cursor.expectSymbol("=");
  const type = cursor.expectOneOf(SECRET_TYPES);
  return {
    kind: "CREATE SECRET",
    name,
    orReplace,
    ifNotExists,
    type,
    properties: parseSecretProperties(cursor),
  };
}

/** After `ALTER SECRET`. */
export function parseAlterSecret(cursor: Cursor): AlterSecret {
  const ifExists = cursor.takeWords("IF", "EXISTS");
  const name = cursor.expectName(3);
  if (cursor.takeWord("UNSET")) {
    cursor.expectWords("COMMENT");
    return { kind: "ALTER SECRET", name, ifExists, change: { action: "unset-comment" } };
  }
  cursor.expectWords("SET");
  const properties = parseSecretProperties(cursor);
  if (properties.size === 0) throw cursor.unexpected();
  return { kind: "ALTER SECRET", name, ifExists, change: { action: "set", properties } };
}

/** After `DROP SECRET`. */
export function parseDropSecret(cursor: Cursor): DropSecret {
  const ifExists = cursor.takeWords("IF", "EXISTS");
  return { kind: "DROP SECRET", name: cursor.expectName(3), ifExists };
}

/** After `DESC[RIBE] SECRET`. */
export function parseDescribeSecret(cursor: Cursor): DescribeSecret {
  return { kind: "DESCRIBE SECRET", name: cursor.expectName(3) };
}

/** `NAME = value` pairs, in any order, each once. */
function parseSecretProperties(cursor: Cursor): SecretProperties {
  const properties = new Map<string, SqlValue | readonly SqlValue[]>();
  while (!cursor.atEnd) {
    const property = [...VALUE_PROPERTIES, ...WORD_PROPERTIES, "OAUTH_SCOPES"].find((name) =>
      cursor.isWord(name),
    );
    if (property === undefined || properties.has(property)) throw cursor.unexpected();
    cursor.expectAnyWord();
    cursor.expectSymbol("=");
    properties.set(property, parsePropertyValue(cursor, property));
  }
  return properties;
}

function parsePropertyValue(cursor: Cursor, property: string): SqlValue | readonly SqlValue[] {
  if (VALUE_PROPERTIES.includes(property)) return cursor.expectValue();
  if (property !== "OAUTH_SCOPES") return { kind: "literal", value: cursor.expectIdentifier() };
  cursor.expectSymbol("(");
  const scopes = [cursor.expectValue()];
  while (cursor.takeSymbol(",")) scopes.push(cursor.expectValue());
  cursor.expectSymbol(")");
  return scopes;
}
