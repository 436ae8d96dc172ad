import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";

/** An OAuth server that hands access tokens to a client, as `oidc-provider` does, a certified one. */
export interface IdentityProvider {
  readonly issuer: string;
  readonly tokenUrl: string;
  /** On this machine without TLS, as a server without the certificate reads it. */
  readonly keysUrl: string;
  readonly clientId: string;
  readonly audience: string;
  stop(): Promise<void>;
}

/** @param tls of the address where the client gets its tokens */
export async function startIdentityProvider(
  clientSecret: string,
  tls: { readonly cert: string; readonly key: string },
): Promise<IdentityProvider> {
  const [{ exportJWK, generateKeyPair }, { default: Provider }] = await Promise.all([
    import("jose"),
    import("oidc-provider"),
  ]);
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), alg: "RS256", use: "sig", kid: "one" };
  const clientId = "pulumi";
  const audience = "https://acme-testing.snowflakecomputing.com";
  const issuer = "https://login.acme.example";
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        grant_types: ["client_credentials"],
        redirect_uris: [],
        response_types: [],
        token_endpoint_auth_method: "client_secret_post",
      },
    ],
    jwks: { keys: [jwk] },
    scopes: ["session:role:SYNC_ROLE"],
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => audience,
        getResourceServerInfo: () => ({
          scope: "session:role:SYNC_ROLE",
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
  const portOf = (server: typeof plain | typeof secure) => (server.address() as AddressInfo).port;
  return {
    issuer,
    tokenUrl: `https://localhost:${portOf(secure)}/token`,
    keysUrl: `http://127.0.0.1:${portOf(plain)}/jwks`,
    clientId,
    audience,
    stop: async () => {
      for (const server of [secure, plain]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}
