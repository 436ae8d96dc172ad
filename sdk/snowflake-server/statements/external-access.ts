import type { Integration, Schema, Secret } from "../catalog/objects.js";
import { printName } from "../identifiers.js";
import { type Column, column, type ResultSet, statusResult } from "../results.js";
import type {
  AlterExternalAccess,
  CreateExternalAccess,
  CreateNetworkRule,
  DescribeIntegration,
  NameList,
  ObjectName,
} from "../sql/statements.js";
import { alreadyExists, doesNotExist, unsupported } from "../sql-error.js";
import { isToBeCreated, locate } from "./account-objects.js";
import { findVisible, resolveSchema, type StatementContext } from "./context.js";

/** CREATE NETWORK RULE, of which only the name is used. @throws SqlError 002002, 002003, 003001 */
export function createNetworkRule(context: StatementContext, statement: CreateNetworkRule): ResultSet {
  const { schema, objectName } = resolveSchema(context, statement.name, statement.kind);
  context.authority.requireCreate(schema, "CREATE NETWORK RULE");
  if (schema.networkRules.has(objectName) && !statement.orReplace) {
    throw alreadyExists(printName([schema.database, schema.name, objectName]));
  }
  schema.networkRules.add(objectName);
  return statusResult(`Network rule ${objectName} successfully created.`);
}

/** CREATE EXTERNAL ACCESS INTEGRATION, of which each name must be one of an object. @throws SqlError 002002, 002003, 003001 */
export function createExternalAccess(context: StatementContext, statement: CreateExternalAccess): ResultSet {
  const place = locate(context, "INTEGRATION", statement);
  const { properties } = statement;
  if (!isToBeCreated(context, "INTEGRATION", place, statement)) {
    return statusResult(`${place.name} already exists, statement succeeded.`);
  }
  const lists = resolveLists(context, properties.lists);
  const externalAccess = { lists, isEnabled: properties.enabled ?? true };
  const { comment } = properties;
  context.catalog.addIntegration(place.name, context.session.role, { comment, externalAccess });
  return statusResult(`Integration ${place.name} successfully created.`);
}

/** ALTER EXTERNAL ACCESS INTEGRATION. A list is set as a whole. @throws SqlError 002003, 003001 */
export function alterExternalAccess(context: StatementContext, statement: AlterExternalAccess): ResultSet {
  const done = statusResult("Statement executed successfully.");
  const { existing } = locate(context, "INTEGRATION", statement);
  if (existing === undefined && statement.ifExists) return done;
  const integration = findExternalAccess(context, statement.name, statement.kind);
  context.authority.requireOwnership(integration);
  const { externalAccess } = integration;
  if (statement.change.action === "unset") {
    externalAccess.lists.delete(statement.change.property);
    if (statement.change.property === "COMMENT") integration.comment = undefined;
    return done;
  }
  const { lists, enabled, comment } = statement.change.properties;
  for (const [name, list] of resolveLists(context, lists)) externalAccess.lists.set(name, list);
  externalAccess.isEnabled = enabled ?? externalAccess.isEnabled;
  integration.comment = comment ?? integration.comment;
  return done;
}

/** The columns of DESCRIBE INTEGRATION. */
export const INTEGRATION_DESCRIPTION: readonly Column[] = [
  "property",
  "property_type",
  "property_value",
  "property_default",
].map((name) => column(name));

/** DESCRIBE INTEGRATION. A dropped secret stays in its list. @throws SqlError 002003 */
export function describeIntegration(context: StatementContext, statement: DescribeIntegration): ResultSet {
  const { comment, externalAccess } = findExternalAccess(context, statement.name, statement.kind);
  const lists = [...externalAccess.lists].map(([name, list]) => [name, "List", `[${list.join(",")}]`, "[]"]);
  const rows = [
    ["ENABLED", "Boolean", String(externalAccess.isEnabled), "false"],
    ...lists,
    ["COMMENT", "String", comment ?? null, null],
  ] as const;
  return { columns: INTEGRATION_DESCRIPTION, rows };
}

type ExternalAccessIntegration = Integration & {
  readonly externalAccess: NonNullable<Integration["externalAccess"]>;
};

function findExternalAccess(
  context: StatementContext,
  name: ObjectName,
  operation: string,
): ExternalAccessIntegration {
  const integration = findVisible(context, "INTEGRATION", name, operation) as Integration;
  const { externalAccess } = integration;
  if (externalAccess === undefined) throw unsupported(`${operation} of another type`);
  return integration as ExternalAccessIntegration;
}

/** The lists with the exact names of what is there and the role may see. */
function resolveLists(
  context: StatementContext,
  lists: ReadonlyMap<string, NameList>,
): Map<string, readonly string[]> {
  const resolve = (property: string, name: ObjectName): string => {
    if (property === "ALLOWED_API_AUTHENTICATION_INTEGRATIONS") {
      return findVisible(context, "INTEGRATION", name, property).name;
    }
    if (property === "ALLOWED_AUTHENTICATION_SECRETS") {
      const { database, schema, name: own } = findVisible(context, "SECRET", name, property) as Secret;
      return printName([database, schema, own]);
    }
    return findNetworkRule(resolveSchema(context, name, property));
  };
  return new Map(
    [...lists].map(([property, list]) => [
      property,
      typeof list === "string" ? [list] : list.map((name) => resolve(property, name)),
    ]),
  );
}

function findNetworkRule({
  schema,
  objectName,
}: {
  readonly schema: Schema;
  readonly objectName: string;
}): string {
  const name = printName([schema.database, schema.name, objectName]);
  if (!schema.networkRules.has(objectName)) throw doesNotExist("Network rule", name);
  return name;
}
