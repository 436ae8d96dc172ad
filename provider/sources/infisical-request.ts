import * as z from "zod";
import type { ProviderError } from "../core/errors.js";
import type { HttpAnswer } from "../core/http-request.js";
import type { SecretValue } from "../core/secret-value.js";
import { askSite, buildFailure, type HttpSite, openSite } from "./http-site.js";

/** One call of Infisical's API. */
export interface InfisicalRequest {
  /** Below the site's address: `api/v3/secrets/raw`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON; makes it a POST. */
  readonly body?: object;
  readonly token?: SecretValue;
}

/** An Infisical to ask, with the time that all its requests have together. */
export function openInfisicalSite(label: string, siteUrl: string, timeoutMs: number): HttpSite {
  return openSite({ label, product: "Infisical", address: siteUrl, addressArgument: "siteUrl", timeoutMs });
}

/**
 * Sends a request and answers its JSON; undefined for a body that is none.
 *
 * @throws ProviderError `SOURCE_FAILED`; nothing of the answer is in there but status, error name and request id.
 */
export async function askInfisical(site: HttpSite, request: InfisicalRequest): Promise<unknown> {
  const { path, query = {}, body, token } = request;
  const question = {
    path,
    query,
    method: body === undefined ? "GET" : "POST",
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token.expose()}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  } as const;
  const explain = (answer: HttpAnswer) => explainStatus(site, request, answer);
  const answer = await askSite(site, question, ({ status }) => status === 429, explain);
  if (answer.status >= 200 && answer.status < 300) return answer.body;
  throw explain(answer);
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

function explainStatus(site: HttpSite, { token }: InfisicalRequest, answer: HttpAnswer): ProviderError {
  const { status, body } = answer;
  const { error, reqId, message = [] } = refusalShape.catch({}).parse(body);
  const wrong = message.flatMap(({ path }) => argumentNames[String(path[0])] ?? []);
  return buildFailure(site, {
    what: `HTTP ${status}${error === undefined ? "" : ` ${error}`}`,
    hint: (token === undefined ? findLogInHint(status) : undefined) ?? findHint(status, error, wrong),
    retryable: status === 429 || status >= 500,
    answer,
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
