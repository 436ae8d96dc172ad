import { ProviderError } from "../../../core/errors.js";
import { SecretValue } from "../../../core/secret-value.js";
import type { SnowflakeAuthentication } from "../connection.js";
import { readHttpsUrl, readSwitch } from "./fields.js";
import type { LoginMethod, LoginReader } from "./method.js";

const oauthClientParts = [
  { what: "the id of the OAuth client", fields: ["oauthClientId"] },
  { what: "the secret of the OAuth client", fields: ["oauthClientSecret"] },
  { what: "the address where the OAuth client gets its token", fields: ["oauthTokenRequestUrl"] },
  { what: "the page where the user logs in", fields: ["oauthAuthorizationUrl"] },
] as const;

export const oauthClientCredentials: LoginMethod = {
  kind: "oauth-client-credentials",
  title: "an OAuth client",
  authenticators: ["OAUTH_CLIENT_CREDENTIALS"],
  credential: ["oauthClientSecret"],
  impliedBy: [],
  settings: ["oauthClientId", "oauthTokenRequestUrl", "oauthScope"],
  user: "optional",
  findMissing: ({ text }) =>
    oauthClientParts.filter(
      ({ fields: [field] }) => field !== "oauthAuthorizationUrl" && text(field) === undefined,
    ),
  build: buildOAuthClient,
};

export const oauthAuthorizationCode: LoginMethod = {
  kind: "oauth-authorization-code",
  title: "the browser, by OAuth",
  person: "log in with the browser",
  authenticators: ["OAUTH_AUTHORIZATION_CODE"],
  credential: ["oauthClientSecret"],
  impliedBy: [],
  settings: [
    "oauthClientId",
    "oauthAuthorizationUrl",
    "oauthTokenRequestUrl",
    "oauthRedirectUri",
    "oauthScope",
    "clientStoreTemporaryCredential",
  ],
  user: "required",
  findMissing: ({ text }) =>
    // All four, or none: then it is Snowflake's own client.
    oauthClientParts.some(({ fields: [field] }) => text(field) !== undefined)
      ? oauthClientParts.filter(({ fields: [field] }) => text(field) === undefined)
      : [],
  build: buildAuthorizationCode,
};

function buildOAuthClient(reader: LoginReader): SnowflakeAuthentication {
  const { text } = reader;
  const scope = text("oauthScope");
  return {
    kind: "oauth-client-credentials",
    clientId: text("oauthClientId") ?? "",
    clientSecret: new SecretValue(text("oauthClientSecret") ?? ""),
    tokenRequestUrl: readHttpsUrl(reader, "oauthTokenRequestUrl") ?? "",
    ...(scope === undefined ? {} : { scope }),
  };
}

function buildAuthorizationCode(reader: LoginReader): SnowflakeAuthentication {
  const { text, origin } = reader;
  const [clientId, secret, scope] = [text("oauthClientId"), text("oauthClientSecret"), text("oauthScope")];
  const authorizationUrl = readHttpsUrl(reader, "oauthAuthorizationUrl");
  const tokenRequestUrl = readHttpsUrl(reader, "oauthTokenRequestUrl");
  const redirectUri = text("oauthRedirectUri");
  if (redirectUri !== undefined && !/^http:\/\/(127\.0\.0\.1|localhost)(:\d{1,5})?(\/|$)/.test(redirectUri)) {
    throw new ProviderError("INVALID_INPUT", {
      operation: "oauthRedirectUri is not an address of this machine",
      target: origin("oauthRedirectUri"),
      hint: "use an address that the OAuth client allows, such as http://127.0.0.1:8001.",
    });
  }
  return {
    kind: "oauth-authorization-code",
    ...(clientId === undefined ? {} : { clientId }),
    ...(secret === undefined ? {} : { clientSecret: new SecretValue(secret) }),
    ...(authorizationUrl === undefined ? {} : { authorizationUrl }),
    ...(tokenRequestUrl === undefined ? {} : { tokenRequestUrl }),
    ...(redirectUri === undefined ? {} : { redirectUri }),
    ...(scope === undefined ? {} : { scope }),
    keepsToken: readSwitch(reader, "clientStoreTemporaryCredential", true),
  };
}
