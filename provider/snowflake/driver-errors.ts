import { isIP } from "node:net";
import {
  buildSafeCause,
  type ErrorCode,
  isProviderError,
  ProviderError,
  type SafeCause,
} from "../core/errors.js";

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

const unknownMeaning: Meaning = {
  code: "STATEMENT_FAILED",
  hint: "look the code up in Snowflake's documentation.",
};
const refusedLogin: Meaning = {
  code: "AUTHENTICATION_FAILED",
  hint: "look the code up in Snowflake's documentation; the log-in is not tried again by itself.",
};
const refusedSettings: Meaning = {
  code: "INVALID_INPUT",
  hint: "the driver refuses the connection's settings: check account, user, host and the kind of credential.",
};
const refusedBinds: Meaning = {
  code: "STATEMENT_FAILED",
  hint: "this account refuses the statement, maybe because of its bind variable; a value is never written into a statement's text, so nothing else is tried.",
};
const timedOut: Meaning = {
  code: "TIMED_OUT",
  hint: "check the network path, the proxy and Snowflake's status, then run again.",
  retryable: true,
};
const wrongAddress: Meaning = {
  code: "UNREACHABLE",
  hint: "no account answers under this name: check the account identifier and, if given, the host.",
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
  "394400": {
    code: "AUTHENTICATION_FAILED",
    hint: "the programmatic access token is not valid: make a new one.",
  },
  "390422": { code: "NETWORK_POLICY", hint: "let this address through in the account's network policy." },
  "390432": {
    code: "NETWORK_POLICY",
    hint: "a token of a service user needs a network policy: attach one to the user or the account.",
  },
  "390186": {
    code: "PRIVILEGE_MISSING",
    hint: "the user's default role is not granted to the user: name another role, or run GRANT ROLE … TO USER ….",
  },
  "390189": {
    code: "PRIVILEGE_MISSING",
    hint: "the role does not exist or is not granted to the user: check its name, or run GRANT ROLE … TO USER ….",
  },
  "390201": {
    code: "NOT_FOUND",
    hint: "the warehouse or database of the log-in does not exist, or the role may not use it: check its exact name, or run GRANT USAGE ON … TO ROLE ….",
  },
  "390104": sessionGone,
  "390111": sessionGone,
  "390112": sessionGone,
  "390114": sessionGone,
  "390195": sessionGone,
  "407002": sessionGone,
  "401004": sessionGone,
  "401001": {
    code: "UNREACHABLE",
    hint: "check the account identifier, the network path and the proxy.",
    retryable: true,
  },
  "401002": {
    code: "UNREACHABLE",
    hint: "the server answered with an HTTP error: check the account identifier and Snowflake's status.",
    retryable: true,
  },
  "002003": {
    code: "NOT_FOUND",
    hint: "it does not exist, or the role may not see it: check the exact name and the role.",
  },
  "002043": {
    code: "NOT_FOUND",
    hint: "it does not exist, or the role may not see it: check the exact name and the role.",
  },
  "002002": {
    code: "ALREADY_EXISTS",
    hint: "an object of that name exists, maybe one that the role may not see.",
  },
  "003001": { code: "PRIVILEGE_MISSING", hint: "grant the role what the statement needs." },
  "000604": { code: "STATEMENT_FAILED", hint: "the statement was cancelled: run again.", retryable: true },
  "000630": {
    code: "TIMED_OUT",
    hint: "Snowflake ended the statement at its own time limit (STATEMENT_TIMEOUT_IN_SECONDS): run again.",
    retryable: true,
  },
  "000606": {
    code: "STATEMENT_FAILED",
    hint: "no warehouse is active: name one, and grant the role USAGE on it.",
  },
  "090153": { code: "UNPROVEN", hint: "the listing is longer than Snowflake answers in one piece." },
};

/** Codes that a session does not outlive; the driver itself takes it to be up after some of them. */
const lostSessionCodes: ReadonlySet<string | undefined> = new Set(
  Object.keys(meanings).filter((code) => meanings[code] === sessionGone),
);

interface Context {
  readonly operation: string;
  readonly target: string;
  /** Present where values travelled beside the statement. */
  readonly binds?: readonly unknown[];
}

/** What a statement ended with, as ours: by code; a `ProviderError` stays as it is. */
export function mapStatementError(error: unknown, context: Context): ProviderError {
  if (isProviderError(error)) return error;
  const cause = readCause(error);
  if (cause.code === "001003" && context.binds !== undefined) return build(refusedBinds, cause, context);
  return build(findMeaning(error, cause), cause, context);
}

/**
 * What a log-in ended with. A refusal by a code that is not known counts as one of the credentials, because they must
 * not be tried again: Snowflake locks accounts.
 */
export function mapLoginError(error: unknown, context: Context): ProviderError {
  if (isProviderError(error)) return error;
  const cause = readCause(error);
  const meaning = findMeaning(error, cause);
  if (meaning.code === "NETWORK_POLICY") {
    const address = findAddress(error);
    return build(meaning, cause, context, address === undefined ? "" : `, address ${address}`);
  }
  if (meaning !== unknownMeaning) return build(meaning, cause, context);
  return build(isFromServer(error) ? refusedLogin : refusedSettings, cause, context);
}

/** Whether the session in which `error` came up is of no more use. */
export function hasLostSession(error: ProviderError): boolean {
  return lostSessionCodes.has(error.cause?.code);
}

// The driver keeps the query's id beside the server's answer.
function readCause(error: unknown): SafeCause {
  const queryId = (error as { data?: { queryId?: unknown } } | null)?.data?.queryId;
  return { ...buildSafeCause(error), ...(typeof queryId === "string" ? { requestId: queryId } : {}) };
}

function findMeaning(error: unknown, cause: SafeCause): Meaning {
  if (cause.code === "401001" && hasTimedOut(error)) return timedOut;
  const status = (error as { response?: { statusCode?: unknown } } | null)?.response?.statusCode;
  // Every account name resolves to an address; a wrong one is answered with one of these.
  if (cause.code === "401002" && (status === 403 || status === 404)) return wrongAddress;
  return (Object.hasOwn(meanings, cause.code ?? "") && meanings[cause.code ?? ""]) || unknownMeaning;
}

function build(
  { code, hint, retryable = false }: Meaning,
  cause: SafeCause,
  context: Context,
  more = "",
): ProviderError {
  return new ProviderError(code, {
    operation: `${context.operation} failed (${describeCause(cause)}${more})`,
    target: context.target,
    hint,
    retryable,
    cause,
  });
}

// The driver's own codes are numbers, Snowflake's are texts.
function isFromServer(error: unknown): boolean {
  return typeof (error as { code?: unknown } | null)?.code === "string";
}

function describeCause({ code, sqlState, requestId }: SafeCause): string {
  const parts = [`Snowflake ${code ?? "without code"}`];
  if (sqlState !== undefined) parts.push(`sqlState ${sqlState}`);
  if (requestId !== undefined) parts.push(`query ${requestId}`);
  return parts.join(", ");
}

function hasTimedOut(error: unknown): boolean {
  const cause = (error as { cause?: { code?: unknown } } | null)?.cause;
  return cause?.code === "ECONNABORTED" || cause?.code === "ETIMEDOUT";
}

function findAddress(error: unknown): string | undefined {
  const message = String((error as { message?: unknown }).message ?? "");
  return message.split(/[^0-9a-fA-F.:]+/).find((word) => isIP(word) !== 0);
}
