import { type ErrorCode, ProviderError, type ProviderErrorOptions } from "../../core/errors.js";

/** How long a validation may take in all: connect, TLS, log-in, the questions after it, and closing. */
export const probeTimeoutMs = 10_000;

/** Where a probe goes in place of the service's public address (private link, a national cloud, a test). */
export interface ProbeRoute {
  /** The service's address, a URL. */
  readonly endpoint?: string | undefined;
  /** The log-in's address, a URL, where that is another one (Power BI: Entra). */
  readonly authorityEndpoint?: string | undefined;
}

/** What a log-in that passed told. */
export interface ProbeSuccess {
  /** The address that the server saw us come from, if it tells. */
  readonly egressIp?: string;
  /** What a reader of the log wants to know besides: "warehouse WH is suspended and resumes by itself". */
  readonly remarks: readonly string[];
}

/**
 * A log-in with credentials of type `C`: resolves only if they work, rejects with a `ProviderError`, and closes what it
 * opened when `signal` is aborted.
 */
export type Probe<C> = (credentials: C, route: ProbeRoute, signal: AbortSignal) => Promise<ProbeSuccess>;

/** A refusal in the form that all probes share. */
export function buildRefusal(
  code: ErrorCode,
  text: Pick<ProviderErrorOptions, "operation" | "hint" | "details" | "cause"> & { readonly target: string },
): ProviderError {
  const retryable = code === "UNREACHABLE" || code === "TIMED_OUT";
  return new ProviderError(code, { ...text, retryable });
}
