import type { Schema, Secret, Securable, Warehouse } from "../catalog/objects.js";
import { buildLike } from "../like.js";
import { type Cell, type Column, column, type ResultSet, timestampCell } from "../results.js";
import type { ShowObjects } from "../sql/statements.js";
import { invalidValue, noCurrent, objectDoesNotExist, tooManyRows } from "../sql-error.js";
import type { StatementContext } from "./context.js";

/** SHOW of databases, schemas, secrets, warehouses and roles: only what the role may see, within the row cap. */
export function showObjects(context: StatementContext, statement: ShowObjects): ResultSet {
  const { authority, catalog } = context;
  switch (statement.kind) {
    case "SHOW SECRETS":
      return list(context, statement, secretsInScope(context, statement), SECRET_COLUMNS);
    case "SHOW SCHEMAS":
      return list(context, statement, schemasInScope(context, statement), SCHEMA_COLUMNS);
    case "SHOW DATABASES":
      return list(context, statement, visible(authority, catalog.databases.values()), DATABASE_COLUMNS);
    case "SHOW WAREHOUSES":
      return list(context, statement, visible(authority, catalog.warehouses.values()), WAREHOUSE_COLUMNS);
    case "SHOW ROLES":
      return list(context, statement, [...catalog.roles.values()], ROLE_COLUMNS);
  }
}

type ColumnOf<Item> = Column & { readonly cell: (item: Item, context: StatementContext) => Cell };

function list<Item extends Securable>(
  context: StatementContext,
  { like, startsWith, limit }: ShowObjects,
  items: readonly Item[],
  columns: readonly ColumnOf<Item>[],
): ResultSet {
  if (limit !== undefined && (limit.rows < 1 || limit.rows > context.rowCap)) {
    throw invalidValue(String(limit.rows), "LIMIT");
  }
  const from = limit?.from;
  const fits = like === undefined ? () => true : buildLike(like);
  const found = items.filter(
    ({ name }) =>
      fits(name) &&
      (startsWith === undefined || name.startsWith(startsWith)) &&
      (from === undefined || name > from),
  );
  if (limit === undefined && found.length > context.rowCap) throw tooManyRows(context.rowCap);
  const rows = found.slice(0, limit?.rows).map((item) => columns.map(({ cell }) => cell(item, context)));
  return { columns: plainColumns(columns), rows };
}

/** What SHOW of these objects answers with. */
export function showColumns(kind: ShowObjects["kind"]): readonly Column[] {
  const columns = {
    "SHOW SECRETS": SECRET_COLUMNS,
    "SHOW SCHEMAS": SCHEMA_COLUMNS,
    "SHOW DATABASES": DATABASE_COLUMNS,
    "SHOW WAREHOUSES": WAREHOUSE_COLUMNS,
    "SHOW ROLES": ROLE_COLUMNS,
  };
  return plainColumns(columns[kind]);
}

function plainColumns(columns: readonly Column[]): readonly Column[] {
  return columns.map(({ name, type }) => ({ name, type }));
}

function visible<Item extends Securable>(
  authority: StatementContext["authority"],
  items: Iterable<Item>,
): Item[] {
  return [...items].filter((item) => authority.sees(item)).sort(byName);
}

function byName(left: Securable, right: Securable): number {
  return left.name < right.name ? -1 : left.name > right.name ? 1 : 0;
}

function usableSchemas({ authority, catalog }: StatementContext, databaseName?: string): Schema[] {
  const databases = visible(authority, catalog.databases.values()).filter(
    (database) =>
      authority.canUse(database) && (databaseName === undefined || database.name === databaseName),
  );
  return databases.flatMap((database) => visible(authority, database.schemas.values()));
}

function secretsInScope(context: StatementContext, { kind, scope }: ShowObjects): Secret[] {
  const { authority, session } = context;
  const level = scope?.in ?? (session.database === undefined ? "account" : "database");
  const name = scope !== undefined && scope.in !== "account" ? scope.name : undefined;
  if (level === "schema") {
    const databaseName = name?.length === 2 ? name[0] : session.database;
    if (databaseName === undefined) throw noCurrent("database", kind);
    const schemaName = name?.at(-1) ?? session.schema;
    if (schemaName === undefined) throw noCurrent("schema", kind);
    return visible(authority, requireUsableSchema(context, databaseName, schemaName).secrets.values());
  }
  const databaseName = level === "database" ? (name?.[0] ?? session.database) : undefined;
  if (databaseName !== undefined) requireUsableDatabase(context, databaseName);
  return usableSchemas(context, databaseName)
    .filter((schema) => authority.canUse(schema))
    .flatMap((schema) => visible(authority, schema.secrets.values()));
}

function schemasInScope(context: StatementContext, { scope }: ShowObjects): Schema[] {
  if (scope?.in === "account") return usableSchemas(context);
  const databaseName = scope?.name?.[0] ?? context.session.database;
  if (databaseName !== undefined) requireUsableDatabase(context, databaseName);
  return usableSchemas(context, databaseName);
}

function requireUsableDatabase({ authority, catalog }: StatementContext, name: string): void {
  const database = catalog.databases.get(name);
  if (database === undefined || !authority.canUse(database)) throw objectDoesNotExist();
}

function requireUsableSchema(context: StatementContext, databaseName: string, name: string): Schema {
  requireUsableDatabase(context, databaseName);
  const schema = context.catalog.databases.get(databaseName)?.schemas.get(name);
  if (schema === undefined || !context.authority.canUse(schema)) throw objectDoesNotExist();
  return schema;
}

function text<Item>(name: string, cell: ColumnOf<Item>["cell"]): ColumnOf<Item> {
  return { ...column(name), cell };
}

function always<Item>(name: string, value: Cell): ColumnOf<Item> {
  return text(name, () => value);
}

function time<Item>(name: string, read: (item: Item) => Date): ColumnOf<Item> {
  return { ...column(name, "timestamp_ltz"), cell: (item) => timestampCell(read(item)) };
}

function yesIf(condition: boolean): Cell {
  return condition ? "Y" : "N";
}

const CREATED_ON = time<Securable>("created_on", (item) => item.createdOn);
const NAME = text<Securable>("name", (item) => item.name);
const OWNER = text<Securable>("owner", (item) => item.owner);
const OWNER_ROLE_TYPE = text<Securable>("owner_role_type", (item) => (item.owner === "" ? "" : "ROLE"));
/** Databases, schemas, warehouses and roles show an empty text for no comment; secrets show null. */
const COMMENT = text<Securable>("comment", (item) => item.comment ?? "");
const NOT_DEFAULT = always<Securable>("is_default", "N");

const SECRET_COLUMNS: readonly ColumnOf<Secret>[] = [
  CREATED_ON,
  NAME,
  text("schema_name", (secret) => secret.schema),
  text("database_name", (secret) => secret.database),
  OWNER,
  text("comment", (secret) => secret.comment ?? null),
  text("secret_type", (secret) => secret.secretType),
  text("oauth_scopes", (secret) => secret.properties.get("OAUTH_SCOPES") ?? null),
  OWNER_ROLE_TYPE,
];

const DATABASE_COLUMNS: readonly ColumnOf<Securable>[] = [
  CREATED_ON,
  NAME,
  NOT_DEFAULT,
  text("is_current", (database, { session }) => yesIf(session.database === database.name)),
  always("origin", ""),
  OWNER,
  COMMENT,
  always("options", ""),
  always("retention_time", "1"),
  always("kind", "STANDARD"),
  OWNER_ROLE_TYPE,
];

const SCHEMA_COLUMNS: readonly ColumnOf<Schema>[] = [
  CREATED_ON,
  NAME,
  NOT_DEFAULT,
  text("is_current", ({ name, database }, { session }) =>
    yesIf(session.database === database && session.schema === name),
  ),
  text("database_name", (schema) => schema.database),
  OWNER,
  COMMENT,
  always("options", ""),
  always("retention_time", "1"),
  OWNER_ROLE_TYPE,
];

const WAREHOUSE_COLUMNS: readonly ColumnOf<Warehouse>[] = [
  NAME,
  text("state", (warehouse) => warehouse.state),
  always("type", "STANDARD"),
  always("size", "X-Small"),
  NOT_DEFAULT,
  text("is_current", ({ name }, { session }) => yesIf(session.warehouse === name)),
  always("auto_suspend", "600"),
  text("auto_resume", (warehouse) => String(warehouse.autoResume)),
  CREATED_ON,
  OWNER,
  COMMENT,
  OWNER_ROLE_TYPE,
];

const ROLE_COLUMNS: readonly ColumnOf<Securable>[] = [
  CREATED_ON,
  NAME,
  NOT_DEFAULT,
  text("is_current", (role, { session }) => yesIf(session.role === role.name)),
  text("is_inherited", (role, { authority }) =>
    yesIf(authority.roles.has(role.name) && authority.primaryRole !== role.name),
  ),
  OWNER,
  COMMENT,
];
