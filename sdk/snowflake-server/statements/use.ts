import { rolesOfUser } from "../catalog/privileges.js";
import { printName } from "../identifiers.js";
import { type ResultSet, statusResult } from "../results.js";
import type { Use, UseSecondaryRoles } from "../sql/statements.js";
import { doesNotExist, noCurrent, objectDoesNotExist, SqlError } from "../sql-error.js";
import type { StatementContext } from "./context.js";

/** USE: changes what the session works with. A database brings its PUBLIC schema along. */
export function use(context: StatementContext, statement: Use): ResultSet {
  const { catalog, session, authority } = context;
  const name = statement.name.at(-1) ?? "";
  switch (statement.type) {
    case "ROLE":
      requireRoleOfUser(context, name);
      session.role = name;
      break;
    case "WAREHOUSE": {
      const warehouse = catalog.warehouses.get(name);
      if (warehouse === undefined || !authority.holds(warehouse, "USAGE")) throw objectDoesNotExist();
      session.warehouse = name;
      break;
    }
    case "DATABASE": {
      const database = catalog.databases.get(name);
      if (database === undefined || !authority.canUse(database)) throw objectDoesNotExist();
      const publicSchema = database.schemas.get("PUBLIC");
      session.database = name;
      session.schema = publicSchema !== undefined && authority.canUse(publicSchema) ? "PUBLIC" : undefined;
      break;
    }
    case "SCHEMA": {
      const databaseName = statement.name.length === 2 ? statement.name[0] : session.database;
      if (databaseName === undefined) throw noCurrent("database", "USE SCHEMA");
      const database = catalog.databases.get(databaseName);
      const schema = database?.schemas.get(name);
      if (database === undefined || schema === undefined) throw objectDoesNotExist();
      if (!authority.canUse(database) || !authority.canUse(schema)) throw objectDoesNotExist();
      session.database = databaseName;
      session.schema = name;
      break;
    }
  }
  return statusResult("Statement executed successfully.");
}

/** USE SECONDARY ROLES: each that is named must be the user's. */
export function useSecondaryRoles(context: StatementContext, { roles }: UseSecondaryRoles): ResultSet {
  if (typeof roles !== "string") for (const role of roles) requireRoleOfUser(context, role);
  context.session.secondaryRoles = roles;
  return statusResult("Statement executed successfully.");
}

function requireRoleOfUser({ catalog, session }: StatementContext, name: string): void {
  if (!catalog.roles.has(name)) throw doesNotExist("Role", printName([name]));
  if (rolesOfUser(catalog, session.user).has(name)) return;
  throw new SqlError(
    "003013",
    "42501",
    `SQL access control error:\nRequested role '${name}' is not assigned to the executing user. ` +
      "Specify another role to activate.",
  );
}
