import * as z from "zod";
import type { ErrorCode, ProviderError } from "../../core/errors.js";
import type { HttpAnswer } from "../../core/http-request.js";
import { requiredSecret } from "./fields.js";
import { askService, fieldOf } from "./http-request.js";
import { buildRefusal, type Probe } from "./probe.js";
import { credentialRefusals, hintForRefusal } from "./refusals.js";

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The credentials of a Power BI workspace: an app registration (service principal) of Entra. */
export const powerBiCredentialsArguments = z
  .strictObject({
    type: z.literal("power_bi"),
    tenant: z
      .string("must be a string.")
      .trim()
      .toLowerCase()
      .refine(
        (text) => guid.test(text) || /^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(text),
        "must be the directory's id (a GUID) or one of its domains.",
      )
      .describe("The directory (tenant) id, or one of its domains."),
    workspace: z
      .string("must be a string.")
      .trim()
      .toLowerCase()
      .regex(guid, "must be the workspace's id, a GUID.")
      .describe("The workspace's id."),
    clientId: requiredSecret.describe("The app registration's id."),
    clientSecret: requiredSecret.describe("The app registration's secret."),
  })
  .meta({
    id: "PowerBiExportCredentials",
    description: "The credentials of a Power BI workspace: an app registration (service principal) of Entra.",
    nonSensitiveFields: ["tenant", "workspace"],
  });

/** A parsed `credentials` argument of type `power-bi`. */
export type PowerBiCredentials = z.output<typeof powerBiCredentialsArguments>;

const authority = "https://login.microsoftonline.com";
const service = "https://api.powerbi.com";
const scope = "https://analysis.windows.net/powerbi/api/.default";

/** Gets a token from Entra, and looks the workspace up among those that the principal may see. */
export const probePowerBi: Probe<PowerBiCredentials> = async (credentials, route, signal) => {
  const token = await getToken(credentials, new URL(route.authorityEndpoint ?? authority), signal);
  const url = new URL("/v1.0/myorg/groups", route.endpoint ?? service);
  url.searchParams.set("$filter", `id eq '${credentials.workspace}'`);
  const answer = await askService(url, signal, {
    method: "GET",
    headers: { authorization: `Bearer ${token}` },
  });
  const found = fieldOf(answer.body, "value");
  if (answer.status !== 200 || !Array.isArray(found)) throw explainService(answer, credentials);
  if (!found.some((group) => String(fieldOf(group, "id")).toLowerCase() === credentials.workspace)) {
    throw buildRefusal("NOT_FOUND", {
      operation: "the login works, but the app may not see the workspace",
      target: `workspace ${credentials.workspace}`,
      hint: "check credentials.workspace, and add the app registration to the workspace as a member.",
    });
  }
  return { remarks: [] };
};

/** https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow */
async function getToken(
  { tenant, clientId, clientSecret }: PowerBiCredentials,
  base: URL,
  signal: AbortSignal,
): Promise<string> {
  const form = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: clientId.expose(),
    client_secret: clientSecret.expose(),
    scope,
  });
  const answer = await askService(new URL(`/${encodeURIComponent(tenant)}/oauth2/v2.0/token`, base), signal, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: form.toString(),
  });
  const token = fieldOf(answer.body, "access_token");
  if (answer.status === 200 && typeof token === "string") return token;
  throw explainAuthority(answer, tenant);
}

type Meaning = readonly [ErrorCode, string];

const notServing: Meaning = [
  "UNREACHABLE",
  "the service does not answer as it should now: check its status, then try again.",
];
const noDirectory: Meaning = ["NOT_FOUND", "there is no such directory: check credentials.tenant."];

/** What Entra answers that says nothing of the credentials. */
const entraMeanings: Readonly<Record<number, Meaning>> = {
  50053: ["NETWORK_POLICY", "Entra blocks this address: let it through, or come from another one."],
  53003: ["NETWORK_POLICY", "a conditional-access policy blocks this address or app: let it through."],
  90002: noDirectory,
  90033: notServing,
  900023: noDirectory,
};

const statusMeanings: Readonly<Record<number, Meaning>> = {
  403: ["NETWORK_POLICY", "this address or app is not let in: check the policies of the directory."],
  404: ["NOT_FOUND", "nothing of this kind is there: check credentials.tenant and validation.endpoint."],
  408: notServing,
  429: ["UNREACHABLE", "the service gets too many requests: try again later."],
};

function explainAuthority({ status, body }: HttpAnswer, tenant: string): ProviderError {
  const codes = fieldOf(body, "error_codes");
  const entraCode = Array.isArray(codes) && typeof codes[0] === "number" ? codes[0] : undefined;
  const [code, hint] = findMeaning(status, entraCode);
  return buildRefusal(code, {
    operation: `getting a token from Entra failed (${entraCode === undefined ? `HTTP ${status}` : `AADSTS${entraCode}`})`,
    target: `tenant ${tenant}`,
    hint,
  });
}

function findMeaning(status: number, entraCode: number | undefined): Meaning {
  const refused: Meaning = ["AUTHENTICATION_FAILED", hintForRefusal("power_bi", entraCode ?? status)];
  if (entraCode !== undefined && Object.hasOwn(credentialRefusals.power_bi, entraCode)) return refused;
  const known = entraCode === undefined ? undefined : entraMeanings[entraCode];
  if (known !== undefined) return known;
  const passing = findStatusMeaning(status);
  return passing ?? (status >= 400 && status < 500 ? refused : notServing);
}

function findStatusMeaning(status: number): Meaning | undefined {
  return statusMeanings[status >= 300 && status < 400 ? 404 : status];
}

function explainService({ status }: HttpAnswer, { workspace }: PowerBiCredentials): ProviderError {
  const [code, hint]: Meaning =
    status === 401 || status === 403
      ? [
          "PRIVILEGE_MISSING",
          "allow service principals to use Power BI APIs in the tenant settings, and add the app to the workspace.",
        ]
      : (findStatusMeaning(status) ?? notServing);
  return buildRefusal(code, {
    operation: `the log-in works, but Power BI did not list the workspace (HTTP ${status})`,
    target: `workspace ${workspace}`,
    hint,
  });
}
