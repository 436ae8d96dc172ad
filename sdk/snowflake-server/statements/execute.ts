import { type Column, type ResultSet, STATUS_COLUMNS, statusResult } from "../results.js";
import type { Statement } from "../sql/statements.js";
import { alterWarehouse, createObject, dropObject } from "./account-objects.js";
import type { StatementContext } from "./context.js";
import {
  alterExternalAccess,
  createExternalAccess,
  createNetworkRule,
  describeIntegration,
  INTEGRATION_DESCRIPTION,
} from "./external-access.js";
import { FUTURE_GRANT_COLUMNS, grant, grantColumns, revoke, showFutureGrants, showGrants } from "./grants.js";
import { alterSecret, createSecret, describeSecret, dropSecret, SECRET_DESCRIPTION } from "./secrets.js";
import { select, selectColumns } from "./select.js";
import { showColumns, showObjects } from "./show.js";
import { parameterColumns, showParameters } from "./show-parameters.js";
import { use, useSecondaryRoles } from "./use.js";
import { alterUser, createUser } from "./users.js";

/** Applies one statement, at once and as a whole. @throws SqlError where Snowflake would refuse it. */
export function execute(context: StatementContext, statement: Statement): ResultSet {
  switch (statement.kind) {
    case "CREATE SECRET":
      return createSecret(context, statement);
    case "ALTER SECRET":
      return alterSecret(context, statement);
    case "DROP SECRET":
      return dropSecret(context, statement);
    case "DESCRIBE SECRET":
      return describeSecret(context, statement);
    case "CREATE EXTERNAL ACCESS INTEGRATION":
      return createExternalAccess(context, statement);
    case "ALTER EXTERNAL ACCESS INTEGRATION":
      return alterExternalAccess(context, statement);
    case "DESCRIBE INTEGRATION":
      return describeIntegration(context, statement);
    case "CREATE NETWORK RULE":
      return createNetworkRule(context, statement);
    case "SHOW SECRETS":
    case "SHOW DATABASES":
    case "SHOW SCHEMAS":
    case "SHOW WAREHOUSES":
    case "SHOW ROLES":
      return showObjects(context, statement);
    case "SHOW PARAMETERS":
      return showParameters(context, statement);
    case "SHOW GRANTS":
      return showGrants(context, statement);
    case "SHOW FUTURE GRANTS":
      return showFutureGrants(context, statement);
    case "SELECT":
      return select(context, statement);
    case "USE":
      return use(context, statement);
    case "USE SECONDARY ROLES":
      return useSecondaryRoles(context, statement);
    case "CREATE USER":
      return createUser(context, statement);
    case "ALTER USER":
      return alterUser(context, statement);
    case "CREATE DATABASE":
    case "CREATE SCHEMA":
    case "CREATE ROLE":
    case "CREATE WAREHOUSE":
    case "CREATE INTEGRATION":
      return createObject(context, statement);
    case "DROP DATABASE":
    case "DROP SCHEMA":
    case "DROP ROLE":
    case "DROP WAREHOUSE":
    case "DROP USER":
    case "DROP INTEGRATION":
      return dropObject(context, statement);
    case "ALTER WAREHOUSE":
      return alterWarehouse(context, statement);
    case "GRANT":
      return grant(context, statement);
    case "REVOKE":
      return revoke(context, statement);
    case "ALTER SESSION":
      for (const [name, value] of statement.parameters) {
        if (value === undefined) context.session.parameters.unset(name);
        else context.session.parameters.set(name, value);
      }
      return statusResult("Statement executed successfully.");
    case "BEGIN":
    case "COMMIT":
    case "ROLLBACK":
      return statusResult("Statement executed successfully.");
  }
}

/** The columns that a statement would answer with, without applying it. */
export function describe(context: StatementContext, statement: Statement): readonly Column[] {
  switch (statement.kind) {
    case "SELECT":
      return selectColumns(context, statement);
    case "DESCRIBE SECRET":
      return SECRET_DESCRIPTION;
    case "DESCRIBE INTEGRATION":
      return INTEGRATION_DESCRIPTION;
    case "SHOW SECRETS":
    case "SHOW DATABASES":
    case "SHOW SCHEMAS":
    case "SHOW WAREHOUSES":
    case "SHOW ROLES":
      return showColumns(statement.kind);
    case "SHOW PARAMETERS":
      return parameterColumns();
    case "SHOW GRANTS":
      return grantColumns(statement);
    case "SHOW FUTURE GRANTS":
      return FUTURE_GRANT_COLUMNS;
    default:
      return STATUS_COLUMNS;
  }
}

/** The number by which drivers tell the kind of a statement: JDBC sees rows only of a SELECT, SHOW or DESCRIBE. */
export function statementTypeId({ kind }: Statement): number {
  if (kind === "SELECT") return 0x1000;
  if (kind === "ALTER SESSION") return 0x4100;
  if (kind.startsWith("USE")) return 0x4300;
  if (kind.startsWith("SHOW")) return 0x4400;
  if (kind.startsWith("DESCRIBE")) return 0x4500;
  if (kind === "BEGIN" || kind === "COMMIT" || kind === "ROLLBACK") return 0x5000;
  return 0x6000;
}

/** Of a request with several statements. */
export const SEVERAL_STATEMENTS_TYPE_ID = 0xa000;
