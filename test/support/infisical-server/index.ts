import { createHmac, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { AwsKey } from "../aws/signature.js";
import { provesHandedIdentity } from "./caller-identity.js";
import { Folders, ForbiddenValue, type StoredSecret } from "./folders.js";

/** An answer in place of the real one, so often. */
export interface InfisicalFault {
  /** `hang`: no answer; `dribble`: a head and then a byte now and then; a number: that HTTP status. */
  readonly kind: "hang" | "dribble" | number;
  readonly times?: number;
}

export interface InfisicalServer {
  readonly siteUrl: string;
  readonly projectId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Variables that lead to it, and log in. */
  readonly env: Readonly<Record<string, string>>;
  /** The AWS key of the identity that logs in by AWS. */
  readonly awsKey: AwsKey;
  /** Answered to listings of secrets so far; log-ins are not counted. */
  readonly listings: number;
  /** Answered so far. */
  readonly logins: number;
  /** Tokens that can be used now. */
  readonly validTokens: number;
  set(place: string, key: string, secret: string | StoredSecret): void;
  remove(place: string, key: string): void;
  /** Makes the folder `into` import the folder `from`, behind its earlier imports. */
  addImport(into: string, from: string): void;
  /** Takes the right to see anything in a folder away from the identity, or gives it back. */
  setDenied(place: string, isDenied: boolean): void;
  /** A token that needs no log-in. */
  issueToken(): string;
  /** Every token so far has expired. */
  expireTokens(): void;
  fail(fault: InfisicalFault | undefined): void;
  /** Sends the webhook that Infisical sends for a changed secret, and answers the receiver's status. */
  sendWebhook(url: string, secretKey: string, options?: WebhookOptions): Promise<number>;
  close(): Promise<void>;
}

export interface WebhookOptions {
  readonly environment?: string;
  readonly secretPath?: string;
  readonly timestamp?: number;
  readonly signature?: string;
}

/**
 * An HTTP server that speaks Infisical's API as far as secrets are read by it: universal, OIDC and
 * AWS log-in, the listing with folders, recursion, imports and references, and signed webhooks; answers and refusals as
 * Infisical's own source has them (https://github.com/Infisical/infisical, `backend/src`). A place is
 * `environment:/folder`.
 */
export async function startInfisicalServer(port = 0): Promise<InfisicalServer> {
  const projectId = randomUUID();
  const state: State = {
    projectId,
    clientId: randomUUID(),
    clientSecret: `st.${randomUUID()}`,
    awsKey: { accessKeyId: "key-of-the-tests", secretAccessKey: randomUUID() },
    folders: new Folders(projectId),
    tokens: new Map(),
    fault: undefined,
    listings: 0,
    logins: 0,
  };
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    answer(state, request, response).catch(() => response.destroy());
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((done) => server.listen(port, "127.0.0.1", done));
  const siteUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    siteUrl,
    projectId: state.projectId,
    clientId: state.clientId,
    clientSecret: state.clientSecret,
    env: {
      INFISICAL_SITE_URL: siteUrl,
      INFISICAL_CLIENT_ID: state.clientId,
      INFISICAL_CLIENT_SECRET: state.clientSecret,
    },
    awsKey: state.awsKey,
    get listings() {
      return state.listings;
    },
    get logins() {
      return state.logins;
    },
    get validTokens() {
      return [...state.tokens.values()].filter((token) => token === "valid").length;
    },
    set: (place, key, secret) => {
      state.folders.at(place).set(key, typeof secret === "string" ? { value: secret } : secret);
    },
    remove: (place, key) => {
      state.folders.at(place).delete(key);
    },
    addImport: (into, from) => state.folders.addImport(into, from),
    setDenied: (place, isDenied) => state.folders.setDenied(place, isDenied),
    issueToken: () => issueToken(state),
    expireTokens: () => {
      for (const token of state.tokens.keys()) state.tokens.set(token, "expired");
    },
    fail: (fault) => {
      state.fault = fault && { kind: fault.kind, left: fault.times ?? Number.POSITIVE_INFINITY };
    },
    sendWebhook: (url, secretKey, options) => sendWebhook(state.projectId, url, secretKey, options),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}

interface State {
  readonly projectId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly awsKey: AwsKey;
  readonly folders: Folders;
  readonly tokens: Map<string, "valid" | "expired">;
  fault: { kind: InfisicalFault["kind"]; left: number } | undefined;
  listings: number;
  logins: number;
}

async function answer(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://localhost");
  const body = await readBody(request);
  if (state.fault !== undefined && state.fault.left > 0) {
    state.fault.left -= 1;
    const { kind } = state.fault;
    if (kind === "hang") return;
    if (kind === "dribble") {
      response.writeHead(200, { "content-type": "application/json" });
      const timer = setInterval(() => response.write(" "), 100);
      response.on("close", () => clearInterval(timer));
      return;
    }
    // The echo stands for what a proxy's error page may hold.
    reply(response, refuse(kind, "Fault", `fault ${request.headers.authorization ?? ""} ${body}`));
    return;
  }
  const login = /^\/api\/v1\/auth\/(universal|oidc|aws)-auth\/login$/.exec(url.pathname)?.[1];
  if (request.method === "POST" && login !== undefined) {
    state.logins += 1;
    reply(response, logIn(state, login, JSON.parse(body)));
    return;
  }
  if (request.method === "POST" && url.pathname === "/api/v1/auth/token/revoke") {
    state.tokens.delete((JSON.parse(body) as { accessToken: string }).accessToken);
    reply(response, { status: 200, body: { message: "Successfully revoked access token" } });
    return;
  }
  if (request.method === "GET" && url.pathname === "/api/v3/secrets/raw") {
    state.listings += 1;
    reply(response, listSecrets(state, url.searchParams, request.headers.authorization));
    return;
  }
  reply(response, refuse(404, "Not Found", `Route ${request.method}:${url.pathname} not found`));
}

interface Reply {
  readonly status: number;
  readonly body: object;
}

function logIn(state: State, method: string, body: Record<string, string>): Reply {
  const { clientId, clientSecret, identityId, jwt, ...signed } = body;
  if (method === "universal" && (clientId === undefined || clientSecret === undefined)) {
    return refuseArguments([clientId === undefined ? "clientId" : "clientSecret"]);
  }
  const isKnown =
    method === "universal"
      ? clientId === state.clientId && clientSecret === state.clientSecret
      : identityId === state.clientId &&
        (method === "oidc"
          ? jwt === `jwt-of-${state.clientId}`
          : provesHandedIdentity(signed as never, state.awsKey));
  if (isKnown) {
    const accessToken = issueToken(state);
    return {
      status: 200,
      body: { accessToken, expiresIn: 7200, accessTokenMaxTTL: 7200, tokenType: "Bearer" },
    };
  }
  if (method !== "universal" && identityId !== state.clientId) {
    return refuse(404, "NotFound", `${method} auth method not found for identity`);
  }
  return method === "universal"
    ? refuse(401, "UnauthorizedError", `Invalid credentials ${clientSecret}`)
    : refuse(401, "UnauthorizedError", "Access denied");
}

function listSecrets(state: State, query: URLSearchParams, authorization: string | undefined): Reply {
  const token = authorization?.replace(/^Bearer /, "");
  if (token === undefined) return refuse(401, "UnauthorizedError", "Token missing");
  const known = state.tokens.get(token);
  if (known === "expired")
    return refuse(403, "TokenError", "Your token has expired. Please re-authenticate.");
  if (known === undefined) {
    return refuse(403, "TokenError", `The provided access token is malformed: ${token}`);
  }
  const flags = ["recursive", "include_imports", "expandSecretReferences", "viewSecretValue"];
  const wrong = flags.filter((name) => !["true", "false", null].includes(query.get(name)));
  if (wrong.length > 0) return refuseArguments(wrong);
  const environment = query.get("environment")?.trim();
  if (!query.get("workspaceId") || !environment)
    return refuse(400, "BadRequest", "Missing project id or environment");
  if (query.get("workspaceId") !== state.projectId)
    return refuse(403, "ForbiddenRequestError", "You are not a member of this project");
  try {
    const listing = state.folders.list({
      environment,
      secretPath: query.get("secretPath")?.replace(/(?<=.)\/$/, "") ?? "/",
      recursive: query.get("recursive") === "true",
      include_imports: query.get("include_imports") === "true",
      expandSecretReferences: query.get("expandSecretReferences") === "true",
    });
    return { status: 200, body: listing };
  } catch (error) {
    if (!(error instanceof ForbiddenValue)) throw error;
    return refuse(403, "PermissionDenied", "You are not allowed to readValue on secrets");
  }
}

function issueToken(state: State): string {
  const token = `tok-${randomUUID()}`;
  state.tokens.set(token, "valid");
  return token;
}

/** Every refusal of Infisical has this form. */
function refuse(status: number, error: string, message: unknown): Reply {
  const reqId = `req-${randomUUID().slice(0, 14)}`;
  return { status, body: { reqId, statusCode: status, message, error } };
}

/** Its message is the list of what zod found. */
function refuseArguments(names: readonly string[]): Reply {
  const issues = names.map((name) => ({ code: "invalid_type", path: [name], message: "Required" }));
  return refuse(422, "ValidationFailure", issues);
}

async function sendWebhook(
  projectId: string,
  url: string,
  secretKey: string,
  options: WebhookOptions = {},
): Promise<number> {
  const timestamp = options.timestamp ?? Date.now();
  const body = JSON.stringify({
    event: "secrets.modified",
    project: {
      workspaceId: projectId,
      projectId,
      projectName: "app",
      environment: options.environment ?? "dev",
      secretPath: options.secretPath ?? "/",
    },
    timestamp,
  });
  const signature = options.signature ?? createHmac("sha256", secretKey).update(body).digest("hex");
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", "x-infisical-signature": `t=${timestamp};${signature}` },
    body,
  });
  await response.arrayBuffer();
  return response.status;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function reply(response: ServerResponse, { status, body }: Reply): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
