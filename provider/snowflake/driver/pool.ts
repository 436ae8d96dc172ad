import { createHash } from "node:crypto";
import { isProviderError } from "../../core/errors.js";
import { SecretValue } from "../../core/secret-value.js";
import type { Memory, Operation } from "../../engine/operation.js";
import { isFreeOfPendingValues } from "../../engine/pending-values.js";
import type { SnowflakeConnection } from "../connection/connection.js";
import { buildCancelled, openSession, type SessionOptions, type SnowflakeSession } from "./session.js";

type LoginOptions = Pick<SessionOptions, "isSafeToPrint" | "report" | "warn">;

/**
 * The sessions of an operation, one log-in for each connection: `check`, `diff` and the writes of all resources share
 * it, and with it the bound on concurrent statements.
 */
class SessionPool {
  readonly #sessions = new Map<string, Promise<SnowflakeSession>>();
  /** The last log-in with each credential, whatever role or warehouse it was for. */
  readonly #logins = new Map<string, Promise<SnowflakeSession>>();

  #isStopped = false;

  async get(connection: SnowflakeConnection, options: LoginOptions): Promise<SnowflakeSession> {
    if (this.#isStopped) {
      throw buildCancelled({ operation: "the log-in to Snowflake", target: `account ${connection.account}` });
    }
    const key = buildKey(connection, connection.authentication);
    const known = this.#sessions.get(key);
    if (known && (await isUsable(known))) return known;
    // Another caller may have opened one meanwhile.
    const current = this.#sessions.get(key);
    if (current && current !== known) return current;
    const opening = this.#logIn(connection, options);
    this.#sessions.set(key, opening);
    known?.then(
      (lost) => lost.close(),
      () => undefined,
    );
    return opening;
  }

  stop(): void {
    this.#isStopped = true;
    for (const session of this.#sessions.values()) {
      session.then(
        (open) => open.stop(),
        () => undefined,
      );
    }
  }

  async close(): Promise<void> {
    const all = [...this.#sessions.values()];
    this.#sessions.clear();
    this.#logins.clear();
    await Promise.allSettled(all.map(async (session) => (await session).close()));
  }

  // A refused credential is tried once in an operation, as accounts get locked; so log-ins with one credential take
  // turns.
  #logIn(connection: SnowflakeConnection, options: LoginOptions): Promise<SnowflakeSession> {
    const { account, username, host, port, authentication } = connection;
    const key = buildKey({ account, username, host, port }, authentication);
    const before = this.#logins.get(key);
    const login = (async () => {
      const refusal = await before?.then(
        () => undefined,
        (error: unknown) => (isRefusal(error) ? error : undefined),
      );
      if (refusal !== undefined) throw refusal;
      return openSession(connection, options);
    })();
    this.#logins.set(key, login);
    return login;
  }
}

const sessionPool: Memory<SessionPool> = {
  create: () => new SessionPool(),
  stop: (pool) => pool.stop(),
  end: (pool) => pool.close(),
};

/**
 * The operation's session of a connection, opened on first use and again after it was lost; it ends with the operation.
 * Errors: those of `openSession`; Snowflake's words about a statement are shown where they hold no value of the operation.
 */
export function getSession(operation: Operation, connection: SnowflakeConnection): Promise<SnowflakeSession> {
  const { messages } = operation;
  return operation.recall(sessionPool).get(connection, {
    isSafeToPrint: (text) => isFreeOfPendingValues(operation, text),
    report: (line) => messages.report(line),
    warn: (line) => messages.warn(line),
  });
}

async function isUsable(session: Promise<SnowflakeSession>): Promise<boolean> {
  try {
    return (await session).isUp();
  } catch (error) {
    return isRefusal(error);
  }
}

function isRefusal(error: unknown): boolean {
  return isProviderError(error) && error.code === "AUTHENTICATION_FAILED";
}

function buildKey(what: object, authentication: SnowflakeConnection["authentication"]): string {
  const credential = Object.values(authentication).map((part) =>
    part instanceof SecretValue ? part.expose() : part,
  );
  return createHash("sha256")
    .update(JSON.stringify([what, credential]))
    .digest("hex");
}
