import type { ConfigReader } from "../../engine/operation.js";
import { stripAccountUrl } from "./account.js";
import { type ConnectionField, connectionFields, type ParsedConnection } from "./arguments.js";
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

/** The `connection` argument as a link of the chain. */
export function readArgumentLink(argument: ParsedConnection): ConnectionLink {
  return buildLink(
    "the connection argument",
    connectionFields.map((field) => [field, argument[field], `argument connection.${field}`]),
  );
}

// Names in `@pulumi/snowflake`'s config beside those of the argument, which are the same.
const configAliases: Aliases = { user: ["username"] };

const configKeys = listNames((field) => (field === "name" ? [] : [field, ...(configAliases[field] ?? [])]));

/** Every key that is read from Pulumi config. */
export function listConfigKeys(): readonly string[] {
  return configKeys.map(([, key]) => key);
}

/** Each field with each of its names in a link; of two that are there the first goes first. */
function listNames(
  namesOf: (field: ConnectionField) => readonly string[],
): readonly (readonly [ConnectionField, string])[] {
  return connectionFields.flatMap((field) => namesOf(field).map((name) => [field, name] as const));
}

/** Pulumi config under the names that `@pulumi/snowflake` uses. */
export function readConfigLink(config: ConfigReader): ConnectionLink {
  const { title, namespace } = config.origin ?? { title: "Pulumi config", namespace: "snowflake" };
  const get = (key: string) => config.get(`snowflake:${key}`);
  const describe = (key: string) => `${title} ${namespace}:${key}`;
  return buildLink(
    title,
    configKeys.map(([field, key]): Candidate => [field, get(key), describe(key)]),
    findRefused(otherConfigKeys, get, describe),
  );
}

/** Further names of a field. */
type Aliases = Readonly<Partial<Record<ConnectionField, readonly string[]>>>;

/** Fields that are no setting of a log-in in Snowflake's own tools. */
const ownFields: readonly ConnectionField[] = ["name", "maxConcurrentStatements"];

// As Snowflake's CLI, its drivers and its Terraform provider call them beside `SNOWFLAKE_<FIELD>`.
const variableAliases: Aliases = {
  user: ["SNOWFLAKE_USERNAME"],
  privateKey: ["SNOWFLAKE_PRIVATE_KEY_RAW"],
  privateKeyPath: ["SNOWFLAKE_PRIVATE_KEY_FILE"],
  // Snowflake's CLI knows the passphrase under this name alone.
  privateKeyPassphrase: ["PRIVATE_KEY_PASSPHRASE"],
};

/** The variable of a field: `SNOWFLAKE_PRIVATE_KEY_PATH`. */
export function nameVariable(field: ConnectionField): string {
  return buildVariable(toSnakeCase(field));
}

const variableNames = listNames((field) =>
  ownFields.includes(field) ? [] : [nameVariable(field), ...(variableAliases[field] ?? [])],
);

// The one place for a passcode: it is good for one log-in, and what a person writes down is read again.
const { passcode: _, ...otherVariables } = otherProfileKeys.refused;

/** The environment's variables as a link of the chain. */
export function readEnvironmentLink(env: Readonly<Record<string, string | undefined>>): ConnectionLink {
  return buildLink(
    "the environment",
    variableNames.map(([field, name]): Candidate => [field, env[name], `environment ${name}`]),
    // Snowflake's CLI reads each key of a connection from a variable, too.
    findRefused(
      { ...otherProfileKeys, refused: otherVariables },
      (key) => env[buildVariable(key)],
      (key) => `environment ${buildVariable(key)}`,
    ),
  );
}

function buildVariable(key: string): string {
  return `SNOWFLAKE_${key.toUpperCase()}`;
}

/** A field as files and variables of Snowflake's tools spell it: `private_key_path`. */
export function toSnakeCase(field: string): string {
  return field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** What a profile does not say: it has the account in one piece. */
const notOfProfiles: readonly ConnectionField[] = [
  ...ownFields,
  "profile",
  "organizationName",
  "accountName",
];

// As the Python connector calls them beside the field in snake case.
const profileAliases: Aliases = {
  account: ["accountname"],
  user: ["username"],
  privateKey: ["private_key_raw"],
  privateKeyPath: ["private_key_file"],
  privateKeyPassphrase: ["private_key_file_pwd"],
  role: ["rolename"],
  warehouse: ["warehousename"],
};

const profileKeys = listNames((field) =>
  notOfProfiles.includes(field) ? [] : [toSnakeCase(field), ...(profileAliases[field] ?? [])],
);

/** Every key that is read from a profile. */
export function listProfileKeys(): readonly string[] {
  return profileKeys.map(([, key]) => key);
}

/** A profile of Snowflake's connection files as a link of the chain. */
export function readProfileLink({ name, fields, variables }: ConnectionProfile): ConnectionLink {
  const get = (key: string) => (Object.hasOwn(fields, key) ? fields[key] : undefined);
  const describe = (key: string) =>
    Object.hasOwn(variables, key) ? `environment ${variables[key]}` : `profile "${name}" ${key}`;
  return buildLink(
    `profile "${name}"`,
    profileKeys.map(([field, key]): Candidate => [field, get(key), describe(key)]),
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
    const found = readText(value);
    if (fields.has(field) || found === undefined) continue;
    const text = tidy(field, found);
    if (text !== "") fields.set(field, { value: text, origin, link: title });
  }
  return { title, fields, refused };
}

// A file of settings has switches and lists of their own.
function readText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const isList = Array.isArray(value) && value.every((item) => typeof item === "string");
  return isList ? value.join(",") : undefined;
}
