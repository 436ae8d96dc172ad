import { AsyncLocalStorage } from "node:async_hooks";
import { createPrivateKey } from "node:crypto";
import { subscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import pLimit from "p-limit";
import type { Connection, ConnectionOptions, SnowflakeError } from "snowflake-sdk";
import { ProviderError } from "../errors.js";
import type { SnowflakeConnection } from "./connection.js";
import { mapDriverError } from "./driver-errors.js";
import type { Statement } from "./statements.js";

/** A row as the driver gives it: by column name. */
export type Row = Readonly<Record<string, unknown>>;

/** One log-in. Statements run side by side on it, bounded by the connection's `maxConcurrentStatements`. */
export interface SnowflakeSession {
  /** Rejects with a `ProviderError`; `TIMED_OUT` means that Snowflake may still carry the statement out. */
  execute(statement: Statement): Promise<readonly Row[]>;
  /** False once the driver has lost the session; open another one then. */
  isUp(): boolean;
  /** Ends the session and every socket it opened; never rejects. */
  close(): Promise<void>;
}

export interface SessionTimeouts {
  /** For the whole log-in, whatever the server does. @default 30_000 */
  readonly loginTimeoutMs?: number;
  /** For one statement, the driver's own retries included. @default 120_000 */
  readonly statementTimeoutMs?: number;
}

// Read by the driver when it is loaded: without these it probes cloud metadata services and posts telemetry.
process.env.SNOWFLAKE_DISABLE_PLATFORM_DETECTION ??= "true";
process.env.SF_TELEMETRY_DISABLE_CONNECTION_SHAPE ??= "1";

// Loading costs about 400 ms, so only when a log-in is due; the logger is off before the first connection exists.
async function loadDriver() {
  const { default: driver } = await import("snowflake-sdk");
  driver.configure({ logLevel: "OFF", additionalLogToConsole: false });
  return driver;
}

/** Logs in. The driver's own limits do not hold against a dribbling server, so a timer of ours bounds it. */
export async function openSession(
  connection: SnowflakeConnection,
  { loginTimeoutMs = 30_000, statementTimeoutMs = 120_000 }: SessionTimeouts = {},
): Promise<SnowflakeSession> {
  const sockets = new SocketGuard();
  const target = `account ${connection.account}`;
  const started = Date.now();
  const driver = await loadDriver();
  const raw = sockets.run(() => driver.createConnection(buildDriverOptions(connection, loginTimeoutMs)));
  const failLogin = (error: unknown) => mapDriverError(error, { operation: "log in to Snowflake", target });
  try {
    await withTimeout(
      Math.max(1, loginTimeoutMs - (Date.now() - started)),
      { operation: "log in to Snowflake", target },
      (resolve, reject) =>
        sockets.run(() => raw.connect((error) => (error ? reject(failLogin(error)) : resolve(undefined)))),
    );
  } catch (error) {
    sockets.close();
    throw error;
  }
  return buildSession(raw, sockets, connection.maxConcurrentStatements, statementTimeoutMs);
}

function buildSession(
  raw: Connection,
  sockets: SocketGuard,
  maxConcurrentStatements: number,
  statementTimeoutMs: number,
): SnowflakeSession {
  const limit = pLimit(maxConcurrentStatements);
  const run = (statement: Statement) =>
    withTimeout<readonly Row[]>(statementTimeoutMs, statement, (resolve, reject) =>
      sockets.run(() => {
        raw.execute({
          sqlText: statement.text,
          ...(statement.binds ? { binds: statement.binds.map((bind) => bind.expose()) } : {}),
          complete: (error: SnowflakeError | undefined, _statement, rows) =>
            error ? reject(mapDriverError(error, statement)) : resolve(rows ?? []),
        });
      }),
    );
  return {
    execute: (statement) => limit(run, statement),
    isUp: () => raw.isUp(),
    close: async () => {
      // A hung server must not hold us: the session ends on the server by itself.
      await withTimeout(2_000, { operation: "log out", target: "session" }, (resolve) =>
        sockets.run(() => raw.destroy(() => resolve(undefined))),
      ).catch(() => undefined);
      sockets.close();
    },
  };
}

function buildDriverOptions(connection: SnowflakeConnection, timeoutMs: number): ConnectionOptions {
  const { account, username, role, warehouse, database, host, port, protocol } = connection;
  return {
    account,
    application: "pulumi_snowflake_secrets",
    ...(username === undefined ? {} : { username }),
    ...buildAuthenticationOptions(connection),
    ...(role === undefined ? {} : { role }),
    ...(warehouse === undefined ? {} : { warehouse }),
    ...(database === undefined ? {} : { database }),
    ...(host === undefined ? {} : { accessUrl: buildAccessUrl(host, port, protocol) }),
    timeout: timeoutMs,
    sfRetryMaxLoginRetries: 0,
    clientSessionKeepAlive: false,
  };
}

function buildAuthenticationOptions({ authentication: a }: SnowflakeConnection): Partial<ConnectionOptions> {
  switch (a.kind) {
    case "password":
      return { password: a.password.expose() };
    case "programmatic-access-token":
      return { authenticator: "PROGRAMMATIC_ACCESS_TOKEN", token: a.token.expose() };
    case "oauth":
      return { authenticator: "OAUTH", token: a.token.expose() };
    case "key-pair":
      return { authenticator: "SNOWFLAKE_JWT", privateKey: exportPrivateKey(a) };
  }
}

// The driver takes an unencrypted PKCS#8 key as text; a passphrase it takes only for a key in a file.
function exportPrivateKey(a: Extract<SnowflakeConnection["authentication"], { kind: "key-pair" }>): string {
  try {
    return createPrivateKey({
      key: a.privateKey.expose(),
      format: "pem",
      ...(a.passphrase === undefined ? {} : { passphrase: a.passphrase.expose() }),
    })
      .export({ type: "pkcs8", format: "pem" })
      .toString();
  } catch {
    // OpenSSL's message is dropped: it tells nothing that the hint does not.
    throw new ProviderError("AUTHENTICATION_FAILED", {
      operation: "read the private key",
      hint: "give a PEM text (PKCS#8, encrypted or not) and, if it is encrypted, its passphrase.",
    });
  }
}

function buildAccessUrl(host: string, port: number | undefined, protocol: "http" | "https" | undefined): string {
  return `${protocol ?? "https"}://${host}${port === undefined ? "" : `:${port}`}`;
}

/** Settles with `start`'s outcome, or with `TIMED_OUT`; whatever comes later is dropped. */
function withTimeout<T>(
  ms: number,
  { operation, target }: Pick<Statement, "operation" | "target">,
  start: (resolve: (value: T) => void, reject: (error: unknown) => void) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(
        new ProviderError("TIMED_OUT", {
          operation: `${operation} did not end within ${ms / 1000} s`,
          target,
          hint: "check the address, the network path and Snowflake's status, then run again.",
          retryable: true,
        }),
      );
    }, ms);
    const settle =
      <A>(by: (value: A) => void) =>
      (value: A) => {
        clearTimeout(timer);
        by(value);
      };
    try {
      start(settle(resolve), settle(reject));
    } catch (error) {
      settle(reject)(error);
    }
  });
}

/**
 * Ends the sockets that were opened on behalf of one session. The driver has no way to abort a log-in or a hung
 * statement, and its agents outlive it; Node announces each new socket in the async context that opened it.
 */
class SocketGuard {
  readonly #open = new Set<Socket>();
  #closed = false;

  run<T>(work: () => T): T {
    return guards.run(this, work);
  }

  add(socket: Socket): void {
    if (this.#closed) {
      socket.destroy();
      return;
    }
    this.#open.add(socket);
    socket.once("close", () => this.#open.delete(socket));
  }

  close(): void {
    this.#closed = true;
    for (const socket of this.#open) socket.destroy();
  }
}

const guards = new AsyncLocalStorage<SocketGuard>();
subscribe("net.client.socket", (message) => {
  guards.getStore()?.add((message as { socket: Socket }).socket);
});
