import { createHmac, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { type AwsKey, provesIdentity } from "./caller-identity.js";

/** A secret as a test puts it into the server. */
export interface StoredSecret {
  readonly value: string;
  readonly type?: "shared" | "personal";
  /** The identity may list it and not read it. */
  readonly hidden?: boolean;
}

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
  /** The AWS key of the identity that logs in by AWS. */
  readonly awsKey: AwsKey;
  /** Answered to listings of secrets so far; log-ins are not counted. */
  readonly listings: number;
  set(place: string, key: string, secret: string | StoredSecret): void;
  remove(place: string, key: string): void;
  /** Makes the folder `into` import the folder `from`, behind its earlier imports. */
  addImport(into: string, from: string): void;
  /** A token that needs no log-in. */
  issueToken(): string;
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
 * An HTTP server that speaks Infisical's API as far as `@infisical/sdk` uses it to read secrets: universal, OIDC and
 * AWS log-in, the listing with folders, recursion, imports and references, and signed webhooks. A place is
 * `environment:/folder`.
 */
export async function startInfisicalServer(port = 0): Promise<InfisicalServer> {
  const state = {
    projectId: randomUUID(),
    clientId: randomUUID(),
    clientSecret: `st.${randomUUID()}`,
    awsKey: { accessKeyId: "key-of-the-tests", secretAccessKey: randomUUID() },
    folders: new Map<string, Map<string, StoredSecret>>([
      ["dev:/", new Map()],
      ["prod:/", new Map()],
    ]),
    folderIds: new Map<string, string>(),
    imports: new Map<string, string[]>(),
    tokens: new Set<string>(),
    fault: undefined as { kind: InfisicalFault["kind"]; left: number } | undefined,
    listings: 0,
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
  const folder = (place: string) => {
    const found = state.folders.get(place) ?? new Map<string, StoredSecret>();
    state.folders.set(place, found);
    return found;
  };
  return {
    siteUrl,
    projectId: state.projectId,
    clientId: state.clientId,
    clientSecret: state.clientSecret,
    awsKey: state.awsKey,
    get listings() {
      return state.listings;
    },
    set: (place, key, secret) => {
      folder(place).set(key, typeof secret === "string" ? { value: secret } : secret);
    },
    remove: (place, key) => {
      folder(place).delete(key);
    },
    addImport: (into, from) => {
      state.imports.set(into, [...(state.imports.get(into) ?? []), from]);
    },
    issueToken: () => issueToken(state),
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
  readonly folders: Map<string, Map<string, StoredSecret>>;
  readonly folderIds: Map<string, string>;
  readonly imports: Map<string, string[]>;
  readonly tokens: Set<string>;
  fault: { kind: InfisicalFault["kind"]; left: number } | undefined;
  listings: number;
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
    send(response, kind, { message: `fault ${request.headers.authorization ?? ""} ${body}` });
    return;
  }
  if (request.method === "POST" && url.pathname === "/api/v1/auth/universal-auth/login") {
    const { clientId, clientSecret } = JSON.parse(body) as Record<string, string>;
    const known = clientId === state.clientId && clientSecret === state.clientSecret;
    send(
      response,
      known ? 200 : 401,
      known
        ? { accessToken: issueToken(state), expiresIn: 7200 }
        : { message: `Invalid credentials ${clientSecret}` },
    );
    return;
  }
  if (request.method === "POST" && url.pathname === "/api/v1/auth/oidc-auth/login") {
    const { identityId, jwt } = JSON.parse(body) as Record<string, string>;
    const known = identityId === state.clientId && jwt === `jwt-of-${state.clientId}`;
    send(
      response,
      known ? 200 : 403,
      known ? { accessToken: issueToken(state), expiresIn: 7200 } : { message: "denied" },
    );
    return;
  }
  if (request.method === "POST" && url.pathname === "/api/v1/auth/aws-auth/login") {
    const { identityId, ...signed } = JSON.parse(body);
    const known = identityId === state.clientId && provesIdentity(signed, state.awsKey);
    send(
      response,
      known ? 200 : 403,
      known ? { accessToken: issueToken(state), expiresIn: 7200 } : { message: "denied" },
    );
    return;
  }
  if (request.method === "GET" && url.pathname === "/api/v3/secrets/raw") {
    state.listings += 1;
    listSecrets(state, url.searchParams, request.headers.authorization, response);
    return;
  }
  send(response, 404, { message: "Route not found" });
}

function listSecrets(
  state: State,
  query: URLSearchParams,
  authorization: string | undefined,
  response: ServerResponse,
): void {
  const token = authorization?.replace(/^Bearer /, "");
  if (token === undefined || !state.tokens.has(token)) {
    send(response, 401, { message: `Token missing or unknown: ${token}` });
    return;
  }
  if (query.get("workspaceId") !== state.projectId) {
    send(response, 403, { message: "You are not a member of this project" });
    return;
  }
  const environment = query.get("environment") ?? "";
  const path = query.get("secretPath") ?? "/";
  const root = `${environment}:${path}`;
  if (!state.folders.has(root)) {
    send(response, 404, {
      message: `Folder with path '${path}' in environment with slug '${environment}' not found`,
    });
    return;
  }
  const below = `${environment}:${path === "/" ? "/" : `${path}/`}`;
  const places =
    query.get("recursive") === "true"
      ? [...state.folders.keys()].filter((place) => place === root || place.startsWith(below))
      : [root];
  const expand = query.get("expandSecretReferences") === "true";
  const read = (place: string) => readFolder(state, place, expand);
  send(response, 200, {
    secrets: places.flatMap(read),
    ...(query.get("include_imports") === "true"
      ? {
          imports: (state.imports.get(root) ?? []).map((place) => {
            const [slug = "", secretPath = "/"] = place.split(":");
            return {
              environment: slug,
              secretPath,
              folderId: getFolderId(state, place),
              secrets: read(place),
            };
          }),
        }
      : {}),
  });
}

function readFolder(state: State, place: string, expand: boolean) {
  const [environment = "", secretPath = "/"] = place.split(":");
  const folder = state.folders.get(place) ?? new Map<string, StoredSecret>();
  const expandValue = (value: string) =>
    expand ? value.replace(/\$\{([^}]+)\}/g, (whole, key: string) => folder.get(key)?.value ?? whole) : value;
  return [...folder].map(([key, { value, type = "shared", hidden = false }]) => ({
    id: `${place}/${key}`,
    workspaceId: state.projectId,
    environment,
    secretKey: key,
    secretValue: hidden ? "<hidden-by-infisical>" : expandValue(value),
    secretValueHidden: hidden,
    secretPath,
    folderId: getFolderId(state, place),
    type,
    version: 1,
    tags: [],
  }));
}

function getFolderId(state: State, place: string): string {
  const id = state.folderIds.get(place) ?? randomUUID();
  state.folderIds.set(place, id);
  return id;
}

function issueToken(state: State): string {
  const token = `tok-${randomUUID()}`;
  state.tokens.add(token);
  return token;
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

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
