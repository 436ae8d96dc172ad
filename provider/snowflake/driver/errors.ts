import { isIP } from "node:net";
import {
  buildSafeCause,
  type ErrorDetails,
  isProviderError,
  ProviderError,
  type SafeCause,
} from "../../core/errors.js";
import {
  describeNetworkFailure,
  findNetworkHint,
  isTlsCode,
  type NetworkFailure,
  readNodeCode,
} from "../../core/network-failure.js";
import { toOneLine } from "../../core/one-line.js";
import type { SecretValue } from "../../core/secret-value.js";
import {
  keptLoginGone,
  type Meaning,
  meanings,
  refusedBinds,
  refusedByProxy,
  refusedLogin,
  refusedSettings,
  sessionGone,
  timedOut,
  tooLarge,
  tooManyAtOnce,
  unknownMeaning,
  wrongAddress,
} from "./meanings.js";

/** Codes that a session does not outlive; the driver itself takes it to be up after some of them. */
const lostSessionCodes: ReadonlySet<string | undefined> = new Set(
  Object.keys(meanings).filter((code) => meanings[code] === sessionGone),
);

/** The driver's own codes for a request that failed, and for an answer with an HTTP error. */
const notReachedCodes: ReadonlySet<string | undefined> = new Set(["401001", "401002"]);

/** How Snowflake is reached. */
export interface Route {
  /** Host and port. */
  readonly address: string;
  /** The label of the proxy in between. */
  readonly proxy: string | undefined;
}

/** What a person must know beside the error itself. */
interface Context extends Route {
  readonly operation: string;
  readonly target: string;
  /** Present where values travelled beside the statement. */
  readonly binds?: readonly SecretValue[] | undefined;
  /** Whether a request reached the address; an answer without one is a proxy's. */
  readonly hasSent: boolean;
  /** What to do about a refused credential, in place of what its code says. */
  readonly refusedHint?: string | undefined;
}

/** Says of a text whether it may be shown: only where it is known to hold no value. */
export type IsSafeToPrint = (text: string) => boolean;

/** Larger than what is usual for a secret: then a refusal without another reason is likely one of the size. */
const suspectBytes = 64 * 1024;

/** What a statement ended with, as ours: by code; a `ProviderError` stays as it is. */
export function mapStatementError(
  error: unknown,
  context: Context,
  isSafeToPrint: IsSafeToPrint,
): ProviderError {
  if (isProviderError(error)) return error;
  const cause = readCause(error);
  const meaning = explainRefusal(findMeaning(error, cause, context), cause, context);
  const serverText =
    meaning.code === "STATEMENT_FAILED" ? findServerText(error, context, isSafeToPrint) : undefined;
  return build(meaning, error, cause, context, serverText === undefined ? {} : { serverText });
}

/**
 * What a log-in ended with. A refusal by a code that is not known counts as one of the credentials, because they must
 * not be tried again: Snowflake locks accounts.
 */
export function mapLoginError(error: unknown, context: Context): ProviderError {
  if (isProviderError(error)) return error;
  const cause = readCause(error);
  const meaning = findMeaning(error, cause, context);
  if (meaning.code === "NETWORK_POLICY") {
    const refusedAddress = findAddress(error);
    return build(meaning, error, cause, context, refusedAddress === undefined ? {} : { refusedAddress });
  }
  const loginId = findLoginId(error);
  const known: ErrorDetails = loginId === undefined ? {} : { loginId };
  const found = findLoginMeaning(meaning, isFromServer(error));
  const { refusedHint } = context;
  const isOwn = found.code === "AUTHENTICATION_FAILED" && !found.saysAll && refusedHint !== undefined;
  return build(isOwn ? { ...found, hint: refusedHint } : found, error, cause, context, known);
}

function findLoginMeaning(meaning: Meaning, isOfServer: boolean): Meaning {
  if (meaning === sessionGone) return keptLoginGone;
  if (meaning !== unknownMeaning) return meaning;
  return isOfServer ? refusedLogin : refusedSettings;
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
function findServerText(
  error: unknown,
  { binds = [] }: Context,
  isSafeToPrint: IsSafeToPrint,
): string | undefined {
  const message = (error as { message?: unknown } | null)?.message;
  if (typeof message !== "string" || !isFromServer(error)) return undefined;
  const isBound = binds.some((bind) => message.includes(bind.expose()));
  if (isBound || !isSafeToPrint(message)) return undefined;
  const [first = "", second = ""] = message.split("\n").map((line) => line.trim());
  const text = toOneLine(first.endsWith(":") ? `${first} ${second}` : first).trim();
  return text === "" ? undefined : text.slice(0, maxServerText);
}

/** Whether the session in which `error` came up is of no more use. */
export function hasLostSession(error: ProviderError): boolean {
  return lostSessionCodes.has(error.cause?.code);
}

/** Whether Snowflake refused a statement because too many were under way. */
export function isOfTooMany({ cause }: ProviderError): boolean {
  return meanings[cause?.code ?? ""] === tooManyAtOnce;
}

// The driver keeps the query's id beside the server's answer.
function readCause(error: unknown): SafeCause {
  const queryId = (error as { data?: { queryId?: unknown } } | null)?.data?.queryId;
  return { ...buildSafeCause(error), ...(typeof queryId === "string" ? { requestId: queryId } : {}) };
}

function findMeaning(error: unknown, cause: SafeCause, { hasSent }: Context): Meaning {
  if (cause.code === "401001" && timeOutCodes.has(findNetworkCode(error))) return timedOut;
  const status = findStatus(error);
  if (cause.code === "401002" && !hasSent) return refusedByProxy;
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
  const isNotReached = notReachedCodes.has(cause.code);
  const isOfProxy = isNotReached && !context.hasSent && isFailureOfProxy(context, networkCode, httpStatus);
  const failure: NetworkFailure = {
    code: networkCode,
    ...(isOfProxy ? { proxy: context.proxy, proxyStatus: httpStatus } : {}),
  };
  const details: ErrorDetails = {
    ...known,
    ...(isNotReached ? { address: context.address } : {}),
    ...(networkCode === undefined ? {} : { networkCode }),
    ...(httpStatus === undefined ? {} : { httpStatus }),
    ...(isOfProxy ? { isOfProxy: true } : {}),
  };
  return new ProviderError(code, {
    operation: `${context.operation} failed (${describe(error, cause, details, failure)})`,
    target: context.target,
    hint: (isNotReached ? findNetworkHint(failure) : undefined) ?? hint,
    retryable,
    cause,
    details,
  });
}

/** With a proxy in between Snowflake itself is never connected to: only its certificate is its own. */
function isFailureOfProxy(
  { proxy }: Route,
  networkCode: string | undefined,
  status: number | undefined,
): boolean {
  if (proxy === undefined) return false;
  return status !== undefined || (networkCode !== undefined && !isTlsCode(networkCode));
}

// The driver's own codes are numbers, Snowflake's are texts.
function isFromServer(error: unknown): boolean {
  return typeof (error as { code?: unknown } | null)?.code === "string";
}

function describe(
  error: unknown,
  { code, sqlState, requestId }: SafeCause,
  { address, httpStatus, refusedAddress, loginId, serverText }: ErrorDetails,
  failure: NetworkFailure,
): string {
  const answered = httpStatus !== undefined && failure.proxyStatus === undefined;
  const reason = (called: string) =>
    answered ? `${called} answered HTTP ${httpStatus}` : describeNetworkFailure(failure, called);
  return [
    ...(address === undefined ? [] : [reason(address)]),
    `${isFromServer(error) ? "Snowflake" : "driver"} ${code ?? "without code"}`,
    ...(sqlState === undefined ? [] : [`sqlState ${sqlState}`]),
    ...(requestId === undefined ? [] : [`query ${requestId}`]),
    ...(refusedAddress === undefined ? [] : [`address ${refusedAddress}`]),
    ...(loginId === undefined ? [] : [`log-in ${loginId}`]),
    ...(serverText === undefined ? [] : [`"${serverText}"`]),
  ].join(", ");
}

const timeOutCodes: ReadonlySet<string | undefined> = new Set(["ECONNABORTED", "ETIMEDOUT"]);

/** Where the driver itself refuses a certificate: by its own codes, as Node would name it. */
const revocationCodes: Readonly<Record<string, string>> = {
  "412001": "CERT_REVOKED",
  "412004": "CERT_STATUS_INVALID",
  "412015": "CERT_STATUS_INVALID",
};

function findNetworkCode(error: unknown): string | undefined {
  const cause = (error as { cause?: { code?: unknown } } | null)?.cause;
  return readNodeCode(cause) ?? revocationCodes[String(cause?.code)];
}

function findStatus(error: unknown): number | undefined {
  const status = (error as { response?: { statusCode?: unknown } } | null)?.response?.statusCode;
  return typeof status === "number" && status >= 400 ? status : undefined;
}

/**
 * The id under which an administrator finds a refused log-in (SYSTEM$GET_LOGIN_FAILURE_DETAILS), in brackets in
 * Snowflake's message. Nothing else of that message is shown.
 */
function findLoginId(error: unknown): string | undefined {
  if (!isFromServer(error)) return undefined;
  const message = String((error as { message?: unknown }).message ?? "");
  return /\[([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\]/i.exec(message)?.[1];
}

// The address stands nowhere else in the server's answer.
function findAddress(error: unknown): string | undefined {
  const message = String((error as { message?: unknown }).message ?? "");
  return message.split(/[^0-9a-fA-F.:]+/).find((word) => isIP(word) !== 0);
}
