import { X509Certificate } from "node:crypto";
import type { Account, Database, ExternalOauth, Saml2, Securable, Warehouse } from "../catalog/objects.js";
import { printName } from "../identifiers.js";
import { type ResultSet, statusResult } from "../results.js";
import type { AlterWarehouse, CreateObject, DropObject, ObjectName } from "../sql/statements.js";
import {
  alreadyExists,
  doesNotExist,
  insufficientPrivileges,
  invalidValue,
  SqlError,
  unsupported,
} from "../sql-error.js";
import { resolveDatabase, type StatementContext } from "./context.js";

const LABELS = {
  DATABASE: "Database",
  SCHEMA: "Schema",
  ROLE: "Role",
  WAREHOUSE: "Warehouse",
  INTEGRATION: "Integration",
  USER: "User",
} as const;
type AccountObjectType = keyof typeof LABELS;
type CreatableType = Exclude<AccountObjectType, "USER">;

/** CREATE of a database, schema, role or warehouse; replacing one makes a new object without its old grants. */
export function createObject(context: StatementContext, statement: CreateObject): ResultSet {
  const { catalog, session } = context;
  const type = statement.kind.slice("CREATE ".length) as CreatableType;
  const place = locate(context, type, statement);
  const { existing, name } = place;
  if (!isToBeCreated(context, type, place, statement)) {
    return statusResult(`${name} already exists, statement succeeded.`);
  }
  switch (type) {
    case "DATABASE":
      catalog.addDatabase(name, session.role, statement.comment);
      session.database = name;
      session.schema = "PUBLIC";
      break;
    case "SCHEMA":
      if (place.parent.type !== "DATABASE") throw new Error("A schema's parent is a database.");
      catalog.addSchema(place.parent, name, session.role, statement.comment);
      session.database = place.parent.name;
      session.schema = name;
      break;
    case "ROLE":
      if (existing !== undefined) catalog.dropRole(name, session.role);
      catalog.addRole(name, session.role, statement.comment);
      break;
    case "WAREHOUSE":
      catalog.addWarehouse(name, session.role, {
        state: statement.initiallySuspended ? "SUSPENDED" : "STARTED",
        autoResume: statement.autoResume,
        comment: statement.comment,
      });
      session.warehouse = name;
      break;
    case "INTEGRATION":
      catalog.addIntegration(name, session.role, {
        comment: statement.comment,
        externalOauth: readExternalOauth(statement.integration),
        saml2: readSaml2(statement.integration),
      });
      break;
  }
  return statusResult(`${LABELS[type]} ${name} successfully created.`);
}

/** What an integration of TYPE = EXTERNAL_OAUTH must say; of another type nothing is used. */
function readExternalOauth(options: CreateObject["integration"]): ExternalOauth | undefined {
  if (options?.get("TYPE")?.[0] !== "EXTERNAL_OAUTH") return undefined;
  const text = (name: string) => options.get(`EXTERNAL_OAUTH_${name}`)?.[0];
  const issuer = text("ISSUER");
  const audiences = options.get("EXTERNAL_OAUTH_AUDIENCE_LIST");
  // Snowflake's default is the account's own address, which nobody has here.
  if (issuer === undefined || audiences === undefined) {
    throw unsupported("EXTERNAL_OAUTH without EXTERNAL_OAUTH_ISSUER and EXTERNAL_OAUTH_AUDIENCE_LIST");
  }
  return {
    issuer,
    audiences,
    keysUrl: text("JWS_KEYS_URL"),
    userClaim: text("TOKEN_USER_MAPPING_CLAIM"),
  };
}

/** What an integration of TYPE = SAML2 must say, as Snowflake has it. */
function readSaml2(options: CreateObject["integration"]): Saml2 | undefined {
  if (options?.get("TYPE")?.[0] !== "SAML2") return undefined;
  const [issuer, ssoUrl, certificate] = ["ISSUER", "SSO_URL", "X509_CERT"].map((name) => {
    const value = options.get(`SAML2_${name}`)?.[0];
    if (value === undefined) throw unsupported(`SAML2 without SAML2_${name}`);
    return value;
  }) as [string, string, string];
  if (!URL.canParse(ssoUrl)) throw invalidValue(ssoUrl, "SAML2_SSO_URL");
  return { issuer, ssoUrl, certificate: readCertificate(certificate) };
}

/** Base64 of the certificate's DER, with or without the lines of a PEM around it. */
function readCertificate(text: string): X509Certificate {
  try {
    return new X509Certificate(Buffer.from(text.replaceAll(/-----[A-Z ]+-----|\s/g, ""), "base64"));
  } catch {
    throw invalidValue("…", "SAML2_X509_CERT");
  }
}

/** `false` where IF NOT EXISTS leaves what is there. @throws SqlError 003001, 002002 */
export function isToBeCreated(
  { authority }: StatementContext,
  type: AccountObjectType,
  { parent, existing, path }: Place,
  { orReplace, ifNotExists }: Pick<CreateObject, "orReplace" | "ifNotExists">,
): boolean {
  authority.requireCreate(parent, `CREATE ${type}`);
  if (existing === undefined) return true;
  if (ifNotExists) return false;
  if (!orReplace) throw alreadyExists(printName(path));
  authority.requireOwnership(existing);
  return true;
}

/** DROP of anything but a secret. @throws SqlError 002003, 003001 */
export function dropObject(context: StatementContext, statement: DropObject): ResultSet {
  const { authority, catalog, session } = context;
  const type = statement.kind.slice("DROP ".length) as AccountObjectType;
  const { existing, name, path, parent } = locate(context, type, statement);
  // Roles are visible to all; of the others a hidden one is told as missing.
  if (existing === undefined || !(type === "ROLE" || authority.sees(existing))) {
    if (statement.ifExists) {
      return statusResult(`Drop statement executed successfully (${name} already dropped).`);
    }
    throw doesNotExist(LABELS[type], printName(path));
  }
  authority.requireOwnership(existing);
  if (type === "DATABASE") catalog.databases.delete(name);
  if (type === "SCHEMA" && parent.type === "DATABASE") parent.schemas.delete(name);
  if (type === "WAREHOUSE") catalog.warehouses.delete(name);
  if (type === "ROLE") catalog.dropRole(name, session.role);
  if (type === "USER") catalog.dropUser(name);
  if (type === "INTEGRATION") catalog.integrations.delete(name);
  return statusResult(`${name} successfully dropped.`);
}

/** Suspends or resumes a warehouse. @throws SqlError 002003, 003001, 090063, 090064 */
export function alterWarehouse(
  { authority, catalog }: StatementContext,
  statement: AlterWarehouse,
): ResultSet {
  const name = statement.name.at(-1) ?? "";
  const warehouse = catalog.warehouses.get(name);
  if (warehouse === undefined || !authority.sees(warehouse))
    throw doesNotExist("Warehouse", printName([name]));
  if (!authority.holds(warehouse, "OPERATE")) throw insufficientPrivileges("WAREHOUSE", name);
  const wanted: Warehouse["state"] = statement.action === "resume" ? "STARTED" : "SUSPENDED";
  if (warehouse.state === wanted && !statement.ifSuspended) {
    throw new SqlError(
      statement.action === "resume" ? "090063" : "090064",
      "22000",
      `Invalid state. Warehouse '${name}' cannot be ${statement.action === "resume" ? "resumed" : "suspended"}.`,
    );
  }
  warehouse.state = wanted;
  return statusResult("Statement executed successfully.");
}

/** Where an object of the account is, or would be. */
export interface Place {
  readonly name: string;
  readonly path: readonly string[];
  /** Where CREATE needs its privilege. */
  readonly parent: Account | Database;
  readonly existing: Securable | undefined;
}

export function locate(
  context: StatementContext,
  type: AccountObjectType,
  statement: { readonly name: ObjectName; readonly kind: string },
): Place {
  const { catalog } = context;
  const name = statement.name.at(-1) ?? "";
  const parent = catalog.account;
  switch (type) {
    case "DATABASE":
      return { name, path: [name], parent, existing: catalog.databases.get(name) };
    case "WAREHOUSE":
      return { name, path: [name], parent, existing: catalog.warehouses.get(name) };
    case "ROLE":
      return { name, path: [name], parent, existing: catalog.roles.get(name) };
    case "INTEGRATION":
      return { name, path: [name], parent, existing: catalog.integrations.get(name) };
    case "USER":
      return { name, path: [name], parent, existing: catalog.users.get(name) };
    case "SCHEMA": {
      const { database } = resolveDatabase(context, statement.name, statement.kind);
      return { name, path: [database.name, name], parent: database, existing: database.schemas.get(name) };
    }
  }
}
