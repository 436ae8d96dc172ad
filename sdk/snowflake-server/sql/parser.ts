import { Cursor } from "./cursor.js";
import { parseGrant, parseRevoke } from "./parse-grant.js";
import { parseAlterSecret, parseCreateSecret, parseDescribeSecret, parseDropSecret } from "./parse-secret.js";
import { parseSelect } from "./parse-select.js";
import { parseShow } from "./parse-show.js";
import type {
  AlterWarehouse,
  CreateObject,
  DropObject,
  ParsedStatement,
  Statement,
  Use,
} from "./statements.js";
import { tokenize } from "./tokenizer.js";

/**
 * Parses a request's text into its statements, of which `;` ends each but the last.
 *
 * @throws SqlError 001003 for anything outside this server's language, an empty text included.
 */
export function parseStatements(sql: string): ParsedStatement[] {
  const cursor = new Cursor(tokenize(sql));
  const parsed: ParsedStatement[] = [];
  do {
    if (cursor.current.kind === "end" && parsed.length > 0) break;
    const start = cursor.current.start;
    const bindsBefore = cursor.bindCount;
    const statement = parseStatement(cursor, sql);
    if (!cursor.atEnd) throw cursor.unexpected();
    parsed.push({
      statement,
      text: sql.slice(start, cursor.previous.end),
      bindCount: cursor.bindCount - bindsBefore,
    });
  } while (cursor.takeSymbol(";"));
  return parsed;
}

function parseStatement(cursor: Cursor, sql: string): Statement {
  if (cursor.takeWord("SELECT")) return parseSelect(cursor, sql);
  if (cursor.takeWord("SHOW")) return parseShow(cursor);
  if (cursor.takeWord("CREATE")) return parseCreate(cursor);
  if (cursor.takeWord("ALTER")) return parseAlter(cursor);
  if (cursor.takeWord("DROP")) return parseDrop(cursor);
  if (cursor.takeWord("DESCRIBE") || cursor.takeWord("DESC")) {
    cursor.expectWords("SECRET");
    return parseDescribeSecret(cursor);
  }
  if (cursor.takeWord("USE")) return parseUse(cursor);
  if (cursor.takeWord("GRANT")) return parseGrant(cursor);
  if (cursor.takeWord("REVOKE")) return parseRevoke(cursor);
  if (cursor.takeWord("BEGIN")) {
    cursor.takeWord("TRANSACTION");
    return { kind: "BEGIN" };
  }
  if (cursor.takeWord("COMMIT")) return { kind: "COMMIT" };
  if (cursor.takeWord("ROLLBACK")) return { kind: "ROLLBACK" };
  throw cursor.unexpected();
}

function parseCreate(cursor: Cursor): Statement {
  const orReplace = cursor.takeWords("OR", "REPLACE");
  if (cursor.takeWord("SECRET")) return parseCreateSecret(cursor, orReplace);
  const type = cursor.expectOneOf(["DATABASE", "SCHEMA", "ROLE", "WAREHOUSE"]);
  const ifNotExists = cursor.takeWords("IF", "NOT", "EXISTS");
  if (ifNotExists && orReplace) throw cursor.unexpected();
  const name = cursor.expectName(type === "SCHEMA" ? 2 : 1);
  return { kind: `CREATE ${type}`, name, orReplace, ifNotExists, ...parseCreateOptions(cursor, type) };
}

function parseCreateOptions(
  cursor: Cursor,
  type: "DATABASE" | "SCHEMA" | "ROLE" | "WAREHOUSE",
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
    else if (option === "WAREHOUSE_SIZE") cursor.expectAnyWord();
    else if (option === "AUTO_RESUME") autoResume = cursor.expectOneOf(["TRUE", "FALSE"]) === "TRUE";
    else initiallySuspended = cursor.expectOneOf(["TRUE", "FALSE"]) === "TRUE";
  }
  return { comment, initiallySuspended, autoResume };
}

function parseAlter(cursor: Cursor): Statement {
  if (cursor.takeWord("SECRET")) return parseAlterSecret(cursor);
  if (cursor.takeWord("WAREHOUSE")) return parseAlterWarehouse(cursor);
  cursor.expectWords("SESSION", "SET");
  const parameters = new Map<string, string>();
  do {
    const parameter = cursor.expectAnyWord();
    cursor.expectSymbol("=");
    parameters.set(parameter, parseParameterValue(cursor));
    cursor.takeSymbol(",");
  } while (!cursor.atEnd);
  return { kind: "ALTER SESSION", parameters };
}

function parseParameterValue(cursor: Cursor): string {
  if (cursor.current.kind === "string") return cursor.expectString();
  return cursor.takeNumber() ?? cursor.expectAnyWord();
}

function parseAlterWarehouse(cursor: Cursor): AlterWarehouse {
  const name = cursor.expectName(1);
  if (cursor.takeWord("SUSPEND")) {
    return { kind: "ALTER WAREHOUSE", name, action: "suspend", ifSuspended: false };
  }
  cursor.expectWords("RESUME");
  return {
    kind: "ALTER WAREHOUSE",
    name,
    action: "resume",
    ifSuspended: cursor.takeWords("IF", "SUSPENDED"),
  };
}

function parseDrop(cursor: Cursor): Statement {
  if (cursor.takeWord("SECRET")) return parseDropSecret(cursor);
  const type = cursor.expectOneOf(["DATABASE", "SCHEMA", "ROLE", "WAREHOUSE"]);
  const ifExists = cursor.takeWords("IF", "EXISTS");
  const dropped: DropObject = {
    kind: `DROP ${type}`,
    name: cursor.expectName(type === "SCHEMA" ? 2 : 1),
    ifExists,
  };
  if (!cursor.takeWord("CASCADE")) cursor.takeWord("RESTRICT");
  return dropped;
}

function parseUse(cursor: Cursor): Use {
  const type = (["ROLE", "WAREHOUSE", "SCHEMA", "DATABASE"] as const).find((word) => cursor.takeWord(word));
  if (type !== undefined) return { kind: "USE", type, name: cursor.expectName(type === "SCHEMA" ? 2 : 1) };
  const name = cursor.expectName(2);
  return { kind: "USE", type: name.length === 2 ? "SCHEMA" : "DATABASE", name };
}
