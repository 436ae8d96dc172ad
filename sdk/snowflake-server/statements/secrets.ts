import type { Secret } from "../catalog/objects.js";
import { printName } from "../identifiers.js";
import { type Cell, type Column, column, type ResultSet, statusResult, timestampCell } from "../results.js";
import type {
  AlterSecret,
  CreateSecret,
  DescribeSecret,
  DropSecret,
  SecretProperties,
  SecretType,
} from "../sql/statements.js";
import { alreadyExists, doesNotExist, invalidValue, SqlError } from "../sql-error.js";
import { resolveSchema, type StatementContext, textValue } from "./context.js";
import { applyFutureGrants } from "./grants.js";

/** Which properties each type must have, and which it may have besides COMMENT. */
const PROPERTIES: Readonly<
  Record<SecretType, { readonly required: readonly string[]; readonly optional: readonly string[] }>
> = {
  GENERIC_STRING: { required: ["SECRET_STRING"], optional: [] },
  PASSWORD: { required: ["USERNAME", "PASSWORD"], optional: [] },
  OAUTH2: {
    required: ["API_AUTHENTICATION"],
    optional: ["OAUTH_SCOPES", "OAUTH_REFRESH_TOKEN", "OAUTH_REFRESH_TOKEN_EXPIRY_TIME"],
  },
  SYMMETRIC_KEY: { required: ["ALGORITHM"], optional: [] },
  CLOUD_PROVIDER_TOKEN: { required: ["API_AUTHENTICATION"], optional: ["ENABLED"] },
  JWT_KEY_PAIR: { required: [], optional: ["API_AUTHENTICATION", "PRIVATE_KEY"] },
  WORKLOAD_IDENTITY_FEDERATION: { required: [], optional: [] },
};

/** CREATE SECRET. @throws SqlError 002002, 002003, 003001 */
export function createSecret(context: StatementContext, statement: CreateSecret): ResultSet {
  const { catalog, authority, session } = context;
  const { schema, objectName } = resolveSchema(context, statement.name, statement.kind);
  authority.requireCreate(schema, "CREATE SECRET");
  const { comment, properties } = readProperties(context, statement.type, statement.properties);
  const missing = PROPERTIES[statement.type].required.filter((property) => !properties.has(property));
  if (missing.length > 0) {
    throw new SqlError(
      "002029",
      "42601",
      `SQL compilation error:\nMissing option(s): [${missing.join(", ")}]`,
    );
  }
  const existing = schema.secrets.get(objectName);
  if (existing !== undefined && statement.ifNotExists) {
    return statusResult(`${objectName} already exists, statement succeeded.`);
  }
  if (existing !== undefined) {
    // Said of a secret that the role cannot see, too: a name is taken for everybody.
    if (!statement.orReplace) throw alreadyExists(printName([schema.database, schema.name, objectName]));
    authority.requireOwnership(existing);
  }
  const content = { secretType: statement.type, properties, comment };
  applyFutureGrants(context, schema, catalog.addSecret(schema, objectName, session.role, content));
  return statusResult(`Secret ${objectName} successfully created.`);
}

/** ALTER SECRET, in place: grants and creation time stay. @throws SqlError 002003, 003001 */
export function alterSecret(context: StatementContext, statement: AlterSecret): ResultSet {
  const secret = findSecret(context, statement);
  if (secret === undefined) return statusResult("Statement executed successfully.");
  context.authority.requireOwnership(secret);
  if (statement.change.action === "unset-comment") {
    secret.comment = undefined;
  } else {
    const set = readProperties(context, secret.secretType, statement.change.properties);
    for (const [property, value] of set.properties) secret.properties.set(property, value);
    if (statement.change.properties.has("COMMENT")) secret.comment = set.comment;
  }
  secret.alteredOn = context.catalog.now();
  return statusResult("Statement executed successfully.");
}

/** DROP SECRET. @throws SqlError 002003, 003001 */
export function dropSecret(context: StatementContext, statement: DropSecret): ResultSet {
  const secret = findSecret(context, statement);
  const objectName = statement.name.at(-1) ?? "";
  if (secret === undefined) {
    return statusResult(`Drop statement executed successfully (${objectName} already dropped).`);
  }
  context.authority.requireOwnership(secret);
  context.authority.usableSchema(secret.database, secret.schema).secrets.delete(objectName);
  return statusResult(`${objectName} successfully dropped.`);
}

/** DESCRIBE SECRET, which shows no value. @throws SqlError 002003 */
export function describeSecret(context: StatementContext, statement: DescribeSecret): ResultSet {
  const { schema, objectName } = resolveSchema(context, statement.name, statement.kind);
  const secret = context.authority.visibleSecret(schema, objectName);
  const row: readonly Cell[] = [
    timestampCell(secret.createdOn),
    secret.name,
    secret.schema,
    secret.database,
    secret.owner,
    secret.comment ?? null,
    secret.secretType,
    secret.properties.get("USERNAME") ?? null,
    null,
    describeExpiry(secret),
    secret.properties.get("OAUTH_SCOPES") ?? null,
    secret.properties.get("API_AUTHENTICATION") ?? null,
  ];
  return { columns: SECRET_DESCRIPTION, rows: [row] };
}

/** The columns of DESCRIBE SECRET. */
export const SECRET_DESCRIPTION: readonly Column[] = [
  column("created_on", "timestamp_ltz"),
  ...["name", "schema_name", "database_name", "owner", "comment", "secret_type", "username"].map((name) =>
    column(name),
  ),
  column("oauth_access_token_expiry_time", "timestamp_ltz"),
  column("oauth_refresh_token_expiry_time", "timestamp_ltz"),
  column("oauth_scopes"),
  column("integration_name"),
];

function describeExpiry({ properties }: Secret): Cell {
  const expiry = parseExpiry(properties.get(EXPIRY) ?? "");
  return expiry === undefined ? null : timestampCell(expiry);
}

const EXPIRY = "OAUTH_REFRESH_TOKEN_EXPIRY_TIME";
/** A date, with a time of day or not, with an offset or not: without one it is UTC here. */
const TIMESTAMP =
  /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?) ?(Z|[+-]\d{2}:?\d{2})?)?$/;

function parseExpiry(text: string): Date | undefined {
  const [, date, time = "00:00", offset = "Z"] = TIMESTAMP.exec(text.trim()) ?? [];
  if (date === undefined) return undefined;
  const parsed = new Date(`${date}T${time}${offset.replace(/^([+-]\d{2})(\d{2})$/, "$1:$2")}`);
  // A month has the days that it has: JavaScript would count on into the next one.
  const isDay = !Number.isNaN(parsed.getTime()) && new Date(`${date}T00:00Z`).toISOString().startsWith(date);
  return isDay ? parsed : undefined;
}

/** The visible secret; `undefined` only under IF EXISTS. @throws SqlError 002003 */
function findSecret(context: StatementContext, statement: AlterSecret | DropSecret): Secret | undefined {
  const { schema, objectName } = resolveSchema(context, statement.name, statement.kind);
  const secret = schema.secrets.get(objectName);
  if (secret !== undefined && context.authority.sees(secret)) return secret;
  if (statement.ifExists) return undefined;
  throw doesNotExist("Secret", printName([schema.database, schema.name, objectName]));
}

function readProperties(
  context: StatementContext,
  type: SecretType,
  given: SecretProperties,
): { readonly comment: string | undefined; readonly properties: Map<string, string> } {
  const allowed = [...PROPERTIES[type].required, ...PROPERTIES[type].optional, "COMMENT"];
  const properties = new Map<string, string>();
  for (const [property, value] of given) {
    if (!allowed.includes(property)) {
      throw new SqlError(
        "001422",
        "22023",
        `SQL compilation error:\ninvalid property '${property}' for a secret of type '${type}'`,
      );
    }
    if (value === null) continue;
    const values = "kind" in value ? [value] : value;
    const text = values.map((item) => textValue(context, item, property)).join(",");
    if (property === EXPIRY && parseExpiry(text) === undefined) throw invalidValue(text, property);
    if (property === "API_AUTHENTICATION" && !context.catalog.integrations.has(text)) {
      throw doesNotExist("Integration", printName([text]));
    }
    properties.set(property, text);
  }
  const comment = properties.get("COMMENT");
  properties.delete("COMMENT");
  // Snowflake keeps no empty comment: SHOW gives null or an empty text for both.
  return { comment: comment === "" ? undefined : comment, properties };
}
