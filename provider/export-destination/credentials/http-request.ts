import { buildSafeCause, isProviderError, type ProviderError } from "../../core/errors.js";
import { askHttp, type HttpAnswer, type HttpQuestion } from "../../core/http-request.js";
import { describeNetworkFailure, findNetworkHint, readNetworkFailure } from "../../core/network-failure.js";
import { buildRefusal } from "./probe.js";

const maxBodyBytes = 1_000_000;

/**
 * `askHttp` for the service of a destination.
 *
 * @throws `UNREACHABLE` when no answer came; the signal's own reason when that is aborted.
 */
export async function askService(url: URL, signal: AbortSignal, question: HttpQuestion): Promise<HttpAnswer> {
  return askHttp(url, signal, question, maxBodyBytes).catch((error: unknown) => {
    throw signal.aborted || isProviderError(error) ? error : explain(error, url);
  });
}

/** The field of an object, or undefined. */
export function fieldOf(value: unknown, field: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[field] : undefined;
}

function explain(error: unknown, url: URL): ProviderError {
  const cause = buildSafeCause(error);
  const failure = readNetworkFailure(error) ?? { code: cause.code ?? cause.name };
  return buildRefusal("UNREACHABLE", {
    operation: `no answer came (${describeNetworkFailure(failure, url.host)})`,
    target: url.host,
    hint: findNetworkHint(failure) ?? "check the address, the network path and the proxy.",
    details: failure.proxy === undefined ? {} : { isOfProxy: true },
    cause,
  });
}
