import { createHash } from "node:crypto";
import { isProviderError } from "../errors.js";
import { SecretValue } from "../secret-value.js";
import type { SnowflakeConnection } from "./connection.js";
import { openSession, type SnowflakeSession } from "./session.js";

/**
 * One log-in a process for each connection: `check`, `diff` and the writes of all resources share it, and with it
 * the bound on concurrent statements.
 */
const sessions = new Map<string, Promise<SnowflakeSession>>();

/** The last log-in with each credential, whatever role or warehouse it was for. */
const logins = new Map<string, Promise<SnowflakeSession>>();

/** The session of a connection, opened on first use and again after it was lost. Errors: those of `openSession`. */
export async function getSession(connection: SnowflakeConnection): Promise<SnowflakeSession> {
  closeOnInterrupt();
  const key = buildKey(connection, connection.authentication);
  const known = sessions.get(key);
  if (known && (await isUsable(known))) return known;
  // Another caller may have opened one meanwhile.
  const current = sessions.get(key);
  if (current && current !== known) return current;
  const opening = logIn(connection);
  sessions.set(key, opening);
  known?.then(
    (lost) => lost.close(),
    () => undefined,
  );
  return opening;
}

/** Ends every session; for tests and for the end of a process. */
export async function closeSessions(): Promise<void> {
  const all = [...sessions.values()];
  sessions.clear();
  logins.clear();
  await Promise.allSettled(all.map(async (session) => (await session).close()));
}

async function isUsable(session: Promise<SnowflakeSession>): Promise<boolean> {
  try {
    return (await session).isUp();
  } catch (error) {
    return isRefusal(error);
  }
}

// A refused credential is tried once in a process, as accounts get locked; so log-ins with one credential take turns.
function logIn(connection: SnowflakeConnection): Promise<SnowflakeSession> {
  const { account, username, host, port, authentication } = connection;
  const key = buildKey({ account, username, host, port }, authentication);
  const before = logins.get(key);
  const login = (async () => {
    const refusal = await before?.then(
      () => undefined,
      (error: unknown) => (isRefusal(error) ? error : undefined),
    );
    if (refusal !== undefined) throw refusal;
    return openSession(connection);
  })();
  logins.set(key, login);
  return login;
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

let listens = false;

/** Less than the 5 s after which the engine kills its plugins; a log-in under way may last longer. */
const interruptTimeoutMs = 4_000;

// The engine ends its plugins with SIGINT.
function closeOnInterrupt(): void {
  if (listens) return;
  listens = true;
  process.once("SIGINT", () => {
    const timeout = new Promise((resolve) => setTimeout(resolve, interruptTimeoutMs));
    void Promise.race([closeSessions(), timeout]).then(endAsInterrupted);
  });
}

// As if nobody had listened: an exit code that is set stays, and otherwise the signal itself ends the process.
function endAsInterrupted(): void {
  if (process.listenerCount("SIGINT") > 0) return;
  if (process.exitCode === undefined) process.kill(process.pid, "SIGINT");
  else process.exit();
}
