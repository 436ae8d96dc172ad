import type { ProviderError } from "../core/errors.js";
import type { HttpAnswer } from "../core/http-request.js";
import { isMap } from "../core/is-map.js";
import type { SecretValue } from "../core/secret-value.js";
import { askSite, buildFailure, type HttpSite } from "./http-site.js";

/** A Vault, and the namespace in it. */
export interface VaultSite {
  readonly site: HttpSite;
  readonly namespace?: string;
  readonly token?: SecretValue;
}

/** One call of Vault's API, below `/v1/`. */
export interface VaultRequest {
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON; makes it a POST. */
  readonly body?: object;
  /** Answers that the caller explains itself, beside those of 200. */
  readonly expected?: readonly number[];
}

/**
 * Sends a request and gives the answer.
 *
 * @throws ProviderError `SOURCE_FAILED`; nothing of the answer is in there but its status
 */
export async function askVault(
  { site, namespace, token }: VaultSite,
  { path, query = {}, body, expected = [] }: VaultRequest,
): Promise<HttpAnswer> {
  const question = {
    path: `v1/${encodePath(path)}`,
    query,
    method: body === undefined ? "GET" : "POST",
    headers: {
      // Asked for by agents that are set up against forged requests.
      "x-vault-request": "true",
      ...(namespace === undefined ? {} : { "x-vault-namespace": namespace }),
      ...(token === undefined ? {} : { "x-vault-token": token.expose() }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  } as const;
  const explain = (answer: HttpAnswer) => explainStatus(site, answer);
  const answer = await askSite(site, question, isPutOff, explain);
  if (answer.status !== 200 && !expected.includes(answer.status)) throw explain(answer);
  if (answer.status === 200 && !isMap(answer.body)) throw notVault(site);
  return answer;
}

/** The answer of a server that is no Vault. */
export function notVault(site: HttpSite): ProviderError {
  return buildFailure(site, {
    what: "the answer is none of Vault's",
    hint: "check that address leads to Vault or OpenBao itself.",
  });
}

/** The parts of a path as a URL holds them. */
function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

/** 412 comes from a standby that has not yet seen what was written before. */
function isPutOff(answer: HttpAnswer): boolean {
  return [412, 429, 502, 503, 504].includes(answer.status) && !isSealed(answer);
}

function isSealed({ status, text }: HttpAnswer): boolean {
  return status === 503 && text.includes("Vault is sealed");
}

function explainStatus(site: HttpSite, answer: HttpAnswer): ProviderError {
  const { status } = answer;
  return buildFailure(site, {
    what: `HTTP ${status}`,
    hint: findHint(answer),
    retryable: status === 412 || status === 429 || status >= 500,
    cause: { name: "HttpError", code: String(status) },
    answer,
  });
}

function findHint(answer: HttpAnswer): string {
  const { status } = answer;
  if (isSealed(answer)) return "Vault is sealed: have it unsealed, then run again.";
  if (status >= 300 && status < 400)
    return "this server sends its clients elsewhere, as a standby does, and the token is not sent after it: set address to the active server or to the load balancer.";
  switch (status) {
    case 400:
      return "check mount, path and namespace.";
    case 403:
      return "the token has ended, or its policy does not allow this: log in again, or give it `read` (with recursive `list` too) at this path; check the namespace.";
    case 412:
      return "this standby has not caught up: run again, or set address to the active server.";
    case 429:
      return "a rate limit quota of Vault did not end in time: run again, or have it raised.";
    case 472:
    case 473:
      return "this server is a standby: set address to the active server or to the load balancer.";
    default:
      return status >= 500
        ? "Vault has no active server, or it failed: run again."
        : "check that address leads to Vault or OpenBao itself.";
  }
}
