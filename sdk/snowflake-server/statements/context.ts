import type { Catalog } from "../catalog/catalog.js";
import type { Database, Schema, Securable } from "../catalog/objects.js";
import type { Authority } from "../catalog/privileges.js";
import { printName } from "../identifiers.js";
import type { ResultSet } from "../results.js";
import type { Session } from "../sessions.js";
import type { ObjectName, SqlValue } from "../sql/statements.js";
import { doesNotExist, invalidValue, noCurrent, SqlError } from "../sql-error.js";

/** One bind of a request, as the wire has it: a type, and its text, null, or an array of them. */
export interface Bind {
  readonly type: string;
  readonly value: string | null | readonly (string | null)[];
}

/** How this account is called. */
export interface AccountIdentity {
  readonly organizationName: string;
  readonly accountName: string;
  /** What `CURRENT_ACCOUNT()` says. */
  readonly locator: string;
  readonly region: string;
}

/** All that a statement may read and change. */
export interface StatementContext {
  readonly catalog: Catalog;
  readonly session: Session;
  readonly authority: Authority;
  /** By number, from 1. */
  readonly binds: ReadonlyMap<number, Bind>;
  readonly identity: AccountIdentity;
  readonly rowCap: number;
  /** The rows of an earlier query of the session's user. */
  readonly findResult: (queryId: string) => ResultSet | undefined;
}

/** The bind of that number. @throws SqlError 002049 where the request has none. */
export function getBind(context: StatementContext, number: number): Bind {
  const bind = context.binds.get(number);
  if (bind === undefined) {
    throw new SqlError("002049", "42601", "SQL compilation error:\nBind variable ? not set.");
  }
  return bind;
}

/** A text parameter's value. @throws SqlError 001008 for null, a number or an array; the value is not shown. */
export function textValue(context: StatementContext, value: SqlValue, parameter: string): string {
  if (value.kind === "literal") return value.value;
  const bind = getBind(context, value.number);
  if (bind.value === null) throw invalidValue("NULL", parameter);
  if (bind.type !== "TEXT" || typeof bind.value !== "string") throw invalidValue("?", parameter);
  return bind.value;
}

/** The schema that a name of one to three parts points into, and the object's own name. */
export function resolveSchema(
  context: StatementContext,
  name: ObjectName,
  operation: string,
): { readonly schema: Schema; readonly objectName: string } {
  const { databaseName, schemaName, objectName } = resolveName(context, name, operation);
  return { schema: context.authority.usableSchema(databaseName, schemaName), objectName };
}

/** The three parts of an object's name, the session's own where they are not written. */
function resolveName(
  { session }: StatementContext,
  name: ObjectName,
  operation: string,
): { readonly databaseName: string; readonly schemaName: string; readonly objectName: string } {
  const databaseName = name.length === 3 ? name[0] : session.database;
  if (databaseName === undefined) throw noCurrent("database", operation);
  const schemaName = name.length === 1 ? session.schema : name.at(-2);
  if (schemaName === undefined) throw noCurrent("schema", operation);
  return { databaseName, schemaName, objectName: name.at(-1) ?? "" };
}

/** The database and name that a schema's name of one or two parts points to. */
export function resolveDatabase(
  context: StatementContext,
  name: ObjectName,
  operation: string,
): { readonly database: Database; readonly schemaName: string } {
  const databaseName = name.length === 2 ? name[0] : context.session.database;
  if (databaseName === undefined) throw noCurrent("database", operation);
  return { database: context.authority.usableDatabase(databaseName), schemaName: name.at(-1) ?? "" };
}

/**
 * A visible object by its type and name. Whoever manages grants finds every object, without a privilege on it or on
 * what it lies in.
 *
 * @throws SqlError 002003
 */
export function findVisible(
  context: StatementContext,
  type: Securable["type"],
  name: ObjectName,
  operation: string,
): Securable {
  const { catalog } = context;
  const ownName = name.at(-1) ?? "";
  switch (type) {
    case "ACCOUNT":
      return catalog.account;
    case "SECRET": {
      const { databaseName, schemaName, objectName } = resolveName(context, name, operation);
      const schema = findSchema(context, databaseName, schemaName);
      return required(context, schema.secrets.get(objectName), "Secret", [
        databaseName,
        schemaName,
        objectName,
      ]);
    }
    case "SCHEMA": {
      const databaseName = name.length === 2 ? name[0] : context.session.database;
      if (databaseName === undefined) throw noCurrent("database", operation);
      const schema = findDatabase(context, databaseName).schemas.get(ownName);
      return required(context, schema, "Schema", [databaseName, ownName]);
    }
    case "DATABASE":
      return required(context, catalog.databases.get(ownName), "Database", name);
    case "WAREHOUSE":
      return required(context, catalog.warehouses.get(ownName), "Warehouse", name);
    case "INTEGRATION":
      return required(context, catalog.integrations.get(ownName), "Integration", name);
    case "USER":
      return required(context, catalog.users.get(ownName), "User", name);
    case "ROLE": {
      // Roles are visible to all: only their grants are not.
      const role = catalog.roles.get(ownName);
      if (role === undefined) throw doesNotExist("Role", printName(name));
      return role;
    }
  }
}

function findDatabase({ authority, catalog }: StatementContext, name: string): Database {
  const found = authority.managesGrants() ? catalog.databases.get(name) : undefined;
  return found ?? authority.usableDatabase(name);
}

function findSchema(context: StatementContext, databaseName: string, name: string): Schema {
  const found = context.authority.managesGrants()
    ? findDatabase(context, databaseName).schemas.get(name)
    : undefined;
  return found ?? context.authority.usableSchema(databaseName, name);
}

function required(
  { authority }: StatementContext,
  securable: Securable | undefined,
  label: string,
  name: ObjectName,
): Securable {
  const visible = securable !== undefined && (authority.sees(securable) || authority.managesGrants());
  if (!visible) throw doesNotExist(label, printName(name));
  return securable;
}
