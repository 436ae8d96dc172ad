import { readConnectionIdentifier } from "../identifiers.js";
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
/** Those that take one of a few words. */
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  ALGORITHM: ["GENERIC"],
  ENABLED: ["TRUE", "FALSE"],
};
const PROPERTIES = [...VALUE_PROPERTIES, ...Object.keys(CHOICES), "API_AUTHENTICATION", "OAUTH_SCOPES"];

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
  const properties = parseSecretProperties(cursor, "after SET");
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

/** `NAME = value` pairs, in any order, each once; after SET also with commas between them, and a comment of NULL. */
function parseSecretProperties(cursor: Cursor, place?: "after SET"): SecretProperties {
  const properties = new Map<string, SqlValue | readonly SqlValue[] | null>();
  while (!cursor.atEnd) {
    if (place === "after SET" && properties.size > 0) cursor.takeSymbol(",");
    const property = PROPERTIES.find((name) => cursor.isWord(name));
    if (property === undefined || properties.has(property)) throw cursor.unexpected();
    cursor.expectAnyWord();
    cursor.expectSymbol("=");
    const isUnset = place === "after SET" && property === "COMMENT" && cursor.takeWord("NULL");
    properties.set(property, isUnset ? null : parsePropertyValue(cursor, property));
  }
  return properties;
}

function parsePropertyValue(cursor: Cursor, property: string): SqlValue | readonly SqlValue[] {
  const choices = CHOICES[property];
  if (choices !== undefined) return { kind: "literal", value: cursor.expectOneOf(choices) };
  if (property === "API_AUTHENTICATION") return { kind: "literal", value: parseIntegrationName(cursor) };
  if (property !== "OAUTH_SCOPES") return cursor.expectValue();
  cursor.expectSymbol("(");
  const scopes = [cursor.expectValue()];
  while (cursor.takeSymbol(",")) scopes.push(cursor.expectValue());
  cursor.expectSymbol(")");
  return scopes;
}

/** A name; written in quotes for a CLOUD_PROVIDER_TOKEN, where it is read like a name without them. */
function parseIntegrationName(cursor: Cursor): string {
  return cursor.current.kind === "string"
    ? readConnectionIdentifier(cursor.expectString())
    : cursor.expectIdentifier();
}
