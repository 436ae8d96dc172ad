import { listValues, type SecretContent, type SecretPart } from "../core/secret-content.js";
import { SecretValue } from "../core/secret-value.js";

/** A statement for `SnowflakeSession.execute`. Its text never holds a value: values travel as binds. */
export interface Statement {
  readonly text: string;
  readonly binds?: readonly SecretValue[];
  /** For errors: what is being done ("create secret") and to what (a quoted name). */
  readonly operation: string;
  readonly target: string;
  /** The exact names of its columns, where its text gives them. */
  readonly columns?: readonly string[];
}

/** A statement that names its columns itself. */
export type SelfNaming = Statement & Required<Pick<Statement, "columns">>;

/** Whether a name in double quotes may stand in its text, which a session can read in more than one way. */
export function hasQuotedName({ text }: Statement): boolean {
  return text.includes('"');
}

/** Whether it changes nothing, so that it can be sent again. */
export function isRead({ text }: Statement): boolean {
  return /^(SELECT|SHOW) /.test(text);
}

/** A schema by the exact names of its parts. */
export interface SchemaName {
  readonly database: string;
  readonly schema: string;
}

/** Snowflake's limit for an identifier, in characters. */
export const maxIdentifierLength = 255;

/** An identifier as Snowflake reads it exactly: in double quotes, these doubled. The only place that quotes one. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The exact name of an identifier in quotes; one without quotes is its name already. The only place that unquotes one. */
export function unquoteIdentifier(text: string): string {
  return /^".*"$/s.test(text) ? text.slice(1, -1).replaceAll('""', '"') : text;
}

/** `"DB"."SCHEMA"`, optionally with `."NAME"`. */
export function quoteName(place: SchemaName, name?: string): string {
  const parts = name === undefined ? [place.database, place.schema] : [place.database, place.schema, name];
  return parts.map(quoteIdentifier).join(".");
}

// The one escape table of string literals. Comments, roles and patterns are literals; values never are.
function quoteLiteral(text: string): string {
  const escaped = text.replace(/[\\'\n\r\t\0]/g, (c) => escapes[c] ?? c);
  return `'${escaped}'`;
}
const escapes: Record<string, string> = {
  "\\": "\\\\",
  "'": "''",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  // All three digits, as a digit that follows would be read as one of them.
  // https://docs.snowflake.com/en/sql-reference/data-types-text#escape-sequences-in-single-quoted-string-constants
  "\0": "\\000",
};

/** Who the session is: account, region, role, and whether each of `roles` is active in it, by inheritance too. */
export function buildWhoAmI(roles: readonly string[]): SelfNaming {
  const active = roles.map((role, i) => [`role_${i}`, `IS_ROLE_IN_SESSION(${quoteLiteral(role)})`] as const);
  return buildSelect("read who the session is", [
    ["account", "CURRENT_ACCOUNT()"],
    ["region", "CURRENT_REGION()"],
    ["role", "CURRENT_ROLE()"],
    ...active,
  ]);
}

function buildSelect(
  operation: string,
  columns: readonly (readonly [column: string, expression: string])[],
): SelfNaming {
  const items = columns.map(([column, expression]) => `${expression} AS ${quoteIdentifier(column)}`);
  return {
    text: `SELECT ${items.join(", ")}`,
    columns: columns.map(([column]) => column),
    operation,
    target: "session",
  };
}

/** Shows by the case of its column whether the session takes names exactly. */
export function buildNameProbe(): SelfNaming {
  return buildSelect("read how the session takes names", [["exact", "TRUE"]]);
}

/** Makes the session take names in double quotes exactly. */
export function buildExactNames(): Statement {
  return {
    text: "ALTER SESSION SET QUOTED_IDENTIFIERS_IGNORE_CASE = FALSE",
    operation: "set a parameter of the session",
    target: "session",
  };
}

/** What the session really has: a log-in with a wrong database or warehouse succeeds and leaves them empty. */
export function buildSessionContext(): SelfNaming {
  return buildSelect("read the session's database, warehouse and role", [
    ["database", "CURRENT_DATABASE()"],
    ["warehouse", "CURRENT_WAREHOUSE()"],
    ["role", "CURRENT_ROLE()"],
    ["ip", "CURRENT_IP_ADDRESS()"],
  ]);
}

/** Creates a secret, and fails where one of that name exists. Every part of its content is a bind. */
export function buildCreateSecret(
  place: SchemaName,
  name: string,
  secret: { content: SecretContent; comment: string; replace?: boolean },
): Statement {
  const target = quoteName(place, name);
  const verb = secret.replace ? "CREATE OR REPLACE SECRET" : "CREATE SECRET";
  const { type, references = [] } = secret.content;
  const { text, binds } = bindParts(secret.content);
  const referred = references.map(({ property, name }) => `${property} = ${quoteIdentifier(name)} `).join("");
  return {
    text: `${verb} ${target} TYPE = ${type} ${referred}${text} COMMENT = ${quoteLiteral(secret.comment)}`,
    binds,
    operation: secret.replace ? "replace secret" : "create secret",
    target,
  };
}

/** All parts and the mark in one statement, so that grants and creation time stay. */
export function buildAlterSecret(
  place: SchemaName,
  name: string,
  secret: { content: SecretContent; comment: string },
): Statement {
  const target = quoteName(place, name);
  const { text, binds } = bindParts(secret.content);
  return {
    text: `ALTER SECRET ${target} SET ${text} COMMENT = ${quoteLiteral(secret.comment)}`,
    binds,
    operation: "alter secret",
    target,
  };
}

function bindParts({ parts }: SecretContent): Required<Pick<Statement, "text" | "binds">> {
  return {
    text: parts.map((part) => `${part.property} = ${buildPlaces(part)}`).join(" "),
    binds: parts.flatMap(listValues),
  };
}

function buildPlaces({ value }: SecretPart): string {
  return value instanceof SecretValue ? "?" : `(${value.map(() => "?").join(", ")})`;
}

/** Removes a secret's comment. */
export function buildUnsetComment(place: SchemaName, name: string): Statement {
  const target = quoteName(place, name);
  return {
    text: `ALTER SECRET ${target} UNSET COMMENT`,
    operation: "remove the ownership comment of secret",
    target,
  };
}

/** Drops a secret. */
export function buildDropSecret(place: SchemaName, name: string): Statement {
  const target = quoteName(place, name);
  return { text: `DROP SECRET ${target}`, operation: "drop secret", target };
}

/** `prefix` narrows the listing; SHOW's LIKE ignores case, so the caller still matches exactly. */
export function buildShowSecrets(place: SchemaName, prefix?: string): Statement {
  const target = quoteName(place);
  return {
    text: `SHOW SECRETS${prefix === undefined ? "" : ` LIKE ${quoteLiteral(`${buildPattern(prefix)}%`)}`} IN SCHEMA ${target}`,
    operation: "list the secrets of schema",
    target,
  };
}

/** Of the whole account, as far as the role sees them. */
export function buildShowAllSecrets(): Statement {
  return { text: "SHOW SECRETS IN ACCOUNT", operation: "list the secrets of the account", target: "" };
}

// `_` and `%` stay the wildcards that they are, and a backslash becomes one: how SHOW reads an escape is not documented, and
// a pattern that matches too much is harmless where one that matches too little would hide what is there.
function buildPattern(text: string): string {
  return text.replaceAll("\\", "_");
}

/** Databases in A to Z order; `after` continues behind that name. */
export function buildShowDatabases(page: { limit: number; after?: string }): Statement {
  return {
    text: `SHOW DATABASES LIMIT ${page.limit}${page.after === undefined ? "" : ` FROM ${quoteLiteral(page.after)}`}`,
    operation: "list the databases",
    target: "account",
  };
}

/** Lists the schemas of a database that the role may see. */
export function buildShowSchemas(database: string, page: { limit: number; after?: string }): Statement {
  const target = quoteIdentifier(database);
  return {
    text: `SHOW SCHEMAS IN DATABASE ${target} LIMIT ${page.limit}${page.after === undefined ? "" : ` FROM ${quoteLiteral(page.after)}`}`,
    operation: "list the schemas of database",
    target,
  };
}

/** Lists the warehouses that the role may see. */
export function buildShowWarehouses(name: string): Statement {
  return {
    text: `SHOW WAREHOUSES LIKE ${quoteLiteral(buildPattern(name))}`,
    operation: "look up warehouse",
    target: quoteIdentifier(name),
  };
}

/** One parameter of the account: `key`, `value`. */
export function showAccountParameter(name: string): Statement {
  return {
    text: `SHOW PARAMETERS LIKE ${quoteLiteral(buildPattern(name))} IN ACCOUNT`,
    operation: "read the parameter of the account",
    target: name,
  };
}

/** What is granted on a schema. Snowflake answers it to a role with any privilege on the schema. */
export function buildShowGrantsOnSchema(place: SchemaName): Statement {
  const target = quoteName(place);
  return { text: `SHOW GRANTS ON SCHEMA ${target}`, operation: "list the grants on schema", target };
}

/** What roles get on every object that is created in a schema or database from now on. */
export function buildShowFutureGrants(on: SchemaName | { readonly database: string }): Statement {
  const isSchema = "schema" in on;
  const target = isSchema ? quoteName(on) : quoteIdentifier(on.database);
  return {
    text: `SHOW FUTURE GRANTS IN ${isSchema ? "SCHEMA" : "DATABASE"} ${target}`,
    operation: "list the future grants in",
    target,
  };
}

/** What is granted to a role, the roles that it inherits among it. */
export function buildShowGrantsToRole(role: string): Statement {
  const target = quoteIdentifier(role);
  return { text: `SHOW GRANTS TO ROLE ${target}`, operation: "list the grants to role", target };
}

/** The secondary roles of the session, as JSON: `{"roles":"A,B","value":"ALL"}`. */
export function buildSecondaryRoles(): SelfNaming {
  return buildSelect("read the session's secondary roles", [
    ["secondary_roles", "CURRENT_SECONDARY_ROLES()"],
  ]);
}

/** What is granted on a secret; Snowflake answers it to a role with any privilege on it. */
export function buildShowGrantsOnSecret(schema: SchemaName, name: string): Statement {
  const target = quoteName(schema, name);
  return { text: `SHOW GRANTS ON SECRET ${target}`, operation: "list the grants on secret", target };
}

/** Lets a role read one secret. */
export function buildGrantRead(place: SchemaName, name: string, role: string): Statement {
  const target = quoteName(place, name);
  return {
    text: `GRANT READ ON SECRET ${target} TO ROLE ${quoteIdentifier(role)}`,
    operation: "grant READ on secret",
    target,
  };
}

/** The statement that gives a missing privilege, for people to run. */
export function buildGrant(
  privilege: "USAGE" | "CREATE SECRET" | "OWNERSHIP",
  on: { database: string } | SchemaName | (SchemaName & { secret: string }),
  role: string,
): string {
  const object =
    "secret" in on
      ? `SECRET ${quoteName(on, on.secret)}`
      : "schema" in on
        ? `SCHEMA ${quoteName(on)}`
        : `DATABASE ${quoteIdentifier(on.database)}`;
  // Without it Snowflake refuses to move an object that others hold grants on.
  const copy = privilege === "OWNERSHIP" ? " COPY CURRENT GRANTS" : "";
  return `GRANT ${privilege} ON ${object} TO ROLE ${quoteIdentifier(role)}${copy};`;
}

/** The statement that lets a role read what is created in a schema from now on, for people to complete. */
export function buildGrantFutureReads(schema: SchemaName): string {
  return `GRANT READ ON FUTURE SECRETS IN SCHEMA ${quoteName(schema)} TO ROLE …;`;
}

/** The statement that ends a future grant of ownership, for people to run. */
export function buildRevokeFutureOwnership(
  on: SchemaName | { readonly database: string },
  role: string,
): string {
  const scope = "schema" in on ? `SCHEMA ${quoteName(on)}` : `DATABASE ${quoteIdentifier(on.database)}`;
  return `REVOKE OWNERSHIP ON FUTURE SECRETS IN ${scope} FROM ROLE ${quoteIdentifier(role)};`;
}

/** One secret by its name; LIKE ignores case, so the caller still matches exactly. */
export function buildShowSecretsNamed(place: SchemaName, name: string): Statement {
  const { operation, target } = buildShowSecrets(place);
  return {
    text: `SHOW SECRETS LIKE ${quoteLiteral(buildPattern(name))} IN SCHEMA ${target}`,
    operation,
    target,
  };
}

/** The statement that lets one role act with another's privileges, for people to run. */
export function buildGrantRole(role: string, to: string): string {
  return `GRANT ROLE ${quoteIdentifier(role)} TO ROLE ${quoteIdentifier(to)};`;
}

/** A workload as its OpenID provider names it. */
export interface WorkloadName {
  readonly issuer: string;
  readonly subject: string;
  /** Undefined for Snowflake's own, which need not be named. */
  readonly audience: string | undefined;
}

/** The statements that make a user for a workload, for people to run; the user's name is theirs to choose. */
export function buildCreateWorkloadUser(workload: WorkloadName, role: string | undefined): string {
  const { issuer, subject, audience } = workload;
  const audiences = audience === undefined ? "" : ` OIDC_AUDIENCE_LIST = (${quoteLiteral(audience)})`;
  const identity = `(TYPE = OIDC ISSUER = ${quoteLiteral(issuer)} SUBJECT = ${quoteLiteral(subject)}${audiences})`;
  // As a log-in reads it: without quotes it is upper-cased.
  const name = role && quoteIdentifier(/^".*"$/s.test(role) ? unquoteIdentifier(role) : role.toUpperCase());
  const create = `CREATE USER PULUMI TYPE = SERVICE${name ? ` DEFAULT_ROLE = ${name}` : ""} WORKLOAD_IDENTITY = ${identity};`;
  return name ? `${create} GRANT ROLE ${name} TO USER PULUMI;` : create;
}
