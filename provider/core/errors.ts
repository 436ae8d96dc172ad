import { toOneLine } from "./one-line.js";

/**
 * The closed set of error codes. A caller may switch on them; the text beside a code may change, a code does not.
 *
 * - `INVALID_INPUT`: an argument is wrong. Nothing was changed.
 * - `CONNECTION_INCOMPLETE`: the connection lacks a field that the login needs.
 * - `AUTHENTICATION_FAILED`: the credentials were refused.
 * - `NETWORK_POLICY`: the account does not allow this machine's address.
 * - `UNREACHABLE`: the server could not be reached, or its address is wrong.
 * - `TIMED_OUT`: a server did not answer in time.
 * - `NOT_FOUND`: an object does not exist, or the role may not see it.
 * - `PRIVILEGE_MISSING`: the role lacks a privilege. The fix contains the GRANT.
 * - `ALREADY_EXISTS`: an object with this name already exists.
 * - `NOT_OURS`: the object belongs to another owner, or has no ownership comment. It was not changed.
 * - `UNPROVEN`: the provider cannot prove that a step is safe, so the step did not run.
 * - `REMOVAL_LIMIT`: this update would drop more secrets than `syncOptions.maxRemovals` allows.
 * - `WRONG_ACCOUNT`: the connection leads to another account than the one in the state.
 * - `SOURCE_FAILED`: a source of secrets could not be read, or was empty without `allowEmpty`.
 * - `STATEMENT_FAILED`: Snowflake refused a statement for another reason.
 * - `CREDENTIALS_REJECTED`: the service refused the credentials of an export destination.
 * - `INTEGRATION_EXISTS`: another destination of the same organization and type is active.
 * - `EXPORT_RUNNING`: an export job that uses the destination is running.
 * - `PENDING_DELETION`: a secret with this name is scheduled for deletion.
 * - `AWS_FAILED`: a call to AWS failed.
 * - `PARTLY_DONE`: some steps failed. The state records the steps that succeeded.
 * - `ENGINE_FAILED`: a run of Pulumi failed before it changed anything. Its messages say why.
 * - `CANCELLED`: the operation was cancelled before this step started.
 * - `INTERNAL`: a bug in this package.
 */
export type ErrorCode =
  | "INVALID_INPUT"
  | "CONNECTION_INCOMPLETE"
  | "AUTHENTICATION_FAILED"
  | "NETWORK_POLICY"
  | "UNREACHABLE"
  | "TIMED_OUT"
  | "NOT_FOUND"
  | "PRIVILEGE_MISSING"
  | "ALREADY_EXISTS"
  | "NOT_OURS"
  | "UNPROVEN"
  | "REMOVAL_LIMIT"
  | "WRONG_ACCOUNT"
  | "SOURCE_FAILED"
  | "STATEMENT_FAILED"
  | "CREDENTIALS_REJECTED"
  | "INTEGRATION_EXISTS"
  | "EXPORT_RUNNING"
  | "PENDING_DELETION"
  | "AWS_FAILED"
  | "PARTLY_DONE"
  | "CANCELLED"
  | "ENGINE_FAILED"
  | "INTERNAL";

/** The command that explains a code, without a network. */
export function describeHelp(code: ErrorCode): string {
  return `Details: npx pulumi-snowflake-secrets explain ${code}`;
}

/** What a person is shown of an error: its message, and once the command that explains its code. */
export function explainError({ message, code }: ProviderError): string {
  const help = describeHelp(code);
  return message.endsWith(help) ? message : `${message} ${help}`;
}

/** What is kept of a foreign error: enough to look it up, nothing that could quote SQL, a bind or a credential. */
export interface SafeCause {
  readonly name: string;
  readonly code?: string;
  readonly sqlState?: string;
  /** Snowflake's query id or AWS's request id. */
  readonly requestId?: string;
}

/** What is known of a failure beside its words, for code to read: nothing reads it back out of a text. */
export interface ErrorDetails {
  /** The client's address that a network policy refused, as the server named it. */
  readonly refusedAddress?: string;
  /** The id under which Snowflake keeps why it refused a log-in; no secret. */
  readonly loginId?: string;
  /** Set where a proxy answered in place of the server. */
  readonly isOfProxy?: true;
  /** Set where a cloud or an identity provider gave nothing to log in with. */
  readonly isOfIdentityProvider?: true;
  /** Host and port of a server that was not reached. */
  readonly address?: string;
  /** Why it was not reached, by Node's code: `ECONNREFUSED`. */
  readonly networkCode?: string;
  /** The status of a server that answered with an HTTP error. */
  readonly httpStatus?: number;
  /** For how long a server that refused for its rate asked to be left alone. */
  readonly retryAfterMs?: number;
  /** The first line of what the server said, where it was proved to hold no value. */
  readonly serverText?: string;
  /** Why a step was not begun: "the run was cancelled". */
  readonly notBegunBecause?: string;
  /** What Pulumi's engine said of a run that failed. */
  readonly engineMessages?: readonly string[];
  /** The codes of the errors in that run, as far as they are known. */
  readonly reasonCodes?: readonly string[];
  /** Another update of the stack is in progress. */
  readonly isStackLocked?: boolean;
  /** The backend knows no such stack. */
  readonly isStackMissing?: boolean;
  /** What is in the way is ours, and `up` and `destroy` put it right before they go on. */
  readonly isRestorable?: boolean;
}

/** The parts of an error's message, and what comes with it. */
export interface ProviderErrorOptions {
  /** What was being done, as a phrase: "create secret". */
  readonly operation: string;
  /** What it was done to: a quoted identifier, an ARN, a host; never a value. */
  readonly target?: string;
  /** What a person can do about it: a sentence or a statement to run. */
  readonly hint: string;
  /** Whether the same call may succeed later without a change of input. */
  readonly retryable?: boolean;
  readonly cause?: SafeCause;
  readonly details?: ErrorDetails;
}

/** What a report of a fault of this package needs besides: `pulumi-snowflake-secrets 1.2.3, TypeError`. */
function describeFault(cause: SafeCause | undefined): string {
  // By its own name and by `require`, so that a bundle holds what it says.
  const { version } = require("pulumi-snowflake-secrets/package.json") as { version: string };
  const known = cause && [cause.name, cause.code, cause.sqlState, cause.requestId];
  return [`pulumi-snowflake-secrets ${version}`, ...(known ?? [])].filter(Boolean).join(", ");
}

const marker = Symbol.for("pulumi-snowflake-secrets.error");

/** The only error that leaves this package: `[CODE] what failed: target. Fix: hint`. */
export class ProviderError extends Error {
  readonly [marker] = true;
  override readonly name = "ProviderError";
  readonly operation: string;
  readonly target: string | undefined;
  readonly hint: string;
  readonly retryable: boolean;
  readonly details: ErrorDetails;
  declare readonly cause?: SafeCause;

  constructor(
    readonly code: ErrorCode,
    options: ProviderErrorOptions,
  ) {
    const { retryable = false, cause, details = {} } = options;
    // A name, or a server's text, may hold what a terminal or a log takes for its own.
    const [operation, hint] = [toOneLine(options.operation), toOneLine(options.hint)];
    const target = options.target === undefined ? undefined : toOneLine(options.target);
    super(`${buildSummary(code, operation, target, cause)}. Fix: ${hint}`, cause && { cause });
    this.operation = operation;
    this.target = target;
    this.hint = hint;
    this.retryable = retryable;
    this.details = details;
  }

  /** `[CODE] what failed: target`: for a message that says by itself what to do. */
  get summary(): string {
    return buildSummary(this.code, this.operation, this.target, this.cause);
  }
}

function buildSummary(
  code: ErrorCode,
  operation: string,
  target: string | undefined,
  cause: SafeCause | undefined,
): string {
  const fault = code === "INTERNAL" ? ` (${describeFault(cause)})` : "";
  return `[${code}] ${operation}${target === undefined ? "" : `: ${target}`}${fault}`;
}

/** The same failure, said with another code, target or hint by who knows more of its circumstances. */
export function rewordError(
  error: ProviderError,
  {
    code = error.code,
    ...words
  }: Partial<Pick<ProviderErrorOptions, "target" | "hint"> & { code: ErrorCode }>,
): ProviderError {
  const { operation, target, hint, retryable, cause, details } = error;
  return new ProviderError(code, {
    operation,
    ...(target === undefined ? {} : { target }),
    hint,
    retryable,
    details,
    ...(cause === undefined ? {} : { cause }),
    ...words,
  });
}

/** Whether `error` is ours; holds across two copies of the package in one process. */
export function isProviderError(error: unknown): error is ProviderError {
  return typeof error === "object" && error !== null && marker in error;
}

/** Rebuilds what may be kept of a foreign error: never its message, its stack or its request. */
export function buildSafeCause(error: unknown): SafeCause {
  if (typeof error !== "object" || error === null) return { name: typeof error };
  const fields = error as Record<string, unknown>;
  const code = readToken(fields.code);
  const sqlState = readToken(fields.sqlState);
  const { requestId: ofAws } = (fields.$metadata ?? {}) as { requestId?: unknown };
  const requestId = readToken(fields.queryId) ?? readToken(ofAws);
  return {
    name: readToken(fields.name) ?? "Error",
    ...(code === undefined ? {} : { code }),
    ...(sqlState === undefined ? {} : { sqlState }),
    ...(requestId === undefined ? {} : { requestId }),
  };
}

// A name, a code or an id is a word; a server that sends anything else there is not quoted.
function readToken(value: unknown): string | undefined {
  const text = typeof value === "number" ? String(value) : value;
  return typeof text === "string" && /^[\w.:/#+=-]{1,128}$/.test(text) ? text : undefined;
}

/** `error` if it is ours; anything else as `INTERNAL` without its text, which may hold a value. */
export function toProviderError(error: unknown, operation: string): ProviderError {
  if (isProviderError(error)) return error;
  return new ProviderError("INTERNAL", {
    operation: `${operation} failed unexpectedly`,
    hint: "this is a bug in pulumi-snowflake-secrets. Report this line.",
    cause: buildSafeCause(error),
  });
}
