import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";

/** An OAuth server that hands access tokens to a client, as `oidc-provider` does, a certified one. */
export interface IdentityProvider {
  readonly tokenUrl: string;
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
 */
export async function startIdentityProvider(
  secrets: Readonly<Record<string, string>>,
  tls: { readonly cert: string; readonly key: string },
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
      grant_types: ["client_credentials"],
      redirect_uris: [],
      response_types: [],
      token_endpoint_auth_method: "client_secret_post" as const,
    })),
    jwks: { keys: [jwk] },
    scopes,
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
  const [secure, plain] = [createTlsServer(tls, provider.callback()), createServer(provider.callback())];
  for (const server of [secure, plain]) {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  }
  let asked = 0;
  secure.on("request", () => {
    asked += 1;
  });
  const portOf = (server: typeof plain | typeof secure) => (server.address() as AddressInfo).port;
  const keysUrl = `http://127.0.0.1:${portOf(plain)}/jwks`;
  return {
    tokenUrl: `https://localhost:${portOf(secure)}/token`,
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
      for (const server of [secure, plain]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}
