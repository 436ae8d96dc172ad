import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { listen } from "../network/listen.js";

/** Claims of a token; what is not given is as Snowflake wants it. */
export type Claims = Readonly<Record<string, unknown>>;

/** A request that the issuer got. */
export interface IssuerRequest {
  readonly url: string;
  readonly authorization: string | undefined;
}

/** An OpenID provider with keys of its own, which also hands out tokens as GitHub, Azure and Google Cloud do. */
export interface TokenIssuer {
  readonly url: string;
  /** As GitHub sets them for a job with `id-token: write`. */
  readonly githubEnv: Readonly<Record<string, string>>;
  /** As Azure App Service sets them for an app with a managed identity. */
  readonly azureEnv: Readonly<Record<string, string>>;
  /** For a metadata server of Google Cloud that is elsewhere than usual. */
  readonly googleEnv: Readonly<Record<string, string>>;
  readonly requests: readonly IssuerRequest[];
  /** How GitHub's side answers. @default a token of `subject` for the audience that is asked for */
  answer: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  sign(claims?: Claims): Promise<string>;
  /** With a key that the issuer does not publish. */
  signAsStranger(claims?: Claims): Promise<string>;
  stop(): Promise<void>;
}

export const subject = "repo:acme/infrastructure:environment:prod";

/** @param bearer what GitHub's side wants to see */
export async function startIssuer(bearer = "none"): Promise<TokenIssuer> {
  const { exportJWK, generateKeyPair, SignJWT } = await import("jose");
  const [own, stranger] = await Promise.all([generateKeyPair("RS256"), generateKeyPair("RS256")]);
  const jwk = { ...(await exportJWK(own.publicKey)), kid: "one", alg: "RS256", use: "sig" };
  const requests: IssuerRequest[] = [];
  const build = (key: Awaited<ReturnType<typeof generateKeyPair>>["privateKey"], claims: Claims) =>
    new SignJWT({
      iss: url,
      sub: subject,
      aud: "snowflakecomputing.com",
      iat: seconds(),
      exp: seconds() + 300,
      ...claims,
    })
      .setProtectedHeader({ alg: "RS256", kid: "one" })
      .sign(key);
  const issuer: Pick<TokenIssuer, "answer"> = { answer: undefined };
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const asked = new URL(request.url ?? "/", url);
    requests.push({ url: request.url ?? "", authorization: request.headers.authorization });
    const reply = (status: number, body: unknown) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    if (asked.pathname === "/.well-known/openid-configuration") {
      reply(200, { issuer: url, jwks_uri: `${url}/jwks` });
    } else if (asked.pathname === "/jwks") {
      reply(200, { keys: [jwk] });
    } else if (asked.pathname === "/azure" && request.headers["x-identity-header"] === bearer) {
      const token = await build(own.privateKey, { aud: asked.searchParams.get("resource") });
      reply(200, { access_token: token, expires_on: seconds() + 300, token_type: "Bearer" });
    } else if (
      asked.pathname.startsWith("/computeMetadata/") &&
      request.headers["metadata-flavor"] === "Google"
    ) {
      response.setHeader("metadata-flavor", "Google");
      const audience = asked.searchParams.get("audience");
      response.end(audience === null ? "" : await build(own.privateKey, { aud: audience }));
    } else if (asked.pathname !== "/github") {
      reply(404, {});
    } else if (issuer.answer !== undefined) {
      issuer.answer(request, response);
    } else if (request.headers.authorization !== `Bearer ${bearer}`) {
      reply(401, { message: "no" });
    } else {
      reply(200, { value: await build(own.privateKey, { aud: asked.searchParams.get("audience") }) });
    }
  };
  const server: Server = createServer((request, response) => void serve(request, response));
  const { url, stop } = await listen(server);
  return Object.assign(issuer, {
    url,
    githubEnv: {
      ACTIONS_ID_TOKEN_REQUEST_URL: `${url}/github?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer,
    },
    azureEnv: { IDENTITY_ENDPOINT: `${url}/azure`, IDENTITY_HEADER: bearer },
    googleEnv: { GCE_METADATA_HOST: new URL(url).host },
    requests,
    sign: (claims: Claims = {}) => build(own.privateKey, claims),
    signAsStranger: (claims: Claims = {}) => build(stranger.privateKey, claims),
    stop,
  });
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}
