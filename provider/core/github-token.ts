import { buildSafeCause, isProviderError, ProviderError } from "./errors.js";
import { askHttp } from "./http-request.js";
import { readNetworkFailure } from "./network-failure.js";
import { parseSafeUrl } from "./safe-url.js";
import { SecretValue } from "./secret-value.js";
import { withTimeLimit } from "./time.js";

/** Where GitHub hands out the identity token of a job, and what opens it. */
export interface GithubTokenRequest {
  readonly url: string;
  readonly bearer: SecretValue;
  readonly audience: string;
}

const timeoutMs = 10_000;
const maxAnswerBytes = 64 * 1024;
const target = "ACTIONS_ID_TOKEN_REQUEST_URL";

/**
 * Asks GitHub for the identity token of this job. One request, without redirects, to the address that GitHub set:
 * its bearer goes nowhere else.
 * https://docs.github.com/actions/reference/security/oidc
 *
 * @throws ProviderError `INVALID_INPUT` for an address that is not encrypted, `AUTHENTICATION_FAILED` where GitHub
 *   refuses, `UNREACHABLE`, `TIMED_OUT`
 */
export async function fetchGithubToken({ url, bearer, audience }: GithubTokenRequest): Promise<SecretValue> {
  const address = readAddress(url);
  address.searchParams.set("audience", audience);
  const headers = { authorization: `Bearer ${bearer.expose()}` };
  const { status, body } = await withTimeLimit(timeoutMs, buildTimeOut, (signal) =>
    askHttp(address, signal, { method: "GET", headers }, maxAnswerBytes).catch((error: unknown) => {
      throw isProviderError(error) ? error : explain(error);
    }),
  );
  const value = (body as { value?: unknown } | null | undefined)?.value;
  if (status === 200 && typeof value === "string" && value !== "") return new SecretValue(value);
  throw new ProviderError(status >= 500 ? "UNREACHABLE" : "AUTHENTICATION_FAILED", {
    operation: `GitHub gave no identity token (HTTP ${status})`,
    target,
    hint: "check that the job has permissions: id-token: write, and GitHub's status; the pull request of a fork gets no token.",
    retryable: status >= 500,
  });
}

function readAddress(url: string): URL {
  const address = parseSafeUrl(url);
  if (address !== undefined) return address;
  throw new ProviderError("INVALID_INPUT", {
    operation: "the address of GitHub's identity tokens is not an https URL",
    target,
    hint: "leave the variable as GitHub sets it for a job with permissions: id-token: write.",
  });
}

function explain(error: unknown): ProviderError {
  const cause = buildSafeCause(error);
  const { proxy, proxyStatus } = readNetworkFailure(error) ?? {};
  const refusal = proxyStatus === undefined ? "" : `, HTTP ${proxyStatus}`;
  const by = proxy === undefined ? "" : ` by way of the proxy ${proxy}${refusal}`;
  return new ProviderError("UNREACHABLE", {
    operation: `no identity token came from GitHub${by} (${cause.code ?? cause.name})`,
    target,
    hint: "check the network path of the runner and its proxy, then run again.",
    retryable: true,
    cause,
  });
}

function buildTimeOut(): ProviderError {
  return new ProviderError("TIMED_OUT", {
    operation: `GitHub gave no identity token within ${timeoutMs / 1000} s`,
    target,
    hint: "check the network path of the runner and GitHub's status, then run again.",
    retryable: true,
  });
}
