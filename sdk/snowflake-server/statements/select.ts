import { activeSecondaryRoles, rolesOfUser } from "../catalog/privileges.js";
import { LIMITS } from "../limits.js";
import { type Cell, type Column, column, type ResultSet, weighRow } from "../results.js";
import type { Select, SelectItem, SelectSource, SqlValue } from "../sql/statements.js";
import { exceedsLimit, noActiveWarehouse, statementNotFound } from "../sql-error.js";
import { getBind, type StatementContext, textValue } from "./context.js";

/** The version that `CURRENT_VERSION()` says; any will do. */
const VERSION = "10.0.0";

/** A row of context functions, literals and binds; with a generator as many rows, from a warehouse; or a result. */
export function select(context: StatementContext, statement: Select): ResultSet {
  const { items, source } = statement;
  if (source?.from === "result") return earlierResult(context, source);
  const row = items.map((item) => evaluate(context, item));
  return {
    columns: selectColumns(context, statement),
    rows: source === undefined ? [row] : generate(context, source.rows, row),
  };
}

/** Its columns, without a look at what the expressions are; a bind that is not there yet is a text. */
export function selectColumns(context: StatementContext, { items, source }: Select): readonly Column[] {
  if (source?.from === "result") return earlierResult(context, source).columns;
  return items.map((item) => column(item.column, typeOf(context, item)));
}

function typeOf({ binds }: StatementContext, { expression }: SelectItem): Column["type"] {
  switch (expression.kind) {
    case "number":
      return "fixed";
    case "boolean":
      return "boolean";
    case "bind":
      return binds.get(expression.number)?.type === "FIXED" ? "fixed" : "text";
    case "function":
      return expression.name === "IS_ROLE_IN_SESSION" ? "boolean" : "text";
    default:
      return "text";
  }
}

/** RESULT_SCAN: of a query of this user, in any of the user's sessions. @throws SqlError 000709 */
function earlierResult(
  context: StatementContext,
  { queryId }: Extract<SelectSource, { from: "result" }>,
): ResultSet {
  const { session } = context;
  const id = queryId === "last" ? (session.lastQueryId ?? "") : textValue(context, queryId, "RESULT_SCAN");
  const found = context.findResult(id);
  if (found === undefined) throw statementNotFound(id);
  return found;
}

function generate(context: StatementContext, rows: number, row: readonly Cell[]): (readonly Cell[])[] {
  requireWarehouse(context);
  if (rows > LIMITS.generatedRows) throw exceedsLimit(`${LIMITS.generatedRows} generated rows`);
  if (rows * weighRow(row) > LIMITS.resultCharacters)
    throw exceedsLimit(`${LIMITS.resultCharacters} characters in a result`);
  return Array.from({ length: rows }, () => row);
}

/** Resumes a suspended warehouse if that is how it is set. @throws SqlError 000606 */
function requireWarehouse({ catalog, session, authority }: StatementContext): void {
  const warehouse = session.warehouse === undefined ? undefined : catalog.warehouses.get(session.warehouse);
  if (warehouse === undefined || !authority.holds(warehouse, "USAGE")) throw noActiveWarehouse();
  if (warehouse.state === "SUSPENDED") {
    if (!warehouse.autoResume) throw noActiveWarehouse();
    warehouse.state = "STARTED";
  }
}

function evaluate(context: StatementContext, { expression }: SelectItem): Cell {
  switch (expression.kind) {
    case "number":
    case "text":
      return expression.value;
    case "boolean":
      return yesOrNo(expression.value);
    case "null":
      return null;
    case "bind": {
      const { value } = getBind(context, expression.number);
      return typeof value === "string" || value === null ? value : JSON.stringify(value);
    }
    case "function":
      return expression.name === "IS_ROLE_IN_SESSION"
        ? isRoleInSession(context, expression.argument)
        : readContext(context, expression.name);
  }
}

function isRoleInSession(context: StatementContext, argument: SqlValue | undefined): Cell {
  const role = argument === undefined ? "" : textValue(context, argument, "IS_ROLE_IN_SESSION");
  return yesOrNo(context.authority.roles.has(role));
}

function yesOrNo(condition: boolean): Cell {
  return condition ? "1" : "0";
}

function readContext({ catalog, session, identity }: StatementContext, functionName: string): Cell {
  const database = session.database === undefined ? undefined : catalog.databases.get(session.database);
  switch (functionName) {
    case "CURRENT_ACCOUNT":
      return identity.locator;
    case "CURRENT_ACCOUNT_NAME":
      return identity.accountName;
    case "CURRENT_ORGANIZATION_NAME":
      return identity.organizationName;
    case "CURRENT_REGION":
      return identity.region;
    case "CURRENT_USER":
      return session.user;
    case "CURRENT_ROLE":
      return session.role;
    case "CURRENT_AVAILABLE_ROLES":
      return JSON.stringify([...rolesOfUser(catalog, session.user)].sort());
    case "CURRENT_SECONDARY_ROLES": {
      const { secondaryRoles } = session;
      const value = typeof secondaryRoles === "string" ? secondaryRoles : secondaryRoles.join(",");
      return JSON.stringify({ roles: activeSecondaryRoles(catalog, session).join(","), value });
    }
    case "LAST_QUERY_ID":
      return session.lastQueryId ?? null;
    case "CURRENT_DATABASE":
      return database?.name ?? null;
    case "CURRENT_SCHEMA":
      return (session.schema === undefined ? undefined : database?.schemas.get(session.schema))?.name ?? null;
    case "CURRENT_WAREHOUSE":
      return (
        (session.warehouse === undefined ? undefined : catalog.warehouses.get(session.warehouse))?.name ??
        null
      );
    case "CURRENT_IP_ADDRESS":
      return session.clientAddress;
    case "CURRENT_SESSION":
      return String(session.id);
    case "CURRENT_VERSION":
      return VERSION;
    default:
      throw new Error(`The parser knows the function ${functionName}, and this file does not.`);
  }
}
