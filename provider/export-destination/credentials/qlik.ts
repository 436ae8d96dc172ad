import { z } from "zod";
import type { ProviderError } from "../../core/errors.js";
import { unsetWhenEmpty } from "./fields.js";
import { askHttp, fieldOf, type HttpAnswer } from "./http-request.js";
import { buildRefusal, type Probe } from "./probe.js";

/** The credentials of a Qlik Cloud tenant: an API key, or an OAuth client (`clientId` and `clientSecret`). */
export const qlikCredentialsSchema = z
  .strictObject({
    type: z.literal("qlik"),
    /** The tenant's host: `acme.eu.qlikcloud.com`. */
    tenant: z
      .string("must be a text.")
      .trim()
      .toLowerCase()
      .regex(
        /^[a-z0-9-]+(\.[a-z0-9-]+)+$/,
        "must be the tenant's host alone, such as acme.eu.qlikcloud.com, without https:// and path.",
      )
      .describe("The tenant's host: `acme.eu.qlikcloud.com`."),
    /** An API key, in place of an OAuth client. */
    apiKey: unsetWhenEmpty.describe("An API key, in place of an OAuth client."),
    /** The id of an OAuth client, with `clientSecret`. */
    clientId: unsetWhenEmpty.describe("The id of an OAuth client, with `clientSecret`."),
    /** The secret of the OAuth client. */
    clientSecret: unsetWhenEmpty.describe("The secret of the OAuth client."),
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
  .meta({ nonSensitiveFields: ["tenant"] });

export type QlikCredentials = z.output<typeof qlikCredentialsSchema>;

/** Gets a token where a client is given, and asks the tenant who we are. */
export const probeQlik: Probe<QlikCredentials> = async (credentials, { endpoint }) => {
  const base = new URL(endpoint ?? `https://${credentials.tenant}`);
  const token = credentials.apiKey ?? (await getToken(credentials, base));
  const answer = await askHttp(new URL("/api/v1/users/me", base), {
    method: "GET",
    headers: { authorization: `Bearer ${token}` },
  });
  if (answer.status !== 200 || typeof fieldOf(answer.body, "id") !== "string")
    throw explain(answer, credentials, "asking who the key belongs to");
  return { remarks: [] };
};

/** https://qlik.dev/authenticate/oauth/create/create-oauth-client-m2m/ */
async function getToken({ tenant, clientId, clientSecret }: QlikCredentials, base: URL): Promise<string> {
  const answer = await askHttp(new URL("/oauth/token", base), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      client_id: clientId,
      client_secret: clientSecret,
      grant_type: "client_credentials",
    }),
  });
  const token = fieldOf(answer.body, "access_token");
  if (answer.status === 200 && typeof token === "string") return token;
  throw explain(answer, { tenant }, "getting a token for the OAuth client");
}

function explain({ status }: HttpAnswer, { tenant }: { tenant: string }, step: string): ProviderError {
  const operation = `${step} failed (HTTP ${status})`;
  const target = `tenant ${tenant}`;
  if (status === 400 || status === 401) {
    return buildRefusal("AUTHENTICATION_FAILED", {
      operation,
      target,
      hint: "check the API key or the client's id and secret: it may be revoked, expired, or of another tenant.",
    });
  }
  if (status === 403) {
    return buildRefusal("NETWORK_POLICY", {
      operation,
      target,
      hint: "Qlik knows the credentials and refuses them from here: check the role of the user or client, and that the tenant lets this address in.",
    });
  }
  if (status === 404 || (status >= 300 && status < 400) || status === 200) {
    return buildRefusal("NOT_FOUND", {
      operation,
      target,
      hint: "this is no Qlik Cloud tenant: check credentials.tenant (<tenant>.<region>.qlikcloud.com).",
    });
  }
  return buildRefusal("UNREACHABLE", {
    operation,
    target,
    hint: "Qlik Cloud does not serve the tenant now: check its status page, then try again.",
  });
}
