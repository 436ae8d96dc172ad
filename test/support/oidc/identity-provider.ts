import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type Provider from "oidc-provider" with { "resolution-mode": "import" };
import { listen } from "../network/listen.js";

/** An OAuth server that hands access tokens to a client, as `oidc-provider` does, a certified one. */
export interface IdentityProvider {
  readonly tokenUrl: string;
  /** Where a person logs in; unencrypted, so that a test's browser needs no authority. */
  readonly authorizationUrl: string;
  readonly clientId: string;
  /** How often a token was asked for. */
  readonly asked: number;
  /** The statement with which a Snowflake account trusts it: `sub` of a token is the name of a user. */
  trust(audience?: string): string;
  stop(): Promise<void>;
}

/**
 * @param secrets of the clients by their ids; the first is `clientId`
 * @param tls of the address where the client gets its tokens
 * @param people who can log in to let a client act for them: passwords by user names of Snowflake
 */
export async function startIdentityProvider(
  secrets: Readonly<Record<string, string>>,
  tls: { readonly cert: string; readonly key: string },
  people: Readonly<Record<string, string>> = {},
): Promise<IdentityProvider> {
  const [{ exportJWK, generateKeyPair }, { default: Provider }] = await Promise.all([
    import("jose"),
    import("oidc-provider"),
  ]);
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), alg: "RS256", use: "sig", kid: "one" };
  const [clientId = ""] = Object.keys(secrets);
  const audience = "https://acme-testing.snowflakecomputing.com";
  const issuer = "https://login.acme.example";
  const scopes = ["session:role:SYNC_ROLE", "session:role:EXPORT_ROLE"];
  const provider = new Provider(issuer, {
    clients: Object.entries(secrets).map(([client_id, client_secret]) => ({
      client_id,
      client_secret,
      grant_types: ["client_credentials", "authorization_code"],
      // On any port: https://www.rfc-editor.org/rfc/rfc8252#section-7.3
      application_type: "native" as const,
      redirect_uris: ["http://127.0.0.1"],
      response_types: ["code" as const],
      token_endpoint_auth_method: "client_secret_post" as const,
    })),
    jwks: { keys: [jwk] },
    scopes,
    findAccount: (_ctx, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    // Who logs in here agrees.
    loadExistingGrant: async ({ oidc: { account, client, provider: own } }) => {
      const { accountId = "" } = account ?? {};
      const grant = new own.Grant({ accountId, clientId: client?.clientId ?? "" });
      grant.addOIDCScope(scopes.join(" "));
      grant.addResourceScope(audience, scopes.join(" "));
      await grant.save();
      return grant;
    },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => audience,
        getResourceServerInfo: () => ({
          scope: scopes.join(" "),
          audience,
          accessTokenFormat: "jwt",
          accessTokenTTL: 300,
          jwt: { sign: { alg: "RS256" } },
        }),
      },
    },
  });
  const answer = provider.callback();
  const handle = (request: IncomingMessage, response: ServerResponse): void =>
    void (request.url?.startsWith("/interaction/")
      ? askPerson(provider, people, request, response)
      : answer(request, response));
  const [secure, plain] = [createTlsServer(tls, handle), createServer(handle)];
  const [overTls, inPlain] = await Promise.all([listen(secure), listen(plain)]);
  let asked = 0;
  secure.on("request", () => {
    asked += 1;
  });
  const keysUrl = `${inPlain.url}/jwks`;
  return {
    authorizationUrl: `${inPlain.url}/auth`,
    tokenUrl: `https://localhost:${overTls.port}/token`,
    clientId,
    get asked() {
      return asked;
    },
    trust: (wanted = audience) => `CREATE OR REPLACE SECURITY INTEGRATION LOGIN
      TYPE = EXTERNAL_OAUTH ENABLED = TRUE EXTERNAL_OAUTH_TYPE = CUSTOM
      EXTERNAL_OAUTH_ISSUER = '${issuer}'
      EXTERNAL_OAUTH_JWS_KEYS_URL = '${keysUrl}'
      EXTERNAL_OAUTH_AUDIENCE_LIST = ('${wanted}')
      EXTERNAL_OAUTH_TOKEN_USER_MAPPING_CLAIM = 'sub'
      EXTERNAL_OAUTH_SNOWFLAKE_USER_MAPPING_ATTRIBUTE = 'LOGIN_NAME'`,
    stop: async () => {
      await Promise.all([overTls.stop(), inPlain.stop()]);
    },
  };
}

/** The page of a log-in, and what its form brings: user and password, or `cancel`. */
async function askPerson(
  provider: Provider,
  people: Readonly<Record<string, string>>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let body = "";
  for await (const chunk of request as AsyncIterable<Buffer>) body += chunk;
  const typed = new URLSearchParams(body);
  const accountId = typed.get("user") ?? "";
  if (typed.has("cancel")) {
    await provider.interactionFinished(request, response, { error: "access_denied" });
  } else if (people[accountId] !== undefined && people[accountId] === typed.get("password")) {
    await provider.interactionFinished(request, response, { login: { accountId }, consent: {} });
  } else {
    response.setHeader("content-type", "text/html").end(`<form method="post" action="${request.url}">
<input name="user"><input name="password" type="password"><button>Log in</button>
<button name="cancel" value="yes">Cancel</button></form>`);
  }
}
