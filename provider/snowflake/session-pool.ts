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

/** The session of a connection, opened on first use and again after it was lost. */
export async function getSession(connection: SnowflakeConnection): Promise<SnowflakeSession> {
  closeOnInterrupt();
  const key = buildKey(connection);
  const known = sessions.get(key);
  if (known && (await isUsable(known))) return known;
  // Another caller may have opened one meanwhile.
  const current = sessions.get(key);
  if (current && current !== known) return current;
  const opening = openSession(connection);
  sessions.set(key, opening);
  return opening;
}

/** Ends every session; for tests and for the end of a process. */
export async function closeSessions(): Promise<void> {
  const all = [...sessions.values()];
  sessions.clear();
  await Promise.allSettled(all.map(async (session) => (await session).close()));
}

// A refused credential is not tried again in this process: accounts get locked.
async function isUsable(session: Promise<SnowflakeSession>): Promise<boolean> {
  try {
    return (await session).isUp();
  } catch (error) {
    return isProviderError(error) && error.code === "AUTHENTICATION_FAILED";
  }
}

function buildKey(connection: SnowflakeConnection): string {
  const credential = Object.values(connection.authentication).map((part) =>
    part instanceof SecretValue ? part.expose() : part,
  );
  return createHash("sha256").update(JSON.stringify([connection, credential])).digest("hex");
}

let listens = false;

// The engine ends its plugins with SIGINT and kills them after 5 s; the log-outs take at most 2.
function closeOnInterrupt(): void {
  if (listens) return;
  listens = true;
  process.once("SIGINT", () => void closeSessions().finally(() => process.exit(0)));
}
