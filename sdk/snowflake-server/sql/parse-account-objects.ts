import type { Cursor } from "./cursor.js";
import { parseCreateSecret } from "./parse-secret.js";
import { parseCreateUser } from "./parse-user.js";
import type { CreateObject, Statement } from "./statements.js";

type PlainType = "DATABASE" | "SCHEMA" | "ROLE" | "WAREHOUSE" | "INTEGRATION";

/** After `CREATE`. */
export function parseCreate(cursor: Cursor): Statement {
  const orReplace = cursor.takeWords("OR", "REPLACE");
  if (cursor.takeWord("SECRET")) return parseCreateSecret(cursor, orReplace);
  if (cursor.takeWord("USER")) {
    const { ifNotExists } = parseExistence(cursor, orReplace);
    return { orReplace, ifNotExists, ...parseCreateUser(cursor) };
  }
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
