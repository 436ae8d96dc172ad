import * as z from "zod";
import type { ErrorCode, ProviderError } from "../../core/errors.js";
import type { HttpAnswer } from "../../core/http-request.js";
import { optionalToken } from "./fields.js";
import { askService, fieldOf } from "./http-request.js";
import { buildRefusal, type Probe } from "./probe.js";
import { hintForRefusal } from "./refusals.js";

/** The credentials of a Qlik Cloud tenant: an API key, or an OAuth client (`clientId` and `clientSecret`). */
export const qlikCredentialsArguments = z
  .strictObject({
    type: z.literal("qlik"),
    tenant: z
      .string("must be a string.")
      .trim()
      .toLowerCase()
      .overwrite((text) => text.replace(/^https:\/\//, "").replace(/\/$/, ""))
      .regex(
        /^[a-z0-9-]+(\.[a-z0-9-]+)+$/,
        "must be the tenant's host alone, such as acme.eu.qlikcloud.com, without a path.",
      )
      .describe("The tenant's host: `acme.eu.qlikcloud.com`."),
    apiKey: optionalToken.describe("An API key, in place of an OAuth client."),
    clientId: optionalToken.describe("The id of an OAuth client, with `clientSecret`."),
    clientSecret: optionalToken.describe("The secret of the OAuth client."),
  })
  .superRefine((credentials, context) => {
    const client = credentials.clientId !== undefined || credentials.clientSecret !== undefined;
    if ((credentials.apiKey !== undefined) === client) {
      const problem = client ? "both are given" : "neither is given";
      context.addIssue({
        code: "custom",
        path: ["apiKey"],
        message: `either apiKey, or clientId and clientSecret, is required; ${problem}.`,
      });
      return;
    }
    for (const field of ["clientId", "clientSecret"] as const) {
      if (client && credentials[field] === undefined) {
        context.addIssue({
          code: "custom",
          path: [field],
          message: "clientId and clientSecret go together.",
        });
      }
    }
  })
  .meta({
    id: "QlikExportCredentials",
    description:
      "The credentials of a Qlik Cloud tenant: an API key, or an OAuth client (`clientId` and `clientSecret`).",
    nonSensitiveFields: ["tenant"],
  });

/** A parsed `credentials` argument of type `qlik`. */
export type QlikCredentials = z.output<typeof qlikCredentialsArguments>;

/** Gets a token where a client is given, and asks the tenant who we are. */
export const probeQlik: Probe<QlikCredentials> = async (credentials, { endpoint }, signal) => {
  const base = new URL(endpoint ?? `https://${credentials.tenant}`);
  const token = credentials.apiKey?.expose() ?? (await getToken(credentials, base, signal));
  const answer = await askService(new URL("/api/v1/users/me", base), signal, {
    method: "GET",
    headers: { authorization: `Bearer ${token}` },
  });
  if (answer.status !== 200 || typeof fieldOf(answer.body, "id") !== "string")
    throw explain(answer, credentials, "asking who the key belongs to");
  return { remarks: [] };
};

/** https://qlik.dev/authenticate/oauth/create/create-oauth-client-m2m/ */
async function getToken(
  { tenant, clientId, clientSecret }: QlikCredentials,
  base: URL,
  signal: AbortSignal,
): Promise<string> {
  const answer = await askService(new URL("/oauth/token", base), signal, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      client_id: clientId?.expose(),
      client_secret: clientSecret?.expose(),
      grant_type: "client_credentials",
    }),
  });
  const token = fieldOf(answer.body, "access_token");
  if (answer.status === 200 && typeof token === "string") return token;
  throw explain(answer, { tenant }, "getting a token for the OAuth client");
}

type Meaning = readonly [ErrorCode, string];

const noTenant: Meaning = [
  "NOT_FOUND",
  "this is no Qlik Cloud tenant: check credentials.tenant (<tenant>.<region>.qlikcloud.com).",
];
const notServing: Meaning = [
  "UNREACHABLE",
  "Qlik Cloud does not serve the tenant now: check its status page, then try again.",
];

/** What says nothing of the credentials. */
const meanings: Readonly<Record<number, Meaning>> = {
  200: noTenant,
  403: [
    "NETWORK_POLICY",
    "Qlik knows the credentials and refuses them from here: check the role of the user or client, and that the tenant lets this address in.",
  ],
  404: noTenant,
  408: notServing,
  425: notServing,
  429: ["UNREACHABLE", "the tenant gets too many requests: try again later."],
};

function explain({ status }: HttpAnswer, { tenant }: { tenant: string }, step: string): ProviderError {
  const [code, hint] = findMeaning(status);
  return buildRefusal(code, {
    operation: `${step} failed (HTTP ${status})`,
    target: `tenant ${tenant}`,
    hint,
  });
}

function findMeaning(status: number): Meaning {
  const known = meanings[status];
  if (known !== undefined) return known;
  if (status >= 300 && status < 400) return noTenant;
  if (status >= 400 && status < 500) return ["AUTHENTICATION_FAILED", hintForRefusal("qlik", status)];
  return notServing;
}
