import { setTimeout as sleep } from "node:timers/promises";
import { ProviderError, type SafeCause } from "../core/errors.js";
import { askHttp, type HttpAnswer, type HttpQuestion, type TlsSettings } from "../core/http-request.js";
import {
  describeNetworkFailure,
  findNetworkHint,
  isLasting,
  readNetworkFailure,
} from "../core/network-failure.js";
import { untilAborted } from "../core/time.js";

/** A server that a source asks over HTTP, and how long the source may talk to it. */
export interface HttpSite {
  /** The source, for messages. */
  readonly label: string;
  /** Whose server it is: "Infisical". */
  readonly product: string;
  readonly address: string;
  /** The argument that holds the address. */
  readonly addressArgument: string;
  readonly timeoutMs: number;
  /** Ends when the time is over. */
  readonly signal: AbortSignal;
  readonly tls?: TlsSettings;
}

/** A site, with the time that all its requests have together. */
export function openSite(site: Omit<HttpSite, "signal">): HttpSite {
  return { ...site, signal: AbortSignal.timeout(site.timeoutMs) };
}

/** A request below the site's address. */
export interface SiteRequest extends Omit<HttpQuestion, "tls"> {
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
}

/** How often a request goes out that is not answered or put off, with waits that double from 1 s. */
const maxAttempts = 5;

/**
 * Sends a request until it is answered.
 *
 * @param isPutOff whether the answer asks to come again
 * @param explain the failure that is told where the time ends with an answer that was put off
 * @throws ProviderError `SOURCE_FAILED`
 */
export async function askSite(
  site: HttpSite,
  request: SiteRequest,
  isPutOff: (answer: HttpAnswer) => boolean,
  explain: (answer: HttpAnswer) => ProviderError,
): Promise<HttpAnswer> {
  const { signal, tls = {} } = site;
  const { path, query = {}, ...question } = request;
  const url = new URL(path, site.address.endsWith("/") ? site.address : `${site.address}/`);
  url.search = new URLSearchParams(query).toString();
  for (let attempt = 1; ; attempt += 1) {
    let putOff: HttpAnswer | undefined;
    try {
      const answer = await askHttp(url, signal, { ...question, tls });
      if (!isPutOff(answer) || attempt === maxAttempts) return answer;
      putOff = answer;
      const waitMs = readRetryAfterMs(answer.headers["retry-after"]) ?? 1_000 * 2 ** (attempt - 1);
      await sleep(waitMs, undefined, { signal });
    } catch (error) {
      if (error instanceof ProviderError) throw error;
      if (signal.aborted) throw putOff === undefined ? buildTimeOut(site) : explain(putOff);
      const isLast = attempt === maxAttempts || isLasting(readNetworkFailure(error) ?? {});
      if (isLast) throw buildNotReached(site, error);
      await sleep(1_000 * 2 ** (attempt - 1), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) throw buildNotReached(site, error);
    }
  }
}

function readRetryAfterMs(header: string | undefined): number | undefined {
  const seconds = Number(header ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : undefined;
}

function buildTimeOut(site: HttpSite): ProviderError {
  return buildFailure(site, {
    what: `no answer within ${site.timeoutMs / 1000} s`,
    hint: `check ${site.addressArgument} and the network path.`,
    retryable: true,
  });
}

function buildNotReached(site: HttpSite, error: unknown): ProviderError {
  const failure = readNetworkFailure(error) ?? {};
  const { code } = failure;
  return buildFailure(site, {
    what: describeNetworkFailure(failure, new URL(site.address).host),
    hint: findNetworkHint(failure) ?? `check ${site.addressArgument} and the network path, then run again.`,
    retryable: true,
    cause: { name: "NetworkError", ...(code === undefined ? {} : { code }) },
  });
}

/** A failure of a request, in the words that all of them have; `answer` may say when to come again. */
export function buildFailure(
  { label, product }: HttpSite,
  {
    what,
    hint,
    retryable = false,
    cause,
    answer,
  }: { what: string; hint: string; retryable?: boolean; cause?: SafeCause; answer?: HttpAnswer },
): ProviderError {
  const retryAfterMs = readRetryAfterMs(answer?.headers["retry-after"]);
  return new ProviderError("SOURCE_FAILED", {
    operation: `secrets of ${product} could not be read (${what})`,
    target: label,
    hint,
    retryable,
    ...(cause === undefined ? {} : { cause }),
    ...(retryAfterMs === undefined ? {} : { details: { retryAfterMs } }),
  });
}

/** Settles with `work`, or fails when the site's time is over: for a call that takes no signal. */
export function withinTime<T>(site: HttpSite, work: () => Promise<T>): Promise<T> {
  return untilAborted(site.signal, work, () => buildTimeOut(site));
}
