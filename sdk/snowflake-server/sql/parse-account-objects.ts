import type { Cursor } from "./cursor.js";
import { parseCreateSecret } from "./parse-secret.js";
import type { CreateObject, CreateUser, Statement } from "./statements.js";

type PlainType = "DATABASE" | "SCHEMA" | "ROLE" | "WAREHOUSE" | "INTEGRATION";

/** A user's properties that this server takes, and the words that each may be; none for a text. */
const USER_PROPERTIES: Readonly<Record<string, readonly string[] | "text" | "name">> = {
  PASSWORD: "text",
  RSA_PUBLIC_KEY: "text",
  COMMENT: "text",
  DEFAULT_ROLE: "name",
  DEFAULT_WAREHOUSE: "name",
  TYPE: ["PERSON", "SERVICE"],
  DISABLED: ["TRUE", "FALSE"],
};

/** After `CREATE`. */
export function parseCreate(cursor: Cursor): Statement {
  const orReplace = cursor.takeWords("OR", "REPLACE");
  if (cursor.takeWord("SECRET")) return parseCreateSecret(cursor, orReplace);
  if (cursor.takeWord("USER")) return parseCreateUser(cursor, orReplace);
  const type: PlainType = cursor.takeWords("SECURITY", "INTEGRATION")
    ? "INTEGRATION"
    : cursor.expectOneOf(["DATABASE", "SCHEMA", "ROLE", "WAREHOUSE"]);
  const { ifNotExists } = parseExistence(cursor, orReplace);
  const name = cursor.expectName(type === "SCHEMA" ? 2 : 1);
  if (type === "INTEGRATION") expectIntegrationOptions(cursor);
  return { kind: `CREATE ${type}`, name, orReplace, ifNotExists, ...parseOptions(cursor, type) };
}

/** Snowflake refuses both together; there is no telling which is meant. */
function parseExistence(cursor: Cursor, orReplace: boolean): { readonly ifNotExists: boolean } {
  const ifNotExists = cursor.takeWords("IF", "NOT", "EXISTS");
  if (ifNotExists && orReplace) throw cursor.unexpected();
  return { ifNotExists };
}

function parseOptions(
  cursor: Cursor,
  type: PlainType,
): Pick<CreateObject, "comment" | "initiallySuspended" | "autoResume"> {
  let comment: string | undefined;
  let initiallySuspended = false;
  let autoResume = true;
  if (type === "WAREHOUSE") cursor.takeWord("WITH");
  while (!cursor.atEnd) {
    const option = cursor.expectOneOf(
      type === "WAREHOUSE"
        ? ["COMMENT", "INITIALLY_SUSPENDED", "AUTO_RESUME", "WAREHOUSE_SIZE"]
        : ["COMMENT"],
    );
    cursor.expectSymbol("=");
    if (option === "COMMENT") comment = cursor.expectString();
    else if (option === "WAREHOUSE_SIZE") expectWordOrText(cursor);
    else if (option === "AUTO_RESUME") autoResume = cursor.expectOneOf(["TRUE", "FALSE"]) === "TRUE";
    else initiallySuspended = cursor.expectOneOf(["TRUE", "FALSE"]) === "TRUE";
  }
  return { comment, initiallySuspended, autoResume };
}

/** What an integration that a secret names must say; nothing of it is used. */
function expectIntegrationOptions(cursor: Cursor): void {
  cursor.expectWords("TYPE");
  cursor.expectSymbol("=");
  cursor.expectWords("API_AUTHENTICATION");
  while (!cursor.atEnd && !cursor.isWord("COMMENT")) {
    cursor.expectAnyWord();
    cursor.expectSymbol("=");
    if (cursor.takeSymbol("(")) {
      while (!cursor.takeSymbol(")")) {
        cursor.expectString();
        cursor.takeSymbol(",");
      }
    } else if (cursor.takeNumber() === undefined) {
      expectWordOrText(cursor);
    }
  }
}

function expectWordOrText(cursor: Cursor): void {
  if (cursor.current.kind === "string") cursor.expectString();
  else cursor.expectAnyWord();
}

/** After `CREATE [OR REPLACE] USER`. */
function parseCreateUser(cursor: Cursor, orReplace: boolean): CreateUser {
  const { ifNotExists } = parseExistence(cursor, orReplace);
  const name = cursor.expectName(1);
  const properties = new Map<string, string>();
  while (!cursor.atEnd) {
    if (cursor.takeWord("DEFAULT_SECONDARY_ROLES")) {
      properties.set("DEFAULT_SECONDARY_ROLES", parseSecondaryRoles(cursor));
      continue;
    }
    const property = cursor.expectOneOf(Object.keys(USER_PROPERTIES));
    cursor.expectSymbol("=");
    properties.set(property, parseUserProperty(cursor, USER_PROPERTIES[property] ?? "text"));
  }
  return { kind: "CREATE USER", name, orReplace, ifNotExists, properties };
}

function parseUserProperty(cursor: Cursor, takes: readonly string[] | "text" | "name"): string {
  if (takes === "text") return cursor.expectString();
  if (takes === "name") {
    return cursor.current.kind === "string" ? cursor.expectString().toUpperCase() : cursor.expectIdentifier();
  }
  return cursor.expectOneOf(takes);
}

/** `('ALL')` or `()`. */
function parseSecondaryRoles(cursor: Cursor): "ALL" | "NONE" {
  cursor.expectSymbol("=");
  cursor.expectSymbol("(");
  if (cursor.takeSymbol(")")) return "NONE";
  if (cursor.current.text.toUpperCase() !== "ALL") throw cursor.unexpected();
  cursor.expectString();
  cursor.expectSymbol(")");
  return "ALL";
}
