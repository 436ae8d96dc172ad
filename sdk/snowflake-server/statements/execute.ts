import { type ResultSet, statusResult } from "../results.js";
import type { Statement } from "../sql/statements.js";
import { alterWarehouse, createObject, dropObject } from "./account-objects.js";
import type { StatementContext } from "./context.js";
import { grant, revoke, showGrants } from "./grants.js";
import { setParameter } from "./parameters.js";
import { alterSecret, createSecret, describeSecret, dropSecret } from "./secrets.js";
import { select } from "./select.js";
import { showObjects } from "./show.js";
import { use } from "./use.js";

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
    case "SHOW SECRETS":
    case "SHOW DATABASES":
    case "SHOW SCHEMAS":
    case "SHOW WAREHOUSES":
    case "SHOW ROLES":
      return showObjects(context, statement);
    case "SHOW GRANTS":
      return showGrants(context, statement);
    case "SELECT":
      return select(context, statement);
    case "USE":
      return use(context, statement);
    case "CREATE DATABASE":
    case "CREATE SCHEMA":
    case "CREATE ROLE":
    case "CREATE WAREHOUSE":
      return createObject(context, statement);
    case "DROP DATABASE":
    case "DROP SCHEMA":
    case "DROP ROLE":
    case "DROP WAREHOUSE":
      return dropObject(context, statement);
    case "ALTER WAREHOUSE":
      return alterWarehouse(context, statement);
    case "GRANT":
      return grant(context, statement);
    case "REVOKE":
      return revoke(context, statement);
    case "ALTER SESSION":
      for (const [name, value] of statement.parameters) setParameter(context.session.parameters, name, value);
      return statusResult("Statement executed successfully.");
    case "BEGIN":
    case "COMMIT":
    case "ROLLBACK":
      return statusResult("Statement executed successfully.");
  }
}
