import { engineConfig } from "../engine.js";
import { ProviderError } from "../errors.js";
import { type ConnectionInputs, type ResolvedConnection, resolveConnection } from "../snowflake/connection-chain.js";
import type { SnowflakeSession } from "../snowflake/session.js";
import { getSession } from "../snowflake/session-pool.js";

/** A session with what the state keeps of how it was made. */
export interface Connected {
  readonly session: SnowflakeSession;
  readonly resolved: ResolvedConnection;
}

/** Undefined where the connection is known only in `up`. */
export async function findConnection(argument: unknown): Promise<Connected | undefined> {
  const resolved = await resolveConnection({
    argument: argument as ConnectionInputs | undefined,
    config: engineConfig(),
  });
  if (resolved.unknown) return undefined;
  return { session: await getSession(resolved.connection), resolved };
}

export async function getConnection(argument: unknown): Promise<Connected> {
  const connected = await findConnection(argument);
  if (connected) return connected;
  throw new ProviderError("INTERNAL", {
    operation: "the connection is not known although this is no preview",
    hint: "report it.",
  });
}
