import type { SnowflakeServer } from "../../../sdk/snowflake-server/index.js";

/** An answer of the wire, as it came. */
export interface WireAnswer {
  readonly status: number;
  readonly success: boolean;
  readonly code: string | null;
  readonly message: string | null;
  readonly data: Readonly<Record<string, unknown>> | null;
}

export interface WireCall {
  readonly body?: unknown;
  /** Bytes in place of the body. */
  readonly raw?: Uint8Array;
  readonly token?: string;
  readonly method?: string;
}

/** A session of plain HTTP: for what no driver sends of its own accord. */
export interface WireSession {
  readonly token: string;
  readonly masterToken: string;
  query(sqlText: string, more?: object, requestId?: string): Promise<WireAnswer>;
  call(path: string, options?: WireCall): Promise<WireAnswer>;
}

/** Sends one request. */
export async function callWire(
  { url }: SnowflakeServer,
  path: string,
  { body, raw, token, method = "POST" }: WireCall = {},
): Promise<WireAnswer> {
  const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const response = await fetch(`${url}${path}`, {
    method,
    ...(sent === undefined ? {} : { body: sent }),
    ...(token === undefined ? {} : { headers: { authorization: `Snowflake Token="${token}"` } }),
  });
  return { status: response.status, ...((await response.json()) as Omit<WireAnswer, "status">) };
}

/** Asks for a session, in the words of the wire. */
export function logInOnWire(server: SnowflakeServer, login: object, path = ""): Promise<WireAnswer> {
  return callWire(server, `/session/v1/login-request?${path}`, {
    body: { data: { ACCOUNT_NAME: server.account, ...login } },
  });
}

/** Opens a session by password. */
export async function openWire(
  server: SnowflakeServer,
  user: { readonly username: string; readonly password: string },
  path = "databaseName=APP&schemaName=SECRETS",
): Promise<WireSession> {
  const login = { LOGIN_NAME: user.username, PASSWORD: user.password };
  const { data } = await logInOnWire(server, login, path);
  const token = String(data?.token);
  let requests = 0;
  return {
    token,
    masterToken: String(data?.masterToken),
    query: (sqlText, more = {}, requestId) => {
      requests += 1;
      const id = requestId ?? `request-${requests}`;
      return callWire(server, `/queries/v1/query-request?requestId=${id}`, {
        token,
        body: { sqlText, ...more },
      });
    },
    call: (path, options = {}) => callWire(server, path, { token, ...options }),
  };
}
