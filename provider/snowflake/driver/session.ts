import type { Connection, RowStatement, SnowflakeError, StatementOption } from "snowflake-sdk";
import { isProviderError, ProviderError } from "../../core/errors.js";
import { portOf } from "../../core/proxy.js";
import { SecretValue } from "../../core/secret-value.js";
import { withTimeLimit } from "../../core/time.js";
import { noteRun } from "../../engine/run-notes.js";
import { buildHost } from "../connection/account.js";
import { buildAccessUrl, findIdentityServers, type SnowflakeConnection } from "../connection/connection.js";
import type { Statement } from "../statements.js";
import { type ClientTokenOptions, fetchClientToken } from "./client-token.js";
import { explainUnsent, findRefusedHint } from "./credential-hints.js";
import { buildDriverOptions, type Credential } from "./driver-options.js";
import {
  hasLostSession,
  type IsSafeToPrint,
  isOfTooMany,
  mapLoginError,
  mapStatementError,
  type Route,
} from "./errors.js";
import { keepNamesExact } from "./exact-names.js";
import { type IdentityClaims, readIdentityToken } from "./identity-token.js";
import { noteLogin } from "./login-notes.js";
import { findPersonsPart, type PersonOptions, personTimeoutMs, warnOfNextLogin } from "./person.js";
import { DriverScope } from "./scope.js";
import { requireSnowflakeHost } from "./snowflake-hosts.js";
import { Turns } from "./turns.js";

/** A row as the driver gives it: by column name. */
export type Row = Readonly<Record<string, unknown>>;

/**
 * One log-in. Statements run side by side on it, bounded by the connection's `maxConcurrentStatements`; fewer once
 * Snowflake says that they are too many.
 */
export interface SnowflakeSession {
  /**
   * Rejects with a `ProviderError`; `TIMED_OUT` means that Snowflake may still carry the statement out. What waits for
   * its turn then is refused with `CANCELLED`.
   */
  execute(statement: Statement): Promise<readonly Row[]>;
  /** Refuses every statement from now on with `CANCELLED`; those under way go on. */
  stop(): void;
  /** False once the driver has lost the session; open another one then. */
  isUp(): boolean;
  /** Ends the session and every socket it opened; never rejects. */
  close(): Promise<void>;
}

/** How a session is to behave. */
export interface SessionOptions extends SessionTimeouts, PersonOptions {
  /** Whether Snowflake's words about a statement may be shown. @default never */
  readonly isSafeToPrint?: IsSafeToPrint;
}

/** How long a session waits, in milliseconds. */
export interface SessionTimeouts {
  /** For the whole log-in, whatever the server does; a person gets longer. @default 30_000 */
  readonly loginTimeoutMs?: number;
  /** For one statement, the driver's own retries included. @default 120_000 */
  readonly statementTimeoutMs?: number;
  /** Ends the session, with whatever is under way on it, when it is aborted. */
  readonly signal?: AbortSignal;
}

/** What is answered where more is sent than is taken. */
const limitStatuses: ReadonlySet<number> = new Set([429, 503]);

/** Well within the 5 s that the engine gives its plugins to end. */
const logoutTimeoutMs = 2_000;

// Read by the driver when it is loaded: without these it probes cloud metadata services and posts telemetry, also of a
// native part that it loads only to tell its version, and that no bundle holds.
process.env.SNOWFLAKE_DISABLE_PLATFORM_DETECTION ??= "true";
process.env.SNOWFLAKE_DISABLE_MINICORE ??= "true";
process.env.SF_TELEMETRY_DISABLE_CONNECTION_SHAPE ??= "1";
// A network that drops what goes to those who tell of revoked certificates would cost each log-in 15 s, and then pass.
process.env.SF_OCSP_TEST_OCSP_RESPONSE_CACHE_SERVER_TIMEOUT ??= "2000";
process.env.SF_OCSP_TEST_OCSP_RESPONDER_TIMEOUT ??= "2000";

/**
 * Loading costs about 400 ms, many times that on a busy machine, so only when a log-in is due; the logger is off before
 * the first connection exists.
 */
export async function loadDriver() {
  const { default: driver } = await import("snowflake-sdk");
  // It reads NO_PROXY in a way of its own, so the connection says which proxy to take.
  driver.configure({ logLevel: "OFF", additionalLogToConsole: false, useEnvProxy: false });
  return driver;
}

/**
 * Logs in. The driver's own limits do not hold against a dribbling server, so a timer of ours bounds it.
 *
 * Errors: `AUTHENTICATION_FAILED`, `NETWORK_POLICY`, `PRIVILEGE_MISSING` (the role), `NOT_FOUND` (a checked warehouse
 * or database), `UNREACHABLE`, `TIMED_OUT`, `INVALID_INPUT` (a setting that the driver refuses; a log-in that needs a
 * person where nobody is).
 */
export async function openSession(
  connection: SnowflakeConnection,
  {
    loginTimeoutMs = 30_000,
    statementTimeoutMs = 120_000,
    signal,
    isSafeToPrint = () => false,
    warn = () => undefined,
    ...personOptions
  }: SessionOptions = {},
): Promise<SnowflakeSession> {
  const url = buildAccessUrl(connection);
  const route: Route = { address: `${url.hostname}:${portOf(url)}`, proxy: connection.proxy?.label };
  const login = { operation: "the log-in to Snowflake", target: `account ${connection.account}`, ...route };
  requireKnownAddress(connection);
  const person = findPersonsPart(connection, personOptions);
  // The time begins when the driver is loaded: that depends on this machine alone.
  const driver = await loadDriver();
  const scope = new DriverScope(undefined, findAudience(connection));
  signal?.addEventListener("abort", () => scope.end(), { once: true });
  try {
    const credential = await prepareCredential(connection, { timeoutMs: loginTimeoutMs, signal });
    const raw = scope.run(() =>
      driver.createConnection(buildDriverOptions(connection, credential, person?.open)),
    );
    await withTimeout(person ? personTimeoutMs : loginTimeoutMs, login, (resolve, reject) => {
      person?.failed.catch(reject);
      scope.run(() => raw.connect((error) => (error ? reject(error) : resolve(undefined))));
    });
    const session = buildSession(raw, scope, {
      route,
      maxConcurrentStatements: connection.maxConcurrentStatements,
      statementTimeoutMs,
      isSafeToPrint: (text) => !holdsCredential(text, credential) && isSafeToPrint(text),
      warn,
    });
    if (person?.isAsked || "passcode" in credential) await warnOfNextLogin(session.execute, connection, warn);
    await noteLogin(connection, "accepted");
    return session;
  } catch (error) {
    scope.end();
    const { hasSent, hasSentLogin } = scope;
    const explain = () => {
      if (isProviderError(error) && error.code === "TIMED_OUT") return person?.explainTimeout() ?? error;
      const unsent = hasSentLogin ? undefined : explainUnsent(error, connection);
      return unsent ?? mapLoginError(error, { ...login, hasSent, refusedHint: findRefusedHint(connection) });
    };
    const explained = explain();
    const isRefused = explained.code === "AUTHENTICATION_FAILED";
    if (hasSentLogin) await noteLogin(connection, isRefused ? "refused" : "failed");
    throw explained;
  } finally {
    person?.end();
  }
}

/** The origins that the driver may send something to; undefined where a cloud's own services are among them. */
function findAudience(connection: SnowflakeConnection): ReadonlySet<string> | undefined {
  const { authentication } = connection;
  if (authentication.kind === "workload-identity" && authentication.provider !== "OIDC") return undefined;
  const servers = [buildAccessUrl(connection), ...findIdentityServers(authentication)];
  return new Set(servers.map(({ origin }) => origin));
}

/** For these the driver asks the account itself where to log in, by https, and knows no port. */
function requireKnownAddress({ authentication, account, host, port, protocol }: SnowflakeConnection): void {
  const isOkta = authentication.kind === "okta";
  if (!isOkta && authentication.kind !== "external-browser") return;
  const isOther =
    (port ?? 443) !== 443 ||
    protocol === "http" ||
    (isOkta && (host ?? buildHost(account)) !== buildHost(account));
  if (!isOther) return;
  throw new ProviderError("INVALID_INPUT", {
    operation: `with ${isOkta ? "OKTA" : "EXTERNALBROWSER"}, the Snowflake driver uses only the account's own ${isOkta ? "host, port and protocol" : "port and protocol"}`,
    target: `account ${account}`,
    hint: `remove ${isOkta ? "host, port and protocol" : "port and protocol"}, or set another authenticator.`,
  });
}

async function prepareCredential(
  connection: SnowflakeConnection,
  limits: Pick<ClientTokenOptions, "timeoutMs" | "signal">,
): Promise<Credential> {
  const { authentication, role } = connection;
  if (authentication.kind === "oauth-client-credentials")
    return { kind: "oauth", token: await fetchClientToken(authentication, { role, ...limits }) };
  if (authentication.kind !== "workload-identity") return authentication;
  if (authentication.provider === "OIDC") {
    const { token } = await readIdentityToken(authentication, findHost(connection));
    return { kind: "identity-token", token };
  }
  requireSnowflakeHost(findHost(connection), process.env);
  return authentication;
}

/** What the identity token of a connection says of itself; undefined for another way to log in. */
export async function describeIdentity(connection: SnowflakeConnection): Promise<IdentityClaims | undefined> {
  const { authentication } = connection;
  if (authentication.kind !== "workload-identity" || authentication.provider !== "OIDC") return undefined;
  const { issuer, subject, audiences } = await readIdentityToken(authentication, findHost(connection));
  return { issuer, subject, audiences };
}

function findHost(connection: SnowflakeConnection): string {
  return buildAccessUrl(connection).hostname;
}

function holdsCredential(text: string, credential: Credential): boolean {
  return Object.values(credential).some(
    (part) => part instanceof SecretValue && text.includes(part.expose()),
  );
}

interface SessionSettings {
  readonly route: Route;
  readonly maxConcurrentStatements: number;
  readonly statementTimeoutMs: number;
  readonly isSafeToPrint: IsSafeToPrint;
  readonly warn: (line: string) => void;
}

function buildSession(
  raw: Connection,
  scope: DriverScope,
  { route, maxConcurrentStatements, statementTimeoutMs, isSafeToPrint, warn }: SessionSettings,
): SnowflakeSession {
  const turns = new Turns(maxConcurrentStatements, () =>
    warn(
      `Snowflake did not accept ${maxConcurrentStatements} statements at the same time. The rest of this run sends fewer. To avoid this warning, set connection.maxConcurrentStatements to a lower number.`,
    ),
  );
  let isLost = false;
  let isClosed = false;
  let isStopped = false;
  let timeouts = 0;
  const run = async (
    statement: Statement,
    knownTimeouts: number,
    meetLimit: () => void,
  ): Promise<readonly Row[]> => {
    if (isStopped) throw buildCancelled(statement);
    // Each of a thousand that wait would be waited for as long; who asks from now on may find an answer.
    if (timeouts > knownTimeouts) throw buildNotBegun(statement, "Snowflake stopped answering");
    const own = new DriverScope(scope);
    // The driver waits and sends again by itself.
    own.onStatus((status) => limitStatuses.has(status) && meetLimit());
    let sent: RowStatement | undefined;
    try {
      return await withTimeout<readonly Row[]>(
        statementTimeoutMs,
        { ...statement, ...route },
        (resolve, reject) => {
          own.onEnd(() => reject(buildClosed(statement)));
          if (isClosed) return reject(buildClosed(statement));
          noteRun({ kind: "statement" });
          sent = own.run(() => raw.execute(buildStatementOptions(statement, resolve, reject)));
        },
      );
    } catch (error) {
      const mapped = mapStatementError(
        error,
        { ...statement, ...route, hasSent: own.hasSent },
        isSafeToPrint,
      );
      isLost ||= hasLostSession(mapped);
      if (isOfTooMany(mapped)) meetLimit();
      if (mapped.code === "TIMED_OUT") {
        timeouts += 1;
        // Sent again later it could undo what was written meanwhile. Snowflake may have it already, so it is told too.
        own.end();
        scope.run(() => sent?.cancel(() => undefined));
      }
      throw mapped;
    } finally {
      own.release();
    }
  };
  return {
    execute: keepNamesExact((statement) => {
      const knownTimeouts = timeouts;
      return turns.take((meetLimit) => run(statement, knownTimeouts, meetLimit));
    }),
    stop: () => {
      isStopped = true;
    },
    isUp: () => !isLost && !isClosed && raw.isUp(),
    close: async () => {
      isClosed = true;
      // A hung server must not hold us: the session ends on the server by itself.
      await withTimeout(logoutTimeoutMs, { operation: "log out", target: "session" }, (resolve) =>
        scope.run(() => raw.destroy(() => resolve(undefined))),
      ).catch(() => undefined);
      scope.end();
    },
  };
}

type What = Pick<Statement, "operation" | "target">;

/** What a cancelled operation did not begin. */
export function buildCancelled(what: What): ProviderError {
  return buildNotBegun(what, "the run was cancelled");
}

function buildNotBegun({ operation, target }: What, notBegunBecause: string): ProviderError {
  return new ProviderError("CANCELLED", {
    operation: `${operation} was not started, because ${notBegunBecause}`,
    ...(target === undefined ? {} : { target }),
    hint: "run again.",
    retryable: true,
    details: { notBegunBecause },
  });
}

function buildClosed({ operation, target }: Statement): ProviderError {
  return new ProviderError("UNREACHABLE", {
    operation: `${operation} was cancelled, because the session was closed`,
    target,
    hint: "run again.",
    retryable: true,
  });
}

/**
 * Travel with every statement, whatever account, user or session set: a text is one statement, and no listing is cut
 * without a word.
 */
const statementParameters = { MULTI_STATEMENT_COUNT: 1, ROWS_PER_RESULTSET: 0 } as const;

function buildStatementOptions(
  { text, binds }: Statement,
  resolve: (rows: readonly Row[]) => void,
  reject: (error: unknown) => void,
): StatementOption {
  return {
    sqlText: text,
    parameters: statementParameters,
    ...(binds ? { binds: binds.map((bind) => bind.expose()) } : {}),
    complete: (error: SnowflakeError | undefined, _statement, rows) =>
      error ? reject(error) : resolve(rows ?? []),
  };
}

type TimedCall = Pick<Statement, "operation" | "target"> & Partial<Route>;

/** Settles with what the driver calls back, or with `TIMED_OUT`. */
function withTimeout<T>(
  ms: number,
  { operation, target, address, proxy }: TimedCall,
  start: (resolve: (value: T) => void, reject: (error: unknown) => void) => void,
): Promise<T> {
  const by = proxy === undefined ? "" : ` by way of proxy ${proxy}`;
  const buildError = () =>
    new ProviderError("TIMED_OUT", {
      operation: `${operation} did not end within ${ms / 1000} s${address === undefined ? "" : ` (${address}${by})`}`,
      target,
      ...(address === undefined ? {} : { details: { address } }),
      hint: "check the address, the network path and Snowflake's status, then run again.",
      retryable: true,
    });
  return withTimeLimit(ms, buildError, () => new Promise(start));
}
