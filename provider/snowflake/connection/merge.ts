import { ProviderError } from "../../core/errors.js";
import { joinRegion } from "./account.js";
import type { ConnectionField } from "./arguments.js";
import type { ConnectionLink, LinkField } from "./sources.js";

type CredentialKind = "key pair" | "token" | "password";

/** What the links come to together. */
export interface MergedLinks {
  readonly fields: Map<ConnectionField, LinkField>;
  credential?: CredentialKind;
  /** Links whose user and credential are left out, with what they name another one of. */
  readonly passedOver: { readonly link: string; readonly names: "account" | "user" }[];
}

const credentialFields: Readonly<Record<CredentialKind, readonly ConnectionField[]>> = {
  "key pair": ["privateKey", "privateKeyPath"],
  token: ["token", "tokenFilePath"],
  password: ["password"],
};

// Upper-cased spellings of the drivers and of the Pulumi provider, and the credentials that fit each.
const authenticators: Readonly<Record<string, readonly CredentialKind[]>> = {
  SNOWFLAKE: ["password"],
  SNOWFLAKE_JWT: ["key pair"],
  JWT: ["key pair"],
  PROGRAMMATIC_ACCESS_TOKEN: ["token", "password"],
  PROGRAMMATICACCESSTOKEN: ["token", "password"],
  OAUTH: ["token"],
};

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
  for (const link of links) {
    const names = findOther(merged, link);
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
    const hadAuthenticator = merged.fields.has("authenticator");
    take("user", "privateKeyPassphrase");
    if (merged.credential === undefined) {
      take("authenticator");
      pickCredential(merged, link, take, hadAuthenticator);
    }
  }
  requireUnderstood(merged, links);
  return merged;
}

/** What else stands beside an account or credential that is used may not be passed over in silence. */
function requireUnderstood({ fields, credential }: MergedLinks, links: readonly ConnectionLink[]): void {
  const deciding: readonly ConnectionField[] = [
    "account",
    "accountName",
    ...(credential === undefined ? [] : credentialFields[credential]),
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

function pickCredential(
  merged: MergedLinks,
  link: ConnectionLink,
  take: (...names: readonly ConnectionField[]) => void,
  hadAuthenticator: boolean,
): void {
  const authenticator = merged.fields.get("authenticator");
  const fitting = authenticator && authenticators[authenticator.value.toUpperCase()];
  if (authenticator !== undefined && fitting === undefined) {
    throw new ProviderError("INVALID_INPUT", {
      operation: "choose the way to log in",
      target: authenticator.origin,
      hint: "allowed are SNOWFLAKE (password), SNOWFLAKE_JWT (key pair), PROGRAMMATIC_ACCESS_TOKEN and OAUTH.",
    });
  }
  const kinds = (Object.keys(credentialFields) as CredentialKind[])
    .filter((kind) => fitting === undefined || fitting.includes(kind))
    .filter((kind) => credentialFields[kind].some((field) => link.fields.has(field)));
  const present = kinds.flatMap((kind) => credentialFields[kind].filter((field) => link.fields.has(field)));
  if (present.length > 1) {
    throw new ProviderError("INVALID_INPUT", {
      operation: "choose the way to log in",
      target: `${present.join(" and ")} in ${link.title}`,
      hint: `keep one of them${hadAuthenticator ? "" : ", or say with authenticator which one is meant"}.`,
    });
  }
  if (kinds[0] === undefined) return;
  merged.credential = kinds[0];
  take(...present);
}

// An account may be written as organization and name in one link and in one piece in another.
function findOther(merged: MergedLinks, link: ConnectionLink): "account" | "user" | undefined {
  const ours = describeAccount(merged.fields);
  const theirs = describeAccount(link.fields);
  if (ours !== undefined && theirs !== undefined && ours !== theirs) return "account";
  const user = merged.fields.get("user")?.value.toUpperCase();
  const other = link.fields.get("user")?.value.toUpperCase();
  return user !== undefined && other !== undefined && user !== other ? "user" : undefined;
}

function describeAccount(fields: ConnectionLink["fields"]): string | undefined {
  const name = fields.get("accountName")?.value;
  const organization = fields.get("organizationName")?.value;
  const account =
    name === undefined
      ? joinRegion(fields.get("account")?.value, fields.get("region")?.value)
      : organization === undefined
        ? undefined
        : `${organization}-${name}`;
  return account?.toUpperCase();
}

/** What a log-in still needs, and where it may stand. */
export interface MissingPart {
  readonly what: string;
  readonly where: string;
}

/** @param namespace of the config that was read: a person sets `snowflake:user` there */
export function findMissing(merged: MergedLinks, namespace = "snowflake"): MissingPart[] {
  const { fields, credential } = merged;
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
  if (credential === undefined) {
    missing.push({
      what: "a credential",
      where: `connection.privateKey, privateKeyPath, token or password, the same under ${namespace}:, or SNOWFLAKE_PRIVATE_KEY, SNOWFLAKE_PRIVATE_KEY_PATH, SNOWFLAKE_TOKEN or SNOWFLAKE_PASSWORD`,
    });
  }
  // A token names its user itself.
  if (!fields.has("user") && credential !== "token") {
    missing.push({ what: "the user", where: `connection.user, ${namespace}:user, SNOWFLAKE_USER` });
  }
  return missing;
}

/**
 * @param noProfile why no profile was read: what was looked at
 * @throws ProviderError `CONNECTION_INCOMPLETE`
 */
export function requireComplete(merged: MergedLinks, namespace?: string, noProfile?: string): void {
  const missing = findMissing(merged, namespace);
  if (missing.length === 0) return;
  const passedOver = merged.passedOver.map(({ link, names }) => `${link} (it names another ${names})`);
  const notes =
    passedOver.length === 0 ? "" : ` User and credential were passed over of ${passedOver.join(", ")}.`;
  throw new ProviderError("CONNECTION_INCOMPLETE", {
    operation: "resolve the connection to Snowflake",
    target: `missing ${missing.map(({ what }) => what).join(", ")}`,
    hint: `give ${missing.map(({ what, where }) => `${what} (${where})`).join("; ")}, or a profile of connections.toml${noProfile === undefined ? "" : ` (${noProfile}; the default one is "default")`}.${notes}`,
  });
}
