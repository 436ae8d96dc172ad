import { LIMITS } from "../limits.js";
import { exceedsLimit } from "../sql-error.js";
import { Cursor } from "./cursor.js";
import { parseCreate } from "./parse-account-objects.js";
import { parseAlterExternalAccess, parseDescribeIntegration } from "./parse-external-access.js";
import { parseGrant, parseRevoke } from "./parse-grant.js";
import { parseAlterSecret, parseDescribeSecret, parseDropSecret } from "./parse-secret.js";
import { parseSelect } from "./parse-select.js";
import { parseShow } from "./parse-show.js";
import { parseAlterUser } from "./parse-user.js";
import type {
  AlterWarehouse,
  DropObject,
  ParsedStatement,
  Statement,
  Use,
  UseSecondaryRoles,
} from "./statements.js";
import { tokenize } from "./tokenizer.js";

/**
 * Parses a request's text into its statements, of which `;` ends each but the last.
 *
 * @param options.ignoreCase whether quoted names are upper-cased, too (QUOTED_IDENTIFIERS_IGNORE_CASE)
 *
 * @throws SqlError 001003 for what is no statement of this server's, an empty text included; 000002 for more than it
 * takes.
 */
export function parseStatements(
  sql: string,
  { ignoreCase = false }: { readonly ignoreCase?: boolean } = {},
): ParsedStatement[] {
  if (Buffer.byteLength(sql) > LIMITS.statementBytes) {
    throw exceedsLimit(`texts of ${LIMITS.statementBytes} bytes`);
  }
  const cursor = new Cursor(tokenize(sql), ignoreCase);
  const parsed: ParsedStatement[] = [];
  do {
    if (cursor.current.kind === "end" && parsed.length > 0) break;
    if (parsed.length === LIMITS.statementsPerRequest) {
      throw exceedsLimit(`${LIMITS.statementsPerRequest} statements in one request`);
    }
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
    if (cursor.takeWord("INTEGRATION")) return parseDescribeIntegration(cursor);
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

function parseAlter(cursor: Cursor): Statement {
  if (cursor.takeWord("SECRET")) return parseAlterSecret(cursor);
  if (cursor.takeWords("EXTERNAL", "ACCESS", "INTEGRATION")) return parseAlterExternalAccess(cursor);
  if (cursor.takeWord("WAREHOUSE")) return parseAlterWarehouse(cursor);
  if (cursor.takeWord("USER")) return parseAlterUser(cursor);
  cursor.expectWords("SESSION");
  const action = cursor.expectOneOf(["SET", "UNSET"]);
  const parameters = new Map<string, string | undefined>();
  do {
    const parameter = cursor.expectAnyWord();
    if (action === "SET") cursor.expectSymbol("=");
    parameters.set(parameter, action === "SET" ? parseParameterValue(cursor) : undefined);
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
  const type =
    cursor.takeWords("SECURITY", "INTEGRATION") || cursor.takeWord("INTEGRATION")
      ? "INTEGRATION"
      : cursor.expectOneOf(["DATABASE", "SCHEMA", "ROLE", "WAREHOUSE", "USER"]);
  const ifExists = cursor.takeWords("IF", "EXISTS");
  const dropped: DropObject = {
    kind: `DROP ${type}`,
    name: cursor.expectName(type === "SCHEMA" ? 2 : 1),
    ifExists,
  };
  if (!cursor.takeWord("CASCADE")) cursor.takeWord("RESTRICT");
  return dropped;
}

function parseUse(cursor: Cursor): Use | UseSecondaryRoles {
  if (cursor.takeWords("SECONDARY", "ROLES")) return parseSecondaryRoles(cursor);
  const type = (["ROLE", "WAREHOUSE", "SCHEMA", "DATABASE"] as const).find((word) => cursor.takeWord(word));
  if (type !== undefined) return { kind: "USE", type, name: cursor.expectName(type === "SCHEMA" ? 2 : 1) };
  const name = cursor.expectName(2);
  return { kind: "USE", type: name.length === 2 ? "SCHEMA" : "DATABASE", name };
}

function parseSecondaryRoles(cursor: Cursor): UseSecondaryRoles {
  const kind = "USE SECONDARY ROLES";
  if (cursor.takeWord("NONE")) return { kind, roles: "NONE" };
  // The one place where a reserved word stands for itself.
  if (cursor.takeWord("ALL")) return { kind, roles: "ALL" };
  const roles = [cursor.expectIdentifier()];
  while (cursor.takeSymbol(",")) roles.push(cursor.expectIdentifier());
  return { kind, roles };
}
