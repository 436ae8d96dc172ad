import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { resolve } from "node:path";
import { buildSafeCause, ProviderError } from "../../core/errors.js";
import { findProxy, type HttpProxy, isExcluded, parseProxy } from "../../core/proxy.js";
import { SecretValue } from "../../core/secret-value.js";
import type { ConfigReader } from "../../engine/operation.js";
import { isUnknown } from "../../engine/unknown.js";
import { readPrivateKey } from "../private-key.js";
import { type HostAddress, joinRegion, parseHost } from "./account.js";
import { type ConnectionField, defaultConcurrency, type ParsedConnection } from "./arguments.js";
import {
  buildAccessUrl,
  findIdentityServers,
  type SnowflakeAuthentication,
  type SnowflakeConnection,
} from "./connection.js";
import type { LoginReader } from "./login/method.js";
import { findMissing, type MergedLinks, mergeLinks, requireComplete } from "./merge.js";
import {
  type ConnectionLink,
  type LinkField,
  readArgumentLink,
  readConfigLink,
  readEnvironmentLink,
  readProfileLink,
} from "./sources.js";
import { expandHome, findConnectionProfile } from "./toml.js";

export {
  type ConnectionInputs,
  connectionArguments,
} from "./arguments.js";

/** Where the links of the chain are read from. */
export interface ConnectionSources {
  /** The `connection` argument of the resource, parsed by `connectionArguments`. */
  readonly argument?: ParsedConnection | undefined;
  /** Pulumi config; in hooks `engineConfig()`. */
  readonly config: ConfigReader;
  /** @default process.env */
  readonly env?: Environment;
  /** Where `~` is. @default the user's home folder */
  readonly homeDirectory?: string;
  /** Where relative paths start. @default the working folder, which in hooks is the program's */
  readonly programDirectory?: string;
  /** @default process.platform */
  readonly platform?: NodeJS.Platform;
  /** Told what a person should know although it works, one sentence each. @default nobody */
  readonly warn?: (text: string) => void;
}

/** A connection with the origin of each of its fields. */
export interface ResolvedConnection {
  readonly unknown: false;
  /** Its name: the argument's `name`, else the profile, else the account. */
  readonly name: string;
  readonly connection: SnowflakeConnection;
  /** By field, what supplied it ("Pulumi config snowflake:user"); never a value. */
  readonly provenance: Readonly<Partial<Record<ConnectionField, string>>>;
  /** By field, the link as a whole ("Pulumi config"). */
  readonly links: Readonly<Partial<Record<ConnectionField, string>>>;
}

/** A connection whose argument holds values that only `up` knows. */
export interface UnknownConnection {
  readonly unknown: true;
  readonly fields: readonly string[];
}

/**
 * Resolves a connection: argument, then Pulumi config, then `SNOWFLAKE_*`, then a profile of `connections.toml`.
 *
 * - Each field comes from the first link that has it. `port` and `protocol` come with their `host`.
 * - The user and the credential belong together: of a link that names another account or another user than the links
 *   before it, both are passed over, so that a credential is never sent to an account, or for a user, that it does not
 *   stand beside. So is the host of another account.
 * - The credential comes whole from the first link that has one (of the kind that `authenticator` asks for).
 * - A profile that a link names stands directly behind that link; the default profile is read only where the other
 *   links do not suffice to log in, so that a machine's settings do not change a complete connection.
 *
 * @throws ProviderError `CONNECTION_INCOMPLETE` where something is missing, with the places where it may stand;
 *   `INVALID_INPUT` for two credentials in one link, an unsupported authenticator, or an unusable file.
 */
export async function resolveConnection(
  sources: ConnectionSources,
): Promise<ResolvedConnection | UnknownConnection> {
  const {
    argument = {},
    env = process.env,
    homeDirectory = homedir(),
    platform = process.platform,
    warn = () => undefined,
  } = sources;
  const unknownFields = Object.entries(argument).flatMap(([field, value]) =>
    isUnknown(value) ? [field] : [],
  );
  if (unknownFields.length > 0) return { unknown: true, fields: unknownFields };

  const profileContext = { env, homeDirectory, platform, warn };
  const links: ConnectionLink[] = [];
  let profileName: string | undefined;
  for (const link of [readArgumentLink(argument), readConfigLink(sources.config), readEnvironmentLink(env)]) {
    links.push(link);
    const named = link.fields.get("profile")?.value;
    if (named === undefined || profileName !== undefined) continue;
    const profile = findConnectionProfile(named, profileContext);
    if ("reason" in profile) continue;
    profileName = profile.name;
    links.push(readProfileLink(profile));
  }
  let merged = mergeLinks(links);
  let noProfile: string | undefined;
  if (profileName === undefined && findMissing(merged, { env }).length > 0) {
    const profile = findConnectionProfile(undefined, profileContext);
    if ("reason" in profile) {
      noProfile = profile.reason;
    } else {
      profileName = profile.name;
      links.push(readProfileLink(profile));
      merged = mergeLinks(links);
    }
  }
  requireComplete(merged, { env, namespace: sources.config.origin?.namespace }, noProfile);
  const account = getAccount(merged);
  const programDirectory = sources.programDirectory ?? process.cwd();
  const authentication = await readAuthentication(merged, env, (path) =>
    resolve(programDirectory, expandHome(path, homeDirectory)),
  );
  return {
    unknown: false,
    name: argument.name || profileName || account,
    connection: buildConnection(merged, account, authentication, env),
    provenance: Object.fromEntries([...merged.fields].map(([field, { origin }]) => [field, origin])),
    links: Object.fromEntries([...merged.fields].map(([field, { link }]) => [field, link])),
  };
}

function getAccount({ fields }: MergedLinks): string {
  const name = fields.get("accountName");
  const whole = fields.get("account");
  const origin = (name ?? whole)?.origin ?? "";
  const account = name ? `${fields.get("organizationName")?.value}-${name.value}` : (whole?.value ?? "");
  if (/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(account) && !/snowflakecomputing/i.test(account)) {
    return joinRegion(account, readRegion(fields.get("region"), account)) ?? account;
  }
  throw new ProviderError("INVALID_INPUT", {
    operation: "not a valid account identifier",
    target: origin,
    hint: 'give it without "https://" and without "snowflakecomputing.com": "organization-account", or a locator with its region.',
  });
}

/** @throws ProviderError `INVALID_INPUT` for what is no region, or for another one than the account's own. */
function readRegion(region: LinkField | undefined, account: string): string | undefined {
  if (region === undefined) return undefined;
  const own = /^[^.-]+\.(.+)$/.exec(account)?.[1];
  const isOther = own !== undefined && own.toLowerCase() !== region.value.toLowerCase();
  if (/^[a-z0-9-]+(\.[a-z0-9-]+)*$/i.test(region.value) && !isOther) return region.value;
  throw new ProviderError("INVALID_INPUT", {
    operation: isOther ? "the account locator names another region than region" : "not a valid region",
    target: region.origin,
    hint: isOther
      ? "remove region, or correct account."
      : 'give it as in the account\'s URL: "eu-central-1", "west-europe.azure".',
  });
}

async function readAuthentication(
  { fields, method }: MergedLinks,
  env: LoginReader["env"],
  locate: (path: string) => string,
): Promise<SnowflakeAuthentication> {
  if (method === undefined) throw new TypeError("a connection without a way to log in");
  const text = (field: ConnectionField) => fields.get(field)?.value;
  const origin = (field: ConnectionField) => fields.get(field)?.origin ?? field;
  const readFileOf = (field: ConnectionField) => readCredentialFile(locate(text(field) ?? ""), origin(field));
  return await method.build({
    env,
    text,
    origin,
    locate: (field) => locate(text(field) ?? ""),
    readFile: readFileOf,
    readPrivateKey: async () =>
      openPrivateKey(new SecretValue(text("privateKey") ?? (await readFileOf("privateKeyPath"))), fields),
  });
}

function openPrivateKey(text: SecretValue, fields: MergedLinks["fields"]): SecretValue {
  const passphrase = fields.get("privateKeyPassphrase");
  const reading = readPrivateKey(text, passphrase && new SecretValue(passphrase.value));
  if ("key" in reading) return reading.key;
  const path = fields.get("privateKeyPath");
  const key = fields.get("privateKey") ?? path;
  const origin = key === path ? `${path?.value} (${path?.origin})` : key?.origin;
  throw new ProviderError("INVALID_INPUT", {
    operation: `the private key ${reading.problem}`,
    target: `${origin}${reading.fault === "passphrase" ? `, passphrase of ${passphrase?.origin}` : ""}`,
    hint:
      reading.fault === "no passphrase"
        ? "give its passphrase (privateKeyPassphrase, SNOWFLAKE_PRIVATE_KEY_PASSPHRASE)."
        : reading.fault === "path"
          ? "give it as privateKeyPath (SNOWFLAKE_PRIVATE_KEY_PATH)."
          : reading.hint,
  });
}

async function readCredentialFile(path: string, origin: string): Promise<string> {
  try {
    return decodeFile(await readFile(path));
  } catch (error) {
    throw new ProviderError("INVALID_INPUT", {
      operation: "cannot read the file of a credential",
      target: `${path} (${origin})`,
      hint: "check that the file exists and that you may read it.",
      cause: buildSafeCause(error),
    });
  }
}

/** The text of a file; a key may also stand there as bytes. */
function decodeFile(bytes: Buffer): string {
  const isDer = bytes[0] === 0x30 && bytes[1] === 0x82;
  return isDer ? bytes.toString("base64") : bytes.toString("utf8").trim();
}

function buildConnection(
  { fields }: MergedLinks,
  account: string,
  authentication: SnowflakeAuthentication,
  env: Environment,
): SnowflakeConnection {
  const value = (name: ConnectionField) => fields.get(name)?.value;
  const text = <K extends string>(key: K, found: string | undefined) =>
    (found === undefined ? {} : { [key]: found }) as Partial<Record<K, string>>;
  const address = readAddress(fields);
  const proxy = chooseProxy(fields, buildAccessUrl({ account, ...address }), env);
  const directHosts = findIdentityServers(authentication)
    .filter((url) => chooseProxy(fields, url, env) === undefined)
    .map(({ hostname }) => hostname);
  return {
    account,
    ...text("username", value("user")),
    authentication,
    ...text("role", value("role")),
    ...text("warehouse", value("warehouse")),
    ...address,
    ...(proxy === undefined ? {} : { proxy, ...(directHosts.length === 0 ? {} : { directHosts }) }),
    maxConcurrentStatements: readNumber(fields.get("maxConcurrentStatements"), 1, 256) ?? defaultConcurrency,
  };
}

/** @throws ProviderError `INVALID_INPUT` for a host that is none, or beside another port or protocol than its own */
function readAddress(fields: MergedLinks["fields"]): Partial<HostAddress> {
  const host = fields.get("host");
  const port = readNumber(fields.get("port"), 1, 65_535);
  const protocol = readProtocol(fields.get("protocol"));
  const given = { ...(port === undefined ? {} : { port }), ...(protocol === undefined ? {} : { protocol }) };
  if (host === undefined) return given;
  const address = parseHost(host.value);
  const isOther =
    (port ?? address?.port) !== (address?.port ?? port) ||
    (protocol ?? address?.protocol) !== (address?.protocol ?? protocol);
  if (address !== undefined && !isOther) return { ...address, ...given };
  throw new ProviderError("INVALID_INPUT", {
    operation: isOther ? "host contains another port or protocol than the settings" : "not a valid host",
    target: host.origin,
    hint: "give only the host name. Set port and protocol separately.",
  });
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The proxy of the connection's settings, else that of the environment; over plain HTTP the driver knows none. */
function chooseProxy(fields: MergedLinks["fields"], url: URL, env: Environment): HttpProxy | undefined {
  const value = (name: ConnectionField) => fields.get(name)?.value;
  if (url.protocol !== "https:" || isExcluded(url, value("noProxy"))) return undefined;
  const host = fields.get("proxyHost");
  if (host === undefined) return findProxy(url, env);
  const protocol = readProtocol(fields.get("proxyProtocol")) ?? "http";
  return parseProxy(host.value.includes("://") ? host.value : `${protocol}://${host.value}`, host.origin, {
    port: readNumber(fields.get("proxyPort"), 1, 65_535),
    user: value("proxyUser"),
    password: value("proxyPassword"),
  });
}

function readProtocol(field: LinkField | undefined): "http" | "https" | undefined {
  const protocol = field?.value.toLowerCase().replace(/:(\/\/)?$/, "");
  if (protocol === undefined || protocol === "http" || protocol === "https") return protocol;
  throw new ProviderError("INVALID_INPUT", {
    operation: "unknown protocol",
    target: field?.origin ?? "protocol",
    hint: 'give "https" or "http".',
  });
}

function readNumber(field: LinkField | undefined, min: number, max: number): number | undefined {
  if (field === undefined) return undefined;
  const number = Number(field.value);
  if (Number.isInteger(number) && number >= min && number <= max) return number;
  throw new ProviderError("INVALID_INPUT", {
    operation: "not a valid number in the connection",
    target: field.origin,
    hint: `give a whole number from ${min} to ${max}.`,
  });
}
