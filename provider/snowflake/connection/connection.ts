import type { HttpProxy } from "../../core/proxy.js";
import type { SecretValue } from "../../core/secret-value.js";
import { buildHost } from "./account.js";

/** One way to log in. What is secret in it stands at its top, where those look who compare or hide credentials. */
export type SnowflakeAuthentication =
  /** The key as `readPrivateKey` reads it. */
  | { readonly kind: "key-pair"; readonly privateKey: SecretValue }
  | { readonly kind: "programmatic-access-token"; readonly token: SecretValue }
  | { readonly kind: "oauth"; readonly token: SecretValue }
  | { readonly kind: "password"; readonly password: SecretValue }
  | PasswordWithSecondFactor
  | { readonly kind: "okta"; readonly url: string; readonly password: SecretValue }
  | { readonly kind: "external-browser"; readonly keepsToken: boolean }
  | OidcIdentity
  | CloudIdentity
  | OAuthClientCredentials
  | OAuthAuthorizationCode;

/** A password and a second factor: the passcode, else an approval that Snowflake asks the user for. */
export interface PasswordWithSecondFactor {
  readonly kind: "password-mfa";
  readonly password: SecretValue;
  /** Good for one log-in. */
  readonly passcode?: SecretValue;
  /** Whether the driver may keep what the next process logs in with. */
  readonly keepsToken: boolean;
}

/** The identity of a workload, by a token of an OpenID provider that the user in Snowflake names. */
export interface OidcIdentity {
  readonly kind: "workload-identity";
  readonly provider: "OIDC";
  readonly audience: string;
  /** Where the token is from, for people: "environment SNOWFLAKE_TOKEN". */
  readonly origin: string;
  readonly token?: SecretValue;
  /** The whole path of the file that is read at each log-in. */
  readonly tokenFile?: string;
  /** Where GitHub hands out the token of this job, at each log-in. */
  readonly githubUrl?: string;
  /** Opens `githubUrl`, and nothing else. */
  readonly githubBearer?: SecretValue;
}

/** The identity of a workload, as the driver finds it where the workload runs. */
export interface CloudIdentity {
  readonly kind: "workload-identity";
  readonly provider: "AWS" | "AZURE" | "GCP";
  readonly impersonationPath?: readonly string[];
  readonly usesOutboundToken?: boolean;
  readonly clientId?: string;
  readonly resource?: string;
}

/** An access token that the driver gets from an identity provider with the client's own secret. */
export interface OAuthClientCredentials {
  readonly kind: "oauth-client-credentials";
  readonly clientId: string;
  readonly clientSecret: SecretValue;
  readonly tokenRequestUrl: string;
  readonly scope?: string;
}

/** An access token that an identity provider gives once the user has logged in with the browser. */
export interface OAuthAuthorizationCode {
  readonly kind: "oauth-authorization-code";
  /** Snowflake's own client where absent. */
  readonly clientId?: string;
  readonly clientSecret?: SecretValue;
  /** Snowflake's own pages where absent. */
  readonly authorizationUrl?: string;
  readonly tokenRequestUrl?: string;
  /** Where the browser brings the code, on this machine. */
  readonly redirectUri?: string;
  readonly scope?: string;
  /** Whether the driver may keep the tokens for the next process. */
  readonly keepsToken: boolean;
}

/** A connection after its chain was resolved: all that a log-in needs. */
export interface SnowflakeConnection {
  /** As the driver wants it: `org-account`, or a locator with its region (`xy12345.us-east-1`). */
  readonly account: string;
  /** Absent where the credential names its user. */
  readonly username?: string;
  readonly authentication: SnowflakeAuthentication;
  readonly role?: string;
  readonly warehouse?: string;
  readonly database?: string;
  /** Host, port and protocol only where Snowflake is reached by another name (private link, a test server). */
  readonly host?: string;
  readonly port?: number;
  readonly protocol?: "http" | "https";
  /** What the driver goes by way of; absent where it goes straight on. */
  readonly proxy?: HttpProxy;
  /** Names of identity servers that are reached without that proxy. */
  readonly directHosts?: readonly string[];
  /** How many statements may be under way on one session. */
  readonly maxConcurrentStatements: number;
}

/** The host, port and protocol that a connection leads to, as a URL. */
export function buildAccessUrl({
  account,
  host = buildHost(account),
  port,
  protocol = "https",
}: Pick<SnowflakeConnection, "account" | "host" | "port" | "protocol">): URL {
  return new URL(`${protocol}://${host}${port === undefined ? "" : `:${port}`}`);
}

/** The servers beside the account's own to which the driver sends something at a log-in, but for those of a cloud. */
export function findIdentityServers(authentication: SnowflakeAuthentication): readonly URL[] {
  if (authentication.kind === "okta") return [new URL(authentication.url)];
  // A token for a client is not the driver's to get.
  if (authentication.kind !== "oauth-authorization-code") return [];
  const { tokenRequestUrl } = authentication;
  return tokenRequestUrl === undefined ? [] : [new URL(tokenRequestUrl)];
}
