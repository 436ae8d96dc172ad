import type { ConfigReader } from "../../engine/operation.js";
import { stripAccountUrl } from "./account.js";
import type { ConnectionField, ConnectionInputs, ParsedConnection } from "./arguments.js";
import { type OtherKeys, otherConfigKeys, otherProfileKeys } from "./other-keys.js";
import type { ConnectionProfile } from "./toml.js";

/** A field as a link supplies it. */
export interface LinkField {
  readonly value: string;
  /** For people: "environment SNOWFLAKE_USER". */
  readonly origin: string;
  /** The title of its link. */
  readonly link: string;
}

/** What one link of the chain supplies, as texts; an empty text counts as absent and is left out. */
export interface ConnectionLink {
  /** For people: "the connection argument", "the environment". */
  readonly title: string;
  readonly fields: ReadonlyMap<ConnectionField, LinkField>;
  /** What it holds besides, and must not be passed over where the link's account or credential is used. */
  readonly refused: readonly RefusedKey[];
}

/** A key that decides where or as whom a log-in goes, and is not supported. */
export interface RefusedKey {
  /** For people: "profile "default" passcode". */
  readonly origin: string;
  readonly hint: string;
}

const argumentFields: readonly (keyof ConnectionInputs)[] = [
  "name",
  "profile",
  "organizationName",
  "accountName",
  "account",
  "region",
  "user",
  "password",
  "privateKey",
  "privateKeyPath",
  "privateKeyPassphrase",
  "token",
  "authenticator",
  "role",
  "warehouse",
  "host",
  "port",
  "protocol",
  "proxyHost",
  "proxyPort",
  "proxyProtocol",
  "proxyUser",
  "proxyPassword",
  "noProxy",
  "maxConcurrentStatements",
];

export function readArgumentLink(argument: ParsedConnection): ConnectionLink {
  return buildLink(
    "the connection argument",
    argumentFields.map((field) => [field, argument[field], `argument connection.${field}`]),
  );
}

/** Pulumi config under the names that `@pulumi/snowflake` uses. */
export function readConfigLink(config: ConfigReader): ConnectionLink {
  const { title, namespace } = config.origin ?? { title: "Pulumi config", namespace: "snowflake" };
  const get = (key: string) => config.get(`snowflake:${key}`);
  const describe = (key: string) => `${title} ${namespace}:${key}`;
  const read = (field: ConnectionField, key: string): Candidate => [field, get(key), describe(key)];
  return buildLink(
    title,
    [
      ...argumentFields.filter((field) => field !== "name").map((field) => read(field, field)),
      read("user", "username"),
    ],
    findRefused(otherConfigKeys, get, describe),
  );
}

// Names as Snowflake's CLI, its drivers and its Terraform provider read them; of two the first goes first.
const variables: readonly (readonly [ConnectionField, ...string[]])[] = [
  ["profile", "SNOWFLAKE_PROFILE"],
  ["organizationName", "SNOWFLAKE_ORGANIZATION_NAME"],
  ["accountName", "SNOWFLAKE_ACCOUNT_NAME"],
  ["account", "SNOWFLAKE_ACCOUNT"],
  ["region", "SNOWFLAKE_REGION"],
  ["user", "SNOWFLAKE_USER", "SNOWFLAKE_USERNAME"],
  ["password", "SNOWFLAKE_PASSWORD"],
  ["privateKey", "SNOWFLAKE_PRIVATE_KEY", "SNOWFLAKE_PRIVATE_KEY_RAW"],
  ["privateKeyPath", "SNOWFLAKE_PRIVATE_KEY_PATH", "SNOWFLAKE_PRIVATE_KEY_FILE"],
  // Snowflake's CLI knows the passphrase under the second name alone.
  ["privateKeyPassphrase", "SNOWFLAKE_PRIVATE_KEY_PASSPHRASE", "PRIVATE_KEY_PASSPHRASE"],
  ["token", "SNOWFLAKE_TOKEN"],
  ["tokenFilePath", "SNOWFLAKE_TOKEN_FILE_PATH"],
  ["authenticator", "SNOWFLAKE_AUTHENTICATOR"],
  ["role", "SNOWFLAKE_ROLE"],
  ["warehouse", "SNOWFLAKE_WAREHOUSE"],
  ["host", "SNOWFLAKE_HOST"],
  ["port", "SNOWFLAKE_PORT"],
  ["protocol", "SNOWFLAKE_PROTOCOL"],
  ["proxyHost", "SNOWFLAKE_PROXY_HOST"],
  ["proxyPort", "SNOWFLAKE_PROXY_PORT"],
  ["proxyProtocol", "SNOWFLAKE_PROXY_PROTOCOL"],
  ["proxyUser", "SNOWFLAKE_PROXY_USER"],
  ["proxyPassword", "SNOWFLAKE_PROXY_PASSWORD"],
  ["noProxy", "SNOWFLAKE_NO_PROXY"],
];

export function readEnvironmentLink(env: Readonly<Record<string, string | undefined>>): ConnectionLink {
  return buildLink(
    "the environment",
    variables.flatMap(([field, ...names]) =>
      names.map((name): Candidate => [field, env[name], `environment ${name}`]),
    ),
    // Snowflake's CLI reads each key of a connection from a variable, too.
    findRefused(
      otherProfileKeys,
      (key) => env[buildVariable(key)],
      (key) => `environment ${buildVariable(key)}`,
    ),
  );
}

function buildVariable(key: string): string {
  return `SNOWFLAKE_${key.toUpperCase()}`;
}

// Keys as the Python connector names them, with its aliases.
const profileKeys: readonly (readonly [ConnectionField, ...string[]])[] = [
  ["account", "account", "accountname"],
  ["region", "region"],
  ["user", "user", "username"],
  ["password", "password"],
  ["privateKey", "private_key", "private_key_raw"],
  ["privateKeyPath", "private_key_file", "private_key_path"],
  ["privateKeyPassphrase", "private_key_passphrase", "private_key_file_pwd"],
  ["token", "token"],
  ["tokenFilePath", "token_file_path"],
  ["authenticator", "authenticator"],
  ["role", "role", "rolename"],
  ["warehouse", "warehouse", "warehousename"],
  ["host", "host"],
  ["port", "port"],
  ["protocol", "protocol"],
  ["proxyHost", "proxy_host"],
  ["proxyPort", "proxy_port"],
  ["proxyProtocol", "proxy_protocol"],
  ["proxyUser", "proxy_user"],
  ["proxyPassword", "proxy_password"],
  ["noProxy", "no_proxy"],
];

export function readProfileLink({ name, fields, variables }: ConnectionProfile): ConnectionLink {
  const get = (key: string) => (Object.hasOwn(fields, key) ? fields[key] : undefined);
  const describe = (key: string) =>
    Object.hasOwn(variables, key) ? `environment ${variables[key]}` : `profile "${name}" ${key}`;
  return buildLink(
    `profile "${name}"`,
    profileKeys.flatMap(([field, ...keys]) => keys.map((key): Candidate => [field, get(key), describe(key)])),
    findRefused(otherProfileKeys, get, describe),
  );
}

type Candidate = readonly [field: ConnectionField, value: unknown, origin: string];

function findRefused(
  { refused }: OtherKeys,
  get: (key: string) => unknown,
  describe: (key: string) => string,
): RefusedKey[] {
  return Object.entries(refused).flatMap(([key, hint]) =>
    isSet(get(key)) ? [{ origin: describe(key), hint }] : [],
  );
}

/** A switch that is off is the same as none. */
function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && !["", "false"].includes(String(value).toLowerCase());
}

/** In these a space or a line break at an end may be meant. */
const keptAsWritten: ReadonlySet<ConnectionField> = new Set([
  "name",
  "password",
  "privateKeyPassphrase",
  "proxyPassword",
  "role",
  "warehouse",
]);

// A secret of a CI system, or a file, often ends with a line break; an account is often copied from the browser.
function tidy(field: ConnectionField, text: string): string {
  if (field === "account") return stripAccountUrl(text);
  return keptAsWritten.has(field) ? text : text.trim();
}

function buildLink(
  title: string,
  candidates: readonly Candidate[],
  refused: readonly RefusedKey[] = [],
): ConnectionLink {
  const fields = new Map<ConnectionField, LinkField>();
  for (const [field, value, origin] of candidates) {
    if (fields.has(field) || (typeof value !== "string" && typeof value !== "number")) continue;
    const text = tidy(field, String(value));
    if (text !== "") fields.set(field, { value: text, origin, link: title });
  }
  return { title, fields, refused };
}
