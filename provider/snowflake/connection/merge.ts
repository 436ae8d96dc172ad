import { ProviderError } from "../../core/errors.js";
import { listInWords } from "../../core/list-in-words.js";
import { joinRegion } from "./account.js";
import type { ConnectionField } from "./arguments.js";
import { findLoginMethod, listAuthenticators, loginMethods } from "./login/index.js";
import type { LoginMethod } from "./login/method.js";
import { isOktaUrl } from "./login/okta.js";
import { type ConnectionLink, type LinkField, nameVariable } from "./sources.js";

/** What the links come to together. */
export interface MergedLinks {
  readonly fields: Map<ConnectionField, LinkField>;
  /** Undefined where nothing says how to log in. */
  method?: LoginMethod;
  /** Links whose user and credential are left out, with what they name another one of. */
  readonly passedOver: { readonly link: string; readonly names: string }[];
}

/** What some ways to log in use beside the credential. */
const settings: readonly ConnectionField[] = [...new Set(loginMethods.flatMap((method) => method.settings))];

/** Each of them comes from the first link that has it. */
const plainFields: readonly ConnectionField[] = ["role", "warehouse", "noProxy", "maxConcurrentStatements"];

/** They come with their host: a password is for one proxy. */
const proxyFields: readonly ConnectionField[] = [
  "proxyHost",
  "proxyPort",
  "proxyProtocol",
  "proxyUser",
  "proxyPassword",
];

/** Merges the links in their order; see `resolveConnection` for the rules. */
export function mergeLinks(links: readonly ConnectionLink[]): MergedLinks {
  const merged: MergedLinks = { fields: new Map(), passedOver: [] };
  const organization =
    links.map(({ fields }) => fields.get("organizationName")?.value).find((each) => each !== undefined) ?? "";
  for (const link of links) {
    const names = findOther(merged, link, organization);
    const take = (...wanted: readonly ConnectionField[]) => {
      for (const name of wanted) {
        const field = link.fields.get(name);
        if (field !== undefined && !merged.fields.has(name)) merged.fields.set(name, field);
      }
    };
    if (!merged.fields.has("account")) {
      if (link.fields.has("accountName") || merged.fields.has("accountName"))
        take("accountName", "organizationName");
      else if (link.fields.has("account")) take("account");
      else take("organizationName");
    }
    if (names !== "account") take("region");
    if (names !== "account" && !merged.fields.has("host") && link.fields.has("host"))
      take("host", "port", "protocol");
    take(...plainFields);
    if (!merged.fields.has("proxyHost") && link.fields.has("proxyHost")) take(...proxyFields);
    if (names !== undefined) {
      merged.passedOver.push({ link: link.title, names });
      continue;
    }
    take("user", ...settings);
    if (hasCredential(merged)) continue;
    if (merged.method === undefined) take("authenticator");
    pickCredential(merged, link, take);
  }
  keepWhatIsUsed(merged);
  requireUnderstood(merged, links);
  return merged;
}

function hasCredential({ method, fields }: MergedLinks): boolean {
  return method?.credential.some((field) => fields.has(field)) ?? false;
}

function pickCredential(
  merged: MergedLinks,
  link: ConnectionLink,
  take: (...names: readonly ConnectionField[]) => void,
): void {
  const method = merged.method ?? findNamedMethod(merged) ?? findImpliedMethod(link);
  if (method === undefined) return;
  merged.method = method;
  const present = method.credential.filter((field) => link.fields.has(field));
  if (present.length > 1) throw buildAmbiguous(present, link, merged.fields.has("authenticator"));
  take(...present);
}

function findNamedMethod({ fields }: MergedLinks): LoginMethod | undefined {
  const authenticator = fields.get("authenticator");
  if (authenticator === undefined) return undefined;
  const method = findLoginMethod(authenticator.value);
  if (method !== undefined) return method;
  throw new ProviderError("INVALID_INPUT", {
    operation: "this authenticator is not supported",
    target: authenticator.origin,
    hint: `give ${listAuthenticators("")}.`,
  });
}

/** What a link's own credential means. A method that takes another one's for its own, such as a token, goes first. */
function findImpliedMethod(link: ConnectionLink): LoginMethod | undefined {
  const isThere = (field: ConnectionField) => link.fields.has(field);
  const implied = loginMethods.filter((method) => method.impliedBy.some(isThere));
  const [first] = implied;
  const others = implied.filter((method) =>
    method.impliedBy.some((field) => isThere(field) && !first?.credential.includes(field)),
  );
  if (others.every((method) => method === first)) return first;
  const present = implied.flatMap((method) => method.impliedBy.filter(isThere));
  throw buildAmbiguous(present, link, false);
}

function buildAmbiguous(
  present: readonly ConnectionField[],
  { title }: ConnectionLink,
  hasAuthenticator: boolean,
): ProviderError {
  return new ProviderError("INVALID_INPUT", {
    operation: "more than one credential is set",
    target: `${present.join(" and ")} in ${title}`,
    hint: `keep one of them${hasAuthenticator ? "" : ", or set authenticator to choose one"}.`,
  });
}

// What belongs to another way to log in was never a part of this connection; nor is a user of whom the credential knows
// nothing: it names its own.
function keepWhatIsUsed({ fields, method }: MergedLinks): void {
  if (method === undefined) return;
  for (const field of settings) if (!method.settings.some((own) => own === field)) fields.delete(field);
  const deciding = fields.get("authenticator") ?? fields.get(method.impliedBy[0] ?? "authenticator");
  if (method.user === "own-link" && fields.get("user")?.link !== deciding?.link) fields.delete("user");
}

/** What else stands beside an account or credential that is used may not be passed over in silence. */
function requireUnderstood({ fields, method }: MergedLinks, links: readonly ConnectionLink[]): void {
  const deciding: readonly ConnectionField[] = [
    "account",
    "accountName",
    ...(method === undefined ? [] : [...method.credential, ...method.settings]),
  ];
  const used = new Set(deciding.map((field) => fields.get(field)?.link));
  const refused = links.filter(({ title }) => used.has(title)).flatMap((link) => link.refused);
  if (refused.length === 0) return;
  throw new ProviderError("INVALID_INPUT", {
    operation: "the connection has settings that this package does not support",
    target: refused.map(({ origin }) => origin).join(", "),
    hint: [...new Set(refused.map(({ hint }) => hint))].join(" "),
  });
}

// An account may be written as organization and name in one link and in one piece in another, and its organization may
// stand in a third one.
function findOther(merged: MergedLinks, link: ConnectionLink, organization: string): string | undefined {
  if (isOtherAccount(merged, link, organization)) return "account";
  const user = merged.fields.get("user")?.value.toUpperCase();
  const other = link.fields.get("user")?.value.toUpperCase();
  if (user !== undefined && other !== undefined && user !== other) return "user";
  return addressees.find(([field]) => {
    const [mine, its] = [findAddressee(merged.fields, field), findAddressee(link.fields, field)];
    return mine !== undefined && its !== undefined && mine !== its;
  })?.[1];
}

function isOtherAccount(merged: MergedLinks, { fields }: ConnectionLink, organization: string): boolean {
  const ours = describeAccount(merged.fields, organization);
  if (ours === undefined) return false;
  const theirs = describeAccount(fields, organization);
  if (theirs !== undefined) return ours !== theirs;
  const theirOrganization = fields.get("organizationName")?.value.toUpperCase();
  return theirOrganization !== undefined && !ours.startsWith(`${theirOrganization}-`);
}

function findAddressee(fields: ConnectionLink["fields"], field: ConnectionField): string | undefined {
  const value = fields.get(field)?.value;
  const authenticator = fields.get("authenticator")?.value ?? "";
  return value ?? (field === "oktaUrl" && isOktaUrl(authenticator) ? authenticator : undefined);
}

/** To whom a credential goes beside Snowflake, or whose it is. */
const addressees: readonly (readonly [ConnectionField, string])[] = [
  ["oauthTokenRequestUrl", "token URL"],
  ["oauthAuthorizationUrl", "authorization URL"],
  ["oauthClientId", "OAuth client"],
  ["oktaUrl", "Okta URL"],
];

function describeAccount(fields: ConnectionLink["fields"], organization: string): string | undefined {
  const name = fields.get("accountName")?.value;
  const account =
    name === undefined
      ? joinRegion(fields.get("account")?.value, fields.get("region")?.value)
      : `${fields.get("organizationName")?.value ?? organization}-${name}`;
  return account?.toUpperCase();
}

/** What a log-in still needs, and where it may stand. */
export interface MissingPart {
  readonly what: string;
  readonly where: string;
}

/** Where the settings are read from, for the texts and for what a method finds by itself. */
export interface MissingContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of the config that was read: a person sets `snowflake:user` there. @default "snowflake" */
  readonly namespace?: string | undefined;
}

/** Of all ways to log in, those that an error names where none is chosen. */
const usualCredentials = ["privateKeyPath", "token", "password"] as const;

/** What a log-in still needs, beside what the links come to. */
export function findMissing(
  merged: MergedLinks,
  { env, namespace = "snowflake" }: MissingContext,
): MissingPart[] {
  const { fields, method } = merged;
  const missing: MissingPart[] = [];
  if (fields.has("accountName") ? !fields.has("organizationName") : !fields.has("account")) {
    missing.push(
      fields.has("accountName")
        ? {
            what: "the organization beside the account name",
            where: `${namespace}:organizationName, SNOWFLAKE_ORGANIZATION_NAME`,
          }
        : {
            what: "the account",
            where: `connection.account, ${namespace}:account, SNOWFLAKE_ACCOUNT, or organizationName with accountName`,
          },
    );
  }
  const parts = method?.findMissing({ env, text: (field) => fields.get(field)?.value }) ?? [
    {
      what: "a credential",
      fields: usualCredentials,
      or: "that of another way to log in: docs/connection.md",
    },
  ];
  for (const { what, fields: places, or } of parts) {
    const where = `connection.${listInWords(places, "or")}, the same under ${namespace}:, or ${listInWords(places.map(nameVariable), "or")}`;
    missing.push({ what, where: or === undefined ? where : `${where}; or ${or}` });
  }
  if (!fields.has("user") && (method === undefined || method.user === "required")) {
    missing.push({ what: "the user", where: `connection.user, ${namespace}:user, SNOWFLAKE_USER` });
  }
  return missing;
}

/**
 * @param noProfile why no profile was read: what was looked at
 * @throws ProviderError `CONNECTION_INCOMPLETE`
 */
export function requireComplete(merged: MergedLinks, context: MissingContext, noProfile?: string): void {
  const missing = findMissing(merged, context);
  if (missing.length === 0) return;
  const passedOver = merged.passedOver.map(({ link, names }) => `${link} (it names another ${names})`);
  const notes =
    passedOver.length === 0 ? "" : ` User and credential of ${passedOver.join(", ")} were ignored.`;
  throw new ProviderError("CONNECTION_INCOMPLETE", {
    operation: "the connection to Snowflake is incomplete",
    target: `missing ${missing.map(({ what }) => what).join(", ")}`,
    hint: `give ${missing.map(({ what, where }) => `${what} (${where})`).join("; ")}, or a profile of connections.toml${noProfile === undefined ? "" : ` (${noProfile}; the default one is "default")`}.${notes}`,
  });
}
