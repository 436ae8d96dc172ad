import { isIP } from "node:net";
import {
  buildSafeCause,
  type ErrorCode,
  type ErrorDetails,
  isProviderError,
  ProviderError,
  type SafeCause,
} from "../core/errors.js";
import type { SecretValue } from "../core/secret-value.js";
import { toOneLine } from "../engine/messages.js";

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
// Snowflake states no limit for a secret; its limit for a statement with its binds is 1 MB.
const tooLarge: Meaning = {
  code: "STATEMENT_FAILED",
  hint: "the value is too large for a secret: make it smaller, or keep it elsewhere and sync where it is.",
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
  "100078": tooLarge,
  "100082": tooLarge,
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

/** The driver's own codes for a request that failed, and for an answer with an HTTP error. */
const notReachedCodes: ReadonlySet<string | undefined> = new Set(["401001", "401002"]);

/** What a person must know beside the error itself. */
interface Context {
  readonly operation: string;
  readonly target: string;
  /** Present where values travelled beside the statement. */
  readonly binds?: readonly SecretValue[] | undefined;
  /** Host and port. */
  readonly address: string;
}

/** Says of a text whether it may be shown: only where it is known to hold no value. */
export type MayShow = (text: string) => boolean;

/** Larger than what is usual for a secret: then a refusal without another reason is likely one of the size. */
const suspectBytes = 64 * 1024;

/** What a statement ended with, as ours: by code; a `ProviderError` stays as it is. */
export function mapStatementError(error: unknown, context: Context, mayShow: MayShow): ProviderError {
  if (isProviderError(error)) return error;
  const cause = readCause(error);
  const meaning = explainRefusal(findMeaning(error, cause), cause, context);
  const serverText =
    meaning.code === "STATEMENT_FAILED" ? findServerText(error, context, mayShow) : undefined;
  return build(meaning, error, cause, context, serverText === undefined ? {} : { serverText });
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
    const refusedAddress = findAddress(error);
    return build(meaning, error, cause, context, refusedAddress === undefined ? {} : { refusedAddress });
  }
  if (meaning !== unknownMeaning) return build(meaning, error, cause, context);
  return build(isFromServer(error) ? refusedLogin : refusedSettings, error, cause, context);
}

/** A statement with a value can be refused for the value's size, or for being sent as a bind at all. */
function explainRefusal(meaning: Meaning, { code }: SafeCause, { binds = [] }: Context): Meaning {
  if (binds.length === 0 || (code !== "001003" && meaning !== unknownMeaning)) return meaning;
  const bytes = Math.max(...binds.map((bind) => Buffer.byteLength(bind.expose())));
  if (bytes > suspectBytes) {
    return {
      ...meaning,
      hint: `the value has ${Math.ceil(bytes / 1024)} KiB, which is likely too large for a secret: make it smaller, or keep it elsewhere and sync where it is.`,
    };
  }
  return code === "001003" ? refusedBinds : meaning;
}

/** Longer than this, a line is cut. */
const maxServerText = 300;

// "SQL compilation error:" stands on a line of its own, so what it announces is read with it.
function findServerText(error: unknown, { binds = [] }: Context, mayShow: MayShow): string | undefined {
  const message = (error as { message?: unknown } | null)?.message;
  if (typeof message !== "string" || !isFromServer(error)) return undefined;
  const isBound = binds.some((bind) => message.includes(bind.expose()));
  if (isBound || !mayShow(message)) return undefined;
  const [first = "", second = ""] = message.split("\n").map((line) => line.trim());
  const text = toOneLine(first.endsWith(":") ? `${first} ${second}` : first).trim();
  return text === "" ? undefined : text.slice(0, maxServerText);
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
  if (cause.code === "401001" && timeOutCodes.has(findNetworkCode(error))) return timedOut;
  const status = findStatus(error);
  // Every account name resolves to an address; a wrong one is answered with one of these.
  if (cause.code === "401002" && (status === 403 || status === 404)) return wrongAddress;
  if (cause.code === "401002" && status === 413) return tooLarge;
  return (Object.hasOwn(meanings, cause.code ?? "") && meanings[cause.code ?? ""]) || unknownMeaning;
}

function build(
  { code, hint, retryable = false }: Meaning,
  error: unknown,
  cause: SafeCause,
  context: Context,
  known: ErrorDetails = {},
): ProviderError {
  const networkCode = findNetworkCode(error);
  const httpStatus = findStatus(error);
  const details: ErrorDetails = {
    ...known,
    ...(notReachedCodes.has(cause.code) ? { address: context.address } : {}),
    ...(networkCode === undefined ? {} : { networkCode }),
    ...(httpStatus === undefined ? {} : { httpStatus }),
  };
  return new ProviderError(code, {
    operation: `${context.operation} failed (${describe(error, cause, details)})`,
    target: context.target,
    hint,
    retryable,
    cause,
    details,
  });
}

// The driver's own codes are numbers, Snowflake's are texts.
function isFromServer(error: unknown): boolean {
  return typeof (error as { code?: unknown } | null)?.code === "string";
}

function describe(error: unknown, { code, sqlState, requestId }: SafeCause, details: ErrorDetails): string {
  const { address, networkCode, httpStatus, refusedAddress, serverText } = details;
  const words = networkCode === undefined ? undefined : networkWords[networkCode];
  const verb = httpStatus === undefined ? "was not reached" : `answered HTTP ${httpStatus}`;
  return [
    ...(address === undefined ? [] : [`${address} ${verb}`]),
    ...(words === undefined ? [] : [words]),
    ...(networkCode === undefined ? [] : [networkCode]),
    `${isFromServer(error) ? "Snowflake" : "driver"} ${code ?? "without code"}`,
    ...(sqlState === undefined ? [] : [`sqlState ${sqlState}`]),
    ...(requestId === undefined ? [] : [`query ${requestId}`]),
    ...(refusedAddress === undefined ? [] : [`address ${refusedAddress}`]),
    ...(serverText === undefined ? [] : [`"${serverText}"`]),
  ].join(", ");
}

const timeOutCodes: ReadonlySet<string | undefined> = new Set(["ECONNABORTED", "ETIMEDOUT"]);

/** Node's codes, in words. */
const networkWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  ECONNABORTED: "no answer",
  ETIMEDOUT: "no answer",
  ENOTFOUND: "no such host",
  EAI_AGAIN: "the host's name could not be looked up",
  EHOSTUNREACH: "no way to the host",
  ENETUNREACH: "no way to the network",
  CERT_HAS_EXPIRED: "its certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is signed by itself",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is signed by an unknown authority",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is signed by an unknown authority",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another host",
};

function findNetworkCode(error: unknown): string | undefined {
  const code = (error as { cause?: { code?: unknown } } | null)?.cause?.code;
  return typeof code === "string" && /^[A-Z_0-9]+$/.test(code) ? code : undefined;
}

function findStatus(error: unknown): number | undefined {
  const status = (error as { response?: { statusCode?: unknown } } | null)?.response?.statusCode;
  return typeof status === "number" && status >= 400 ? status : undefined;
}

// The address stands nowhere else in the server's answer.
function findAddress(error: unknown): string | undefined {
  const message = String((error as { message?: unknown }).message ?? "");
  return message.split(/[^0-9a-fA-F.:]+/).find((word) => isIP(word) !== 0);
}
