import { createHash } from "node:crypto";
import { isNoted, noteRun, type RunNote } from "../../engine/run-notes.js";
import type { SnowflakeConnection } from "../connection/connection.js";

type LoginOutcome = Extract<RunNote, { kind: "login" }>["outcome"];

/** Notes a log-in for auto-sync, where it asked for that: not who, but whether it is the same one as another time. */
export async function noteLogin(connection: SnowflakeConnection, outcome: LoginOutcome): Promise<void> {
  if (!isNoted()) return;
  const { account, username = "" } = connection;
  const login = createHash("sha256")
    .update(JSON.stringify([account.toUpperCase(), username]))
    .digest("hex")
    .slice(0, 16);
  const expiresAt = outcome === "accepted" ? await findExpiry(connection) : undefined;
  noteRun({ kind: "login", login, outcome, ...(expiresAt !== undefined && { expiresAt }) });
}

/** When a token ends that was given, and is not got anew for each log-in; only a JWT tells. */
async function findExpiry({ authentication }: SnowflakeConnection): Promise<number | undefined> {
  const isGiven =
    authentication.kind === "oauth" ||
    (authentication.kind === "workload-identity" && authentication.provider === "OIDC");
  if (!isGiven || authentication.token === undefined) return undefined;
  const { decodeJwt } = await import("jose");
  try {
    return decodeJwt(authentication.token.expose()).exp;
  } catch {
    return undefined;
  }
}
