import { listInWords } from "../../../core/list-in-words.js";
import { externalBrowser } from "./external-browser.js";
import { keyPair } from "./key-pair.js";
import type { LoginField, LoginMethod } from "./method.js";
import { oauthAuthorizationCode, oauthClientCredentials } from "./oauth-client.js";
import { isOktaUrl, okta } from "./okta.js";
import { password, passwordMfa } from "./password.js";
import { oauthToken, programmaticAccessToken } from "./tokens.js";
import { workloadIdentity } from "./workload-identity.js";

/** Every way to log in. Where a link has credentials for several and no `authenticator`, it is refused. */
export const loginMethods: readonly LoginMethod[] = [
  workloadIdentity,
  keyPair,
  programmaticAccessToken,
  oauthToken,
  oauthClientCredentials,
  password,
  passwordMfa,
  externalBrowser,
  oauthAuthorizationCode,
  okta,
];

/** The fields that hold a credential in some method. */
export const credentialFields: readonly LoginField[] = [
  ...new Set(loginMethods.flatMap(({ credential }) => credential)),
];

/**
 * The method that an `authenticator` means. Case and `_` do not count: Snowflake's own tools spell one method as
 * `OAUTH_CLIENT_CREDENTIALS`, `OAUTHCLIENTCREDENTIALS` and `oauth_client_credentials`.
 */
export function findLoginMethod(authenticator: string): LoginMethod | undefined {
  const wanted = isOktaUrl(authenticator) ? "OKTA" : simplify(authenticator);
  return loginMethods.find(({ authenticators }) => authenticators.some((each) => simplify(each) === wanted));
}

function simplify(authenticator: string): string {
  return authenticator.trim().toUpperCase().replaceAll("_", "");
}

/** For texts: "`WORKLOAD_IDENTITY` (the identity of a workload), …". */
export function listAuthenticators(quote = "`", methods = loginMethods): string {
  const all = methods.map(({ authenticators: [name], title }) => `${quote}${name}${quote} (${title})`);
  return listInWords(all, "or");
}
