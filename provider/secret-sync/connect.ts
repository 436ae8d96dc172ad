import { engineConfig, isUnknown } from "../engine.js";
import { isProviderError, ProviderError } from "../errors.js";
import {
  type ConnectionInputs,
  type ResolvedConnection,
  resolveConnection,
  type UnknownConnection,
} from "../snowflake/connection-chain.js";
import type { SnowflakeSession } from "../snowflake/session.js";
import { getSession } from "../snowflake/session-pool.js";

/** A session with what the state keeps of how it was made. */
export interface Connected {
  readonly session: SnowflakeSession;
  readonly resolved: ResolvedConnection;
}

/** Undefined where the connection is known only in `up`. */
export async function findConnection(argument: unknown): Promise<Connected | undefined> {
  const resolved = await resolve(argument);
  return resolved.unknown ? undefined : { session: await getSession(resolved.connection), resolved };
}

export async function getConnection(argument: unknown): Promise<Connected> {
  const connected = await findConnection(argument);
  if (connected) return connected;
  throw new ProviderError("INTERNAL", {
    operation: "the connection is not known although this is no preview",
    hint: "report it.",
  });
}

/** How the account is called, without a log-in; undefined where the chain does not tell it. */
export async function findAccountName(argument: unknown): Promise<string | undefined> {
  try {
    const resolved = await resolve(argument);
    if (resolved.unknown) return undefined;
    const { account, host } = resolved.connection;
    return [account.toUpperCase(), host].join(" ");
  } catch (error) {
    if (isProviderError(error)) return undefined;
    throw error;
  }
}

function resolve(argument: unknown): Promise<ResolvedConnection | UnknownConnection> {
  if (isUnknown(argument)) return Promise.resolve({ unknown: true, fields: ["connection"] });
  return resolveConnection({
    argument: argument as ConnectionInputs | undefined,
    config: engineConfig(),
  });
}
