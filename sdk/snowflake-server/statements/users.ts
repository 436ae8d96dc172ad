import { createPublicKey, type KeyObject } from "node:crypto";
import type { User, WorkloadIdentity } from "../catalog/objects.js";
import { printName } from "../identifiers.js";
import { type ResultSet, statusResult } from "../results.js";
import {
  type AlterUser,
  type CreateUser,
  publicKeyProperties,
  type UserProperties,
  type WorkloadProperties,
} from "../sql/statements.js";
import { alreadyExists, doesNotExist, invalidValue, SqlError, unsupported } from "../sql-error.js";
import { isToBeCreated, locate } from "./account-objects.js";
import type { StatementContext } from "./context.js";

/** The name of the workload identity that the property WORKLOAD_IDENTITY is. */
const OWN = "DEFAULT";

/** CREATE USER, with what a log-in needs. */
export function createUser(context: StatementContext, statement: CreateUser): ResultSet {
  const { catalog, session } = context;
  const place = locate(context, "USER", statement);
  const { name } = place;
  if (!isToBeCreated(context, "USER", place, statement)) {
    return statusResult(`${name} already exists, statement succeeded.`);
  }
  const { texts, workload } = statement.properties;
  const identity = workload === undefined ? undefined : readWorkload(workload);
  const options = {
    userType: texts.get("TYPE") === "SERVICE" ? ("SERVICE" as const) : ("PERSON" as const),
    password: texts.get("PASSWORD"),
    publicKeys: readPublicKeys(texts),
    programmaticAccessTokens: new Set<string>(),
    oauthTokens: new Set<string>(),
    secondFactor: undefined,
    workloadIdentities: new Map(identity === undefined ? [] : [[OWN, identity]]),
    defaultRole: texts.get("DEFAULT_ROLE"),
    defaultWarehouse: texts.get("DEFAULT_WAREHOUSE"),
    defaultSecondaryRoles:
      texts.get("DEFAULT_SECONDARY_ROLES") === "NONE" ? ("NONE" as const) : ("ALL" as const),
    disabled: texts.get("DISABLED") === "TRUE",
    networkPolicy: undefined,
    parameters: new Map(),
  };
  if (place.existing !== undefined) catalog.dropUser(name);
  catalog.addUser(name, session.role, options, texts.get("COMMENT"));
  return statusResult(`User ${name} successfully created.`);
}

/** ALTER USER by a role that owns the user. @throws SqlError 002003, 003001, 002002, 004616 */
export function alterUser(context: StatementContext, statement: AlterUser): ResultSet {
  const { name, path } = locate(context, "USER", { ...statement, kind: "CREATE USER" });
  const user = context.catalog.users.get(name);
  if (user === undefined || !context.authority.sees(user)) {
    if (statement.ifExists) return statusResult("Statement executed successfully.");
    throw doesNotExist("User", printName(path));
  }
  context.authority.requireOwnership(user);
  change(user, statement.change);
  return statusResult("Statement executed successfully.");
}

function change(user: User, wanted: AlterUser["change"]): void {
  switch (wanted.action) {
    case "set":
      setProperties(user, wanted.properties);
      break;
    case "unset":
      if (wanted.property === "PASSWORD") user.password = undefined;
      user.publicKeys.delete(wanted.property);
      if (wanted.property === "COMMENT") user.comment = undefined;
      if (wanted.property === "WORKLOAD_IDENTITY") user.workloadIdentities.delete(OWN);
      break;
    case "add-workload": {
      const isTaken = wanted.identity === OWN || user.workloadIdentities.has(wanted.identity);
      if (isTaken) throw alreadyExists(wanted.identity);
      user.workloadIdentities.set(wanted.identity, readWorkload(wanted.properties));
      break;
    }
    case "remove-workload":
      if (wanted.identity === OWN || !user.workloadIdentities.delete(wanted.identity)) {
        throw doesNotExist("Workload identity", wanted.identity);
      }
  }
}

function setProperties(user: User, { texts, workload }: UserProperties): void {
  const fixed = ["TYPE", "DEFAULT_SECONDARY_ROLES"].find((property) => texts.has(property));
  if (fixed !== undefined) throw unsupported(`ALTER USER … SET ${fixed}`);
  const identity = workload === undefined ? undefined : readWorkload(workload);
  for (const [property, key] of readPublicKeys(texts)) user.publicKeys.set(property, key);
  if (identity !== undefined) user.workloadIdentities.set(OWN, identity);
  user.password = texts.get("PASSWORD") ?? user.password;
  user.comment = texts.get("COMMENT") ?? user.comment;
  user.defaultRole = texts.get("DEFAULT_ROLE") ?? user.defaultRole;
  user.defaultWarehouse = texts.get("DEFAULT_WAREHOUSE") ?? user.defaultWarehouse;
  if (texts.has("DISABLED")) user.disabled = texts.get("DISABLED") === "TRUE";
}

/** What each type must have; nothing else. */
const NEEDED: Readonly<Record<WorkloadIdentity["type"], readonly string[]>> = {
  OIDC: ["ISSUER", "SUBJECT"],
  AWS: ["ARN"],
  AZURE: ["ISSUER", "SUBJECT"],
  GCP: ["SUBJECT"],
};

/** Snowflake's limit. */
const MAX_SUBJECT_LENGTH = 255;

function readWorkload({ type, texts, audiences }: WorkloadProperties): WorkloadIdentity {
  const needed = NEEDED[type];
  const missing = needed.find((property) => !texts.get(property));
  const extra = [...texts.keys()].find((property) => !needed.includes(property));
  const subject = texts.get("SUBJECT");
  const issuer = texts.get("ISSUER");
  if (missing !== undefined) throw invalidProperty(missing, type);
  if (extra !== undefined) throw invalidProperty(extra, type);
  if (audiences !== undefined && type !== "OIDC") throw invalidProperty("OIDC_AUDIENCE_LIST", type);
  if (subject !== undefined && subject.length > MAX_SUBJECT_LENGTH) throw invalidProperty("SUBJECT", type);
  if (issuer !== undefined && !URL.canParse(issuer)) throw invalidProperty("ISSUER", type);
  return { type, arn: texts.get("ARN"), issuer, subject, audiences };
}

/** The code was seen of Snowflake for an issuer that does not fit its ARN. */
function invalidProperty(property: string, type: string): SqlError {
  return new SqlError(
    "004616",
    "42601",
    `SQL compilation error:\nInvalid ${property} property in WORKLOAD_IDENTITY of TYPE '${type}'.`,
  );
}

function readPublicKeys(texts: UserProperties["texts"]): Map<string, KeyObject> {
  return new Map(
    publicKeyProperties.flatMap((property) => {
      const text = texts.get(property);
      return text === undefined ? [] : [[property, readPublicKey(text, property)]];
    }),
  );
}

/** Base64 of the key's DER, with or without the lines of a PEM around it. */
function readPublicKey(text: string, property: string): KeyObject {
  try {
    const base64 = text.replaceAll(/-----[A-Z ]+-----|\s/g, "");
    return createPublicKey({ key: Buffer.from(base64, "base64"), type: "spki", format: "der" });
  } catch {
    throw invalidValue("…", property);
  }
}
