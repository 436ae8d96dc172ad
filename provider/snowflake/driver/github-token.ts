import { once } from "node:events";
import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { buildSafeCause, ProviderError } from "../../core/errors.js";
import { parseJson } from "../../core/json.js";
import { SecretValue } from "../../core/secret-value.js";
import { withTimeLimit } from "../../core/time.js";

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
  const { status, text } = await withTimeLimit(timeoutMs, buildTimeOut, (signal) =>
    ask(address, bearer, signal).catch((error: unknown) => {
      throw explain(error);
    }),
  );
  const value = (parseJson(text) as { value?: unknown } | null | undefined)?.value;
  if (status === 200 && typeof value === "string" && value !== "") return new SecretValue(value);
  throw new ProviderError(status >= 500 ? "UNREACHABLE" : "AUTHENTICATION_FAILED", {
    operation: `GitHub gave no identity token (HTTP ${status})`,
    target,
    hint: "check that the job has permissions: id-token: write, and GitHub's status; the pull request of a fork gets no token.",
    retryable: status >= 500,
  });
}

function readAddress(url: string): URL {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  const isHere = address !== undefined && /^(127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/.test(address.hostname);
  const isEncrypted = address?.protocol === "https:" || (address?.protocol === "http:" && isHere);
  if (address !== undefined && isEncrypted && address.username === "" && address.password === "")
    return address;
  throw new ProviderError("INVALID_INPUT", {
    operation: "the address of GitHub's identity tokens is not an https URL",
    target,
    hint: "leave the variable as GitHub sets it for a job with permissions: id-token: write.",
  });
}

// Not by fetch: after an abort that connects once more (seen in Node 20), and the new connection stays.
async function ask(
  address: URL,
  bearer: SecretValue,
  signal: AbortSignal,
): Promise<{ readonly status: number; readonly text: string }> {
  const open = address.protocol === "http:" ? requestHttp : requestHttps;
  const request = open(address, {
    signal,
    agent: false,
    headers: {
      accept: "application/json",
      authorization: `Bearer ${bearer.expose()}`,
      "user-agent": "pulumi-snowflake-secrets",
    },
  });
  // Cut off within its answer it may tell twice, and an error that nobody hears would end the process.
  request.on("error", () => undefined);
  request.end();
  const [response] = (await once(request, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxAnswerBytes) throw Object.assign(new Error(), { code: "ANSWER_TOO_LONG" });
    chunks.push(chunk);
  }
  return { status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") };
}

function explain(error: unknown): ProviderError {
  const cause = buildSafeCause(error);
  return new ProviderError("UNREACHABLE", {
    operation: `no identity token came from GitHub (${cause.code ?? cause.name})`,
    target,
    hint: "check the network path of the runner, then run again.",
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
