import { buildSafeCause, type ErrorCode, isProviderError, ProviderError } from "../../core/errors.js";
import { askHttp, type HttpAnswer } from "../../core/http-request.js";
import { describeNetworkFailure, findNetworkHint, readNetworkFailure } from "../../core/network-failure.js";
import { SecretValue } from "../../core/secret-value.js";
import { withTimeLimit } from "../../core/time.js";
import type { OAuthClientCredentials } from "../connection/connection.js";
import { isOAuthError } from "./credential-hints.js";

const maxAnswerBytes = 64 * 1024;

const hints = {
  refused: "check oauthTokenRequestUrl, oauthClientId, oauthClientSecret and oauthScope.",
  noToken: "check oauthTokenRequestUrl, the network path and the identity provider's status.",
} as const;

/** What a token is asked for with. */
export interface ClientTokenOptions {
  /** The role of the session, which the scope names where none is given. */
  readonly role?: string | undefined;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks the identity provider for an access token of an OAuth client. Not left to the driver: that follows a redirect,
 * and sends the client's secret along, to any host and without TLS (seen in 3.3).
 * https://www.rfc-editor.org/rfc/rfc6749#section-4.4
 *
 * @throws ProviderError `AUTHENTICATION_FAILED` where the provider refuses the client, `UNREACHABLE`, `TIMED_OUT`
 */
export async function fetchClientToken(
  { clientId, clientSecret, tokenRequestUrl, scope }: OAuthClientCredentials,
  { role, timeoutMs, signal }: ClientTokenOptions,
): Promise<SecretValue> {
  const url = new URL(tokenRequestUrl);
  const wanted = scope ?? (role === undefined ? undefined : `session:role:${role}`);
  const body = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: clientId,
    client_secret: clientSecret.expose(),
    ...(wanted === undefined ? {} : { scope: wanted }),
  }).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const buildTimeOut = () => buildError(url, "TIMED_OUT", `no answer within ${timeoutMs / 1000} s`);
  const answer = await withTimeLimit(timeoutMs, buildTimeOut, (own) =>
    askHttp(
      url,
      signal === undefined ? own : AbortSignal.any([own, signal]),
      { method: "POST", headers, body },
      maxAnswerBytes,
    ).catch((error: unknown) => {
      throw isProviderError(error) ? error : explainFailure(url, error);
    }),
  );
  const { access_token: token } = readFields(answer);
  if (answer.status === 200 && typeof token === "string" && token !== "") return new SecretValue(token);
  throw explainAnswer(url, answer);
}

function readFields({ body }: HttpAnswer): { readonly access_token?: unknown; readonly error?: unknown } {
  return typeof body === "object" && body !== null ? body : {};
}

function explainFailure(url: URL, error: unknown): ProviderError {
  const cause = buildSafeCause(error);
  const failure = readNetworkFailure(error) ?? { code: cause.code ?? cause.name };
  return buildError(url, "UNREACHABLE", describeNetworkFailure(failure, url.host), findNetworkHint(failure));
}

/** What says nothing of the client: an address where no tokens are handed out, and a provider that is busy. */
const passing: ReadonlySet<number> = new Set([404, 405, 408, 425, 429]);
const busy: ReadonlySet<unknown> = new Set(["server_error", "temporarily_unavailable", "slow_down"]);

function explainAnswer(url: URL, answer: HttpAnswer): ProviderError {
  const { status } = answer;
  const { error } = readFields(answer);
  const isRefusal = status >= 400 && status < 500 && !passing.has(status) && !busy.has(error);
  const told = isOAuthError(error) ? `${error}, ` : "";
  return buildError(url, isRefusal ? "AUTHENTICATION_FAILED" : "UNREACHABLE", `${told}HTTP ${status}`);
}

function buildError(url: URL, code: ErrorCode, reason: string, hint?: string): ProviderError {
  const isRefused = code === "AUTHENTICATION_FAILED";
  return new ProviderError(code, {
    operation: `the identity provider gave the OAuth client no access token (${reason})`,
    target: url.host,
    hint: hint ?? (isRefused ? hints.refused : hints.noToken),
    retryable: !isRefused,
    details: { isOfIdentityProvider: true },
  });
}
