import { rolesOfUser } from "../catalog/privileges.js";
import { type Cell, type Column, column, type ResultSet, selectResult } from "../results.js";
import type { Select, SelectItem } from "../sql/statements.js";
import { noActiveWarehouse } from "../sql-error.js";
import { getBind, type StatementContext, textValue } from "./context.js";

/** The version that `CURRENT_VERSION()` says; any will do. */
const VERSION = "10.0.0";

/** A row of context functions, literals and binds; with a generator, as many rows, from a warehouse. */
export function select(context: StatementContext, { items, generatedRows }: Select): ResultSet {
  if (generatedRows !== undefined) requireWarehouse(context);
  const cells = items.map((item) => evaluate(context, item));
  const row = cells.map(({ cell }) => cell);
  return selectResult(
    cells.map((cell) => cell.column),
    Array.from({ length: generatedRows ?? 1 }, () => row),
  );
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

function evaluate(
  context: StatementContext,
  item: SelectItem,
): { readonly column: Column; readonly cell: Cell } {
  const { expression } = item;
  switch (expression.kind) {
    case "number":
      return { column: column(item.column, "fixed"), cell: expression.value };
    case "text":
      return { column: column(item.column), cell: expression.value };
    case "boolean":
      return { column: column(item.column, "boolean"), cell: expression.value ? "1" : "0" };
    case "null":
      return { column: column(item.column), cell: null };
    case "bind": {
      const { type, value } = getBind(context, expression.number);
      const single = typeof value === "string" || value === null ? value : JSON.stringify(value);
      return { column: column(item.column, type === "FIXED" ? "fixed" : "text"), cell: single };
    }
    case "function":
      return callFunction(context, item.column, expression);
  }
}

function callFunction(
  context: StatementContext,
  name: string,
  call: Extract<SelectItem["expression"], { kind: "function" }>,
): { readonly column: Column; readonly cell: Cell } {
  if (call.name === "IS_ROLE_IN_SESSION") {
    const role = call.argument === undefined ? "" : textValue(context, call.argument, call.name);
    return { column: column(name, "boolean"), cell: context.authority.roles.has(role) ? "1" : "0" };
  }
  return { column: column(name), cell: readContext(context, call.name) };
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
