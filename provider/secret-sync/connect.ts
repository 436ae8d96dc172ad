import { isProviderError, ProviderError, rewordError } from "../core/errors.js";
import type { Memory, Operation } from "../engine/operation.js";
import { isUnknown } from "../engine/unknown.js";
import { credentialFields } from "../snowflake/connection/login/index.js";
import {
  type ConnectionInputs,
  type ResolvedConnection,
  resolveConnection,
  type UnknownConnection,
} from "../snowflake/connection/resolve.js";
import { getSession } from "../snowflake/driver/pool.js";
import type { SnowflakeSession } from "../snowflake/driver/session.js";

/** A session with what the state keeps of how it was made. */
export interface Connected {
  readonly session: SnowflakeSession;
  readonly resolved: ResolvedConnection;
}

/** The operation's session for a `connection` argument. */
export async function connect(operation: Operation, argument: unknown): Promise<Connected> {
  const resolved = await resolve(operation, argument);
  if (resolved.unknown) {
    throw new ProviderError("INTERNAL", {
      operation: "the connection is unknown outside of a preview",
      hint: "report this error.",
    });
  }
  const session = await getSession(operation, resolved.connection).catch((error: unknown) => {
    throw isProviderError(error) ? addOrigin(error, resolved) : error;
  });
  return { session, resolved };
}

/** Says as whom the log-in was tried, and which link of the chain said so. */
function addOrigin(error: ProviderError, { connection, provenance }: ResolvedConnection): ProviderError {
  const { account, username, role } = connection;
  const origin = (...fields: (keyof typeof provenance)[]) => {
    const found = fields.map((field) => provenance[field]).find((link) => link !== undefined);
    return found === undefined ? "" : ` (${found})`;
  };
  const parts = [
    `account ${account}${origin("accountName", "account")}`,
    ...(username === undefined ? [] : [`user ${username}${origin("user")}`]),
    ...(role === undefined ? [] : [`role ${role}${origin("role")}`]),
    ...credentialFields.flatMap((field) =>
      provenance[field] === undefined ? [] : `credential${origin(field)}`,
    ),
  ];
  return rewordError(error, { target: parts.join(", ") });
}

/** The account's name, without a log-in; undefined where the chain does not tell it. */
export async function findAccountName(operation: Operation, argument: unknown): Promise<string | undefined> {
  try {
    const resolved = await resolve(operation, argument);
    if (resolved.unknown) return undefined;
    const { account, host } = resolved.connection;
    return [account.toUpperCase(), host].join(" ");
  } catch (error) {
    if (isProviderError(error)) return undefined;
    throw error;
  }
}

function resolve(operation: Operation, argument: unknown): Promise<ResolvedConnection | UnknownConnection> {
  if (isUnknown(argument)) return Promise.resolve({ unknown: true, fields: ["connection"] });
  const told = operation.recall(toldWarnings);
  const warn = (text: string) => {
    if (!told.has(text)) operation.messages.warn(text);
    told.add(text);
  };
  const { config, programDirectory } = operation;
  return resolveConnection({
    argument: argument as ConnectionInputs | undefined,
    config,
    ...(programDirectory !== undefined && { programDirectory }),
    warn,
  });
}

/** A connection is resolved for each step of each resource, and a warning is told once. */
const toldWarnings: Memory<Set<string>> = { create: () => new Set() };
