import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { ProviderError, type SafeCause } from "../core/errors.js";
import { askHttp, type HttpAnswer } from "../core/http-request.js";
import {
  describeNetworkFailure,
  findNetworkHint,
  isLasting,
  readNetworkFailure,
} from "../core/network-failure.js";
import { untilAborted } from "../core/time.js";

/** One call of Infisical's API. */
export interface InfisicalRequest {
  /** Below the site's address: `api/v3/secrets/raw`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON; makes it a POST. */
  readonly body?: object;
  readonly token?: string;
}

/** An Infisical, and how long a source may talk to it. */
export interface InfisicalSite {
  /** The source, for messages. */
  readonly label: string;
  readonly siteUrl: string;
  readonly timeoutMs: number;
  /** Ends when the time is over. */
  readonly signal: AbortSignal;
}

/** An Infisical to ask, with the time that all its requests have together. */
export function openInfisicalSite(label: string, siteUrl: string, timeoutMs: number): InfisicalSite {
  return { label, siteUrl, timeoutMs, signal: AbortSignal.timeout(timeoutMs) };
}

/** How often a request goes out that is not answered or refused for its rate, with waits that double from 1 s. */
const maxAttempts = 5;

/**
 * Sends a request and answers its JSON; undefined for a body that is none.
 *
 * @throws ProviderError `SOURCE_FAILED`; nothing of the answer is in there but status, error name and request id.
 */
export async function askInfisical(site: InfisicalSite, request: InfisicalRequest): Promise<unknown> {
  const { signal } = site;
  for (let attempt = 1; ; attempt += 1) {
    let isLimited = false;
    try {
      const { status, headers, body } = await send(site, request);
      if (status >= 200 && status < 300) return body;
      isLimited = status === 429;
      if (!isLimited || attempt === maxAttempts) throw explainStatus(site, request, status, body);
      await sleep(readRetryAfterMs(headers["retry-after"]) ?? 1_000 * 2 ** (attempt - 1), undefined, {
        signal,
      });
    } catch (error) {
      if (error instanceof ProviderError) throw error;
      if (signal.aborted) throw isLimited ? explainStatus(site, request, 429, undefined) : buildTimeOut(site);
      const isLast = attempt === maxAttempts || isLasting(readNetworkFailure(error) ?? {});
      if (isLast) throw buildNotReached(site, error);
      await sleep(1_000 * 2 ** (attempt - 1), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) throw buildNotReached(site, error);
    }
  }
}

function send(
  { siteUrl, signal }: InfisicalSite,
  { path, query = {}, body, token }: InfisicalRequest,
): Promise<HttpAnswer> {
  const url = new URL(path, siteUrl.endsWith("/") ? siteUrl : `${siteUrl}/`);
  url.search = new URLSearchParams(query).toString();
  return askHttp(url, signal, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

function readRetryAfterMs(header: string | undefined): number | undefined {
  const seconds = Number(header ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : undefined;
}

// What Infisical's server says of a failed request; its message may quote the request and is not kept.
const refusalShape = z.object({
  error: z
    .string()
    .regex(/^\w{1,60}$/)
    .optional()
    .catch(undefined),
  reqId: z
    .string()
    .regex(/^[\w-]{1,60}$/)
    .optional()
    .catch(undefined),
  /** Under 422 a list of what is wrong. */
  message: z
    .array(z.object({ path: z.array(z.union([z.string(), z.number()])) }))
    .optional()
    .catch(undefined),
});

/** The arguments that travel under another name. */
const argumentNames: Readonly<Record<string, string>> = {
  workspaceId: "projectId",
  environment: "environment",
  secretPath: "secretPath",
  tagSlugs: "tagSlugs",
};

function explainStatus(
  site: InfisicalSite,
  { token }: InfisicalRequest,
  status: number,
  body: unknown,
): ProviderError {
  const { error, reqId, message = [] } = refusalShape.catch({}).parse(body);
  const wrong = message.flatMap(({ path }) => argumentNames[String(path[0])] ?? []);
  return buildFailure(site, {
    what: `HTTP ${status}${error === undefined ? "" : ` ${error}`}`,
    hint: (token === undefined ? findLogInHint(status) : undefined) ?? findHint(status, error, wrong),
    retryable: status === 429 || status >= 500,
    cause: {
      name: error ?? "HttpError",
      code: String(status),
      ...(reqId === undefined ? {} : { requestId: reqId }),
    },
  });
}

function findLogInHint(status: number): string | undefined {
  switch (status) {
    case 401:
    case 403:
      return "the credentials were refused: check client id and secret, or which subject, audience, account and role the identity allows.";
    case 404:
      return "the identity has no such log-in: check identityId, and its auth methods in Infisical.";
    default:
      return undefined;
  }
}

function findHint(status: number, error: string | undefined, wrong: readonly string[]): string {
  if (status >= 300 && status < 400) return "siteUrl redirects: set it to the address that it redirects to.";
  switch (status) {
    case 400:
    case 422:
      return `check ${wrong.length > 0 ? wrong.join(", ") : "projectId, environment and secretPath"}.`;
    case 401:
      return "the access token was refused: get a new one.";
    case 403:
      return error === "TokenError"
        ? "the access token has expired or is not valid: get a new one, or log in with client id and secret."
        : "give the identity access to this project, environment and folder, and to the values of its secrets.";
    case 404:
      return "there is no such project, environment or folder, or the identity may not see it.";
    case 429:
      return "Infisical's rate limit did not end in time: look less often, or have the limit raised.";
    default:
      return "Infisical did not answer properly: run again.";
  }
}

function buildTimeOut(site: InfisicalSite): ProviderError {
  return buildFailure(site, {
    what: `no answer within ${site.timeoutMs / 1000} s`,
    hint: "check siteUrl and the network path.",
    retryable: true,
  });
}

function buildNotReached(site: InfisicalSite, error: unknown): ProviderError {
  const failure = readNetworkFailure(error) ?? {};
  const { code } = failure;
  return buildFailure(site, {
    what: describeNetworkFailure(failure, new URL(site.siteUrl).host),
    hint: findNetworkHint(failure) ?? "check siteUrl and the network path, then run again.",
    retryable: true,
    cause: { name: "NetworkError", ...(code === undefined ? {} : { code }) },
  });
}

/** A failure of a request, in the words that all of them have. */
export function buildFailure(
  { label }: InfisicalSite,
  { what, hint, retryable, cause }: { what: string; hint: string; retryable: boolean; cause?: SafeCause },
): ProviderError {
  return new ProviderError("SOURCE_FAILED", {
    operation: `secrets of Infisical could not be read (${what})`,
    target: label,
    hint,
    retryable,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Settles with `work`, or fails when the site's time is over: for a call that takes no signal. */
export function withinTime<T>(site: InfisicalSite, work: () => Promise<T>): Promise<T> {
  return untilAborted(site.signal, work, () => buildTimeOut(site));
}
