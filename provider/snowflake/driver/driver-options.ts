import type { ConnectionOptions } from "snowflake-sdk";
import { type HttpProxy, portOf } from "../../core/proxy.js";
import type { SecretValue } from "../../core/secret-value.js";
import {
  buildAccessUrl,
  type OAuthClientCredentials,
  type OidcIdentity,
  type SnowflakeAuthentication,
  type SnowflakeConnection,
} from "../connection/connection.js";
import { buildLastPage } from "./last-page.js";
import { personTimeoutMs } from "./person.js";

/** For one HTTP request of the driver: longer than the 45 s after which Snowflake answers that it still works. */
const attemptTimeoutMs = 60_000;

/** What the driver is handed: a token that is to be fetched is got now, and an identity for a host that may have it. */
export type Credential =
  | Exclude<SnowflakeAuthentication, OidcIdentity | OAuthClientCredentials>
  | SentIdentity;

interface SentIdentity {
  readonly kind: "identity-token";
  readonly token: SecretValue;
}

/** All that the driver is told of a connection. */
export function buildDriverOptions(
  connection: SnowflakeConnection,
  credential: Credential,
  openBrowser: OpenBrowser = () => undefined,
): ConnectionOptions {
  const { account, username, role, warehouse, database, host, proxy, directHosts = [] } = connection;
  return {
    account,
    application: "pulumi_snowflake_secrets",
    ...(username === undefined ? {} : { username }),
    ...buildAuthenticationOptions(credential, openBrowser),
    ...(role === undefined ? {} : { role }),
    ...(warehouse === undefined ? {} : { warehouse }),
    ...(database === undefined ? {} : { database }),
    ...(host === undefined ? {} : { accessUrl: buildAccessUrl(connection).origin }),
    ...(proxy === undefined ? {} : buildProxyOptions(proxy, directHosts)),
    timeout: credential.kind === "password-mfa" ? personTimeoutMs : attemptTimeoutMs,
    sfRetryMaxLoginRetries: 0,
    clientSessionKeepAlive: false,
  };
}

// The driver takes user and password as a URL holds them, with %-escapes, and none of the two without the other.
function buildProxyOptions({ url }: HttpProxy, directHosts: readonly string[]): Partial<ConnectionOptions> {
  const proxy = new URL(url.expose());
  const { hostname, protocol, username, password } = proxy;
  const hasLogin = username !== "" && password !== "";
  return {
    proxyHost: hostname,
    proxyPort: portOf(proxy),
    proxyProtocol: protocol,
    ...(directHosts.length === 0 ? {} : { noProxy: directHosts.join("|") }),
    ...(hasLogin ? { proxyUser: username, proxyPassword: password } : {}),
    useConnectionConfigProxyForOCSP: true,
  };
}

type OpenBrowser = (url: string) => void;

function buildAuthenticationOptions(a: Credential, openBrowser: OpenBrowser): Partial<ConnectionOptions> {
  switch (a.kind) {
    case "password":
      return { password: a.password.expose() };
    case "password-mfa":
      return {
        authenticator: "USERNAME_PASSWORD_MFA",
        password: a.password.expose(),
        ...(a.passcode === undefined ? {} : { passcode: a.passcode.expose() }),
        // Without the second one the driver has no place to keep the first one's token in, and fails.
        clientRequestMFAToken: a.keepsToken,
        clientStoreTemporaryCredential: a.keepsToken,
      };
    case "okta":
      return { authenticator: a.url, password: a.password.expose() };
    case "external-browser":
      return { authenticator: "EXTERNALBROWSER", ...buildBrowserOptions(a, openBrowser) };
    case "oauth-authorization-code":
      return {
        authenticator: "OAUTH_AUTHORIZATION_CODE",
        ...(a.clientId === undefined ? {} : { oauthClientId: a.clientId }),
        ...(a.clientSecret === undefined ? {} : { oauthClientSecret: a.clientSecret.expose() }),
        ...(a.authorizationUrl === undefined ? {} : { oauthAuthorizationUrl: a.authorizationUrl }),
        ...(a.tokenRequestUrl === undefined ? {} : { oauthTokenRequestUrl: a.tokenRequestUrl }),
        ...(a.redirectUri === undefined ? {} : { oauthRedirectUri: a.redirectUri }),
        ...(a.scope === undefined ? {} : { oauthScope: a.scope }),
        ...buildBrowserOptions(a, openBrowser),
      };
    case "programmatic-access-token":
      return { authenticator: "PROGRAMMATIC_ACCESS_TOKEN", token: a.token.expose() };
    case "oauth":
      return { authenticator: "OAUTH", token: a.token.expose() };
    case "key-pair":
      return { authenticator: "SNOWFLAKE_JWT", privateKey: a.privateKey.expose() };
    case "identity-token":
      return {
        authenticator: "WORKLOAD_IDENTITY",
        workloadIdentityProvider: "OIDC",
        token: a.token.expose(),
      };
    case "workload-identity":
      return {
        authenticator: "WORKLOAD_IDENTITY",
        workloadIdentityProvider: a.provider,
        ...(a.impersonationPath === undefined
          ? {}
          : { workloadIdentityImpersonationPath: [...a.impersonationPath] }),
        ...(a.usesOutboundToken === undefined
          ? {}
          : { workloadIdentityAwsUseOutboundToken: a.usesOutboundToken }),
        ...(a.clientId === undefined ? {} : { workloadIdentityAzureClientId: a.clientId }),
        ...(a.resource === undefined ? {} : { workloadIdentityAzureEntraIdResource: a.resource }),
      };
  }
}

// A timer of ours ends the waiting: what the driver's own one rejects may have nobody who handles it.
function buildBrowserOptions(
  { keepsToken }: { readonly keepsToken: boolean },
  openBrowser: OpenBrowser,
): Partial<ConnectionOptions> {
  return {
    clientStoreTemporaryCredential: keepsToken,
    openExternalBrowserCallback: openBrowser,
    browserResponseRenderer: buildLastPage,
    browserActionTimeout: 10 * personTimeoutMs,
  };
}
