import { isIP } from "node:net";
import { buildSafeCause, type ErrorCode, ProviderError } from "../errors.js";

interface Meaning {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly retryable?: boolean;
}

const loginAgain = "check the user name and the credential; a programmatic access token may have expired.";
const sessionGone: Meaning = {
  code: "UNREACHABLE",
  hint: "the session ended on the server; run again.",
  retryable: true,
};

/** Snowflake's and the driver's codes, mapped once; their texts are never read for a meaning. */
const meanings: Readonly<Record<string, Meaning>> = {
  "390100": { code: "AUTHENTICATION_FAILED", hint: loginAgain },
  "390101": { code: "AUTHENTICATION_FAILED", hint: loginAgain },
  "390144": {
    code: "AUTHENTICATION_FAILED",
    hint: "the key-pair token is not valid: check that the user carries this key's public part (ALTER USER … SET RSA_PUBLIC_KEY).",
  },
  "390303": { code: "AUTHENTICATION_FAILED", hint: "the OAuth token is not valid: get a new one." },
  "390318": { code: "AUTHENTICATION_FAILED", hint: "the OAuth token has expired: get a new one." },
  "394400": { code: "AUTHENTICATION_FAILED", hint: "the programmatic access token is not valid: make a new one." },
  "390422": { code: "NETWORK_POLICY", hint: "let this address through in the account's network policy." },
  "390432": {
    code: "NETWORK_POLICY",
    hint: "a token of a service user needs a network policy: attach one to the user or the account.",
  },
  "390189": {
    code: "PRIVILEGE_MISSING",
    hint: "the role does not exist or is not granted to the user: check its name, or run GRANT ROLE … TO USER ….",
  },
  "390201": { code: "NOT_FOUND", hint: "the object named for the log-in does not exist, or the role may not see it." },
  "390104": sessionGone,
  "390111": sessionGone,
  "390112": sessionGone,
  "390114": sessionGone,
  "390195": sessionGone,
  "407002": sessionGone,
  "401004": sessionGone,
  "401001": { code: "UNREACHABLE", hint: "check the account identifier, the network path and the proxy.", retryable: true },
  "401002": {
    code: "UNREACHABLE",
    hint: "the server answered with an HTTP error: check the account identifier and Snowflake's status.",
    retryable: true,
  },
  "002003": { code: "NOT_FOUND", hint: "it does not exist, or the role may not see it: check the exact name and the role." },
  "002043": { code: "NOT_FOUND", hint: "it does not exist, or the role may not see it: check the exact name and the role." },
  "002002": { code: "ALREADY_EXISTS", hint: "an object of that name exists, maybe one that the role may not see." },
  "003001": { code: "PRIVILEGE_MISSING", hint: "grant the role what the statement needs." },
  "000606": { code: "STATEMENT_FAILED", hint: "no warehouse is active: name one, and grant the role USAGE on it." },
  "090153": { code: "UNPROVEN", hint: "the listing is longer than Snowflake answers in one piece." },
};

/** A driver error as ours: by code; the only text kept of it is an address that a network policy refused. */
export function mapDriverError(error: unknown, context: { operation: string; target: string }): ProviderError {
  const cause = buildSafeCause(error);
  const meaning = meanings[cause.code ?? ""];
  const timedOut = cause.code === "401001" && hasTimedOut(error);
  const code: ErrorCode = timedOut ? "TIMED_OUT" : (meaning?.code ?? "STATEMENT_FAILED");
  const address = code === "NETWORK_POLICY" ? findAddress(error) : undefined;
  return new ProviderError(code, {
    operation: `${context.operation} failed (${describeCause(cause)}${address === undefined ? "" : `, address ${address}`})`,
    target: context.target,
    hint: meaning?.hint ?? "look the code up in Snowflake's documentation.",
    retryable: meaning?.retryable ?? false,
    cause,
  });
}

function describeCause({ code, sqlState, requestId }: { code?: string; sqlState?: string; requestId?: string }): string {
  const parts = [`Snowflake ${code ?? "without code"}`];
  if (sqlState !== undefined) parts.push(`sqlState ${sqlState}`);
  if (requestId !== undefined) parts.push(`query ${requestId}`);
  return parts.join(", ");
}

function hasTimedOut(error: unknown): boolean {
  const cause = (error as { cause?: { code?: unknown } }).cause;
  return cause?.code === "ECONNABORTED" || cause?.code === "ETIMEDOUT";
}

function findAddress(error: unknown): string | undefined {
  const message = String((error as { message?: unknown }).message ?? "");
  return message.split(/[^0-9a-fA-F.:]+/).find((word) => isIP(word) !== 0);
}
