import type { Cursor } from "./cursor.js";
import { parseCreateExternalAccess, parseCreateNetworkRule } from "./parse-external-access.js";
import { parseCreateSecret } from "./parse-secret.js";
import { parseCreateUser } from "./parse-user.js";
import type { CreateObject, Statement } from "./statements.js";

type PlainType = "DATABASE" | "SCHEMA" | "ROLE" | "WAREHOUSE" | "INTEGRATION";

/** After `CREATE`. */
export function parseCreate(cursor: Cursor): Statement {
  const orReplace = cursor.takeWords("OR", "REPLACE");
  if (cursor.takeWord("SECRET")) return parseCreateSecret(cursor, orReplace);
  if (cursor.takeWords("EXTERNAL", "ACCESS", "INTEGRATION"))
    return parseCreateExternalAccess(cursor, orReplace);
  if (cursor.takeWords("NETWORK", "RULE")) return parseCreateNetworkRule(cursor, orReplace);
  if (cursor.takeWord("USER")) {
    const { ifNotExists } = parseExistence(cursor, orReplace);
    return { orReplace, ifNotExists, ...parseCreateUser(cursor) };
  }
  const type: PlainType = cursor.takeWords("SECURITY", "INTEGRATION")
    ? "INTEGRATION"
    : cursor.expectOneOf(["DATABASE", "SCHEMA", "ROLE", "WAREHOUSE"]);
  const { ifNotExists } = parseExistence(cursor, orReplace);
  const name = cursor.expectName(type === "SCHEMA" ? 2 : 1);
  const integration = type === "INTEGRATION" ? { integration: parseIntegration(cursor) } : {};
  const options = parseOptions(cursor, type);
  return { kind: `CREATE ${type}`, name, orReplace, ifNotExists, ...integration, ...options };
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

/** `TYPE = …` and what else an integration says, up to its comment. */
function parseIntegration(cursor: Cursor): ReadonlyMap<string, readonly string[]> {
  cursor.expectWords("TYPE");
  cursor.expectSymbol("=");
  const options = new Map<string, readonly string[]>([
    ["TYPE", [cursor.expectOneOf(["API_AUTHENTICATION", "EXTERNAL_OAUTH", "SAML2"])]],
  ]);
  while (!cursor.atEnd && !cursor.isWord("COMMENT")) {
    const option = cursor.expectAnyWord();
    cursor.expectSymbol("=");
    options.set(option, parseIntegrationValue(cursor));
  }
  return options;
}

function parseIntegrationValue(cursor: Cursor): readonly string[] {
  if (!cursor.takeSymbol("(")) {
    const number = cursor.takeNumber();
    return [number ?? expectWordOrText(cursor)];
  }
  const texts: string[] = [];
  while (!cursor.takeSymbol(")")) {
    texts.push(cursor.expectString());
    cursor.takeSymbol(",");
  }
  return texts;
}

function expectWordOrText(cursor: Cursor): string {
  return cursor.current.kind === "string" ? cursor.expectString() : cursor.expectAnyWord();
}
