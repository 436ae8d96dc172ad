import * as z from "zod";
import { ProviderError } from "../core/errors.js";
import { SecretValue } from "../core/secret-value.js";
import { proveAwsIdentity } from "./aws-identity.js";
import { buildFailure, type HttpSite, openSite } from "./http-site.js";
import { askInfisical } from "./infisical-request.js";
import { type IssuedToken, revokeTimeoutMs } from "./issued-token.js";
import { cleanCredential, credential, type SourceContext, text } from "./source.js";

/** How to log in to Infisical. What a method lacks comes from the environment, under the names of Infisical's CLI. */
export const infisicalAuthArguments = z
  .discriminatedUnion(
    "method",
    [
      z
        .strictObject({
          method: z.literal("universal"),
          clientId: text.optional().describe("Default: INFISICAL_CLIENT_ID."),
          clientSecret: credential("Default: INFISICAL_CLIENT_SECRET."),
        })
        .meta({
          id: "UniversalInfisicalAuth",
          description:
            "Universal auth: `INFISICAL_CLIENT_ID` and `INFISICAL_CLIENT_SECRET`, or `INFISICAL_UNIVERSAL_AUTH_…`.",
        }),
      z
        .strictObject({
          method: z.literal("token"),
          token: credential("Default: INFISICAL_TOKEN."),
        })
        .meta({ id: "TokenInfisicalAuth", description: "An access token: `INFISICAL_TOKEN`." }),
      z
        .strictObject({
          method: z.literal("oidc"),
          identityId: text.optional().describe("Default: INFISICAL_MACHINE_IDENTITY_ID."),
          jwt: credential("Default: INFISICAL_JWT."),
        })
        .meta({
          id: "OidcInfisicalAuth",
          description: "OIDC: `INFISICAL_MACHINE_IDENTITY_ID` and `INFISICAL_JWT`.",
        }),
      z
        .strictObject({
          method: z.literal("aws"),
          identityId: text.optional().describe("Default: INFISICAL_MACHINE_IDENTITY_ID."),
        })
        .meta({
          id: "AwsInfisicalAuth",
          description: "AWS IAM: `INFISICAL_MACHINE_IDENTITY_ID` and AWS's own credential chain.",
        }),
    ],
    { error: "must have a method: universal, token, oidc or aws." },
  )
  .meta({
    id: "InfisicalAuth",
    description: "How to log in to Infisical; what a method lacks comes from the environment.",
  });

type InfisicalAuth = z.infer<typeof infisicalAuthArguments>;
type Environment = SourceContext["env"];

/** Gets an access token. @throws ProviderError `SOURCE_FAILED` where no credentials are found, or they are refused. */
export async function logIn(
  site: HttpSite,
  auth: InfisicalAuth | undefined,
  env: Environment,
): Promise<IssuedToken> {
  const chosen = auth ?? chooseMethod(env);
  switch (chosen.method) {
    case "token":
      return {
        token: new SecretValue(requireText("token", chosen.token ?? env.INFISICAL_TOKEN, "INFISICAL_TOKEN")),
      };
    case "universal":
      return exchange(site, "universal-auth", {
        clientId: requireText(
          "clientId",
          chosen.clientId ?? (env.INFISICAL_CLIENT_ID || env.INFISICAL_UNIVERSAL_AUTH_CLIENT_ID),
          "INFISICAL_CLIENT_ID",
        ),
        clientSecret: requireText(
          "clientSecret",
          chosen.clientSecret ?? (env.INFISICAL_CLIENT_SECRET || env.INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET),
          "INFISICAL_CLIENT_SECRET",
        ),
      });
    case "oidc":
      return exchange(site, "oidc-auth", {
        identityId: getIdentityId(chosen.identityId, env),
        jwt: requireText("jwt", chosen.jwt ?? env.INFISICAL_JWT, "INFISICAL_JWT"),
      });
    case "aws":
      return logInByAws(site, getIdentityId(chosen.identityId, env));
  }
}

const answerShape = z.object({
  accessToken: z.string().min(1),
  /** In seconds. */
  expiresIn: z.number().default(0),
});

async function exchange(site: HttpSite, method: string, body: object): Promise<IssuedToken> {
  const answer = await askInfisical(site, { path: `api/v1/auth/${method}/login`, body });
  const parsed = answerShape.safeParse(answer);
  if (!parsed.success) {
    throw buildFailure(site, {
      what: "the answer to the log-in holds no token",
      hint: "check that siteUrl is the address of Infisical.",
      retryable: false,
    });
  }
  const { accessToken, expiresIn } = parsed.data;
  return {
    token: new SecretValue(accessToken),
    lifetimeMs: expiresIn * 1_000,
    revoke: () =>
      askInfisical(openSite({ ...site, timeoutMs: revokeTimeoutMs }), {
        path: "api/v1/auth/token/revoke",
        body: { accessToken },
      }),
  };
}

async function logInByAws(site: HttpSite, identityId: string): Promise<IssuedToken> {
  const { method, body, headers } = await proveAwsIdentity(site);
  return exchange(site, "aws-auth", {
    identityId,
    iamHttpRequestMethod: method,
    iamRequestBody: body,
    iamRequestHeaders: headers,
  });
}

function chooseMethod(env: Environment): InfisicalAuth {
  if (env.INFISICAL_TOKEN) return { method: "token" };
  if (env.INFISICAL_CLIENT_ID || env.INFISICAL_UNIVERSAL_AUTH_CLIENT_ID) return { method: "universal" };
  if (env.INFISICAL_MACHINE_IDENTITY_ID) return { method: env.INFISICAL_JWT ? "oidc" : "aws" };
  throw missing(
    "auth",
    "INFISICAL_TOKEN, or INFISICAL_CLIENT_ID with INFISICAL_CLIENT_SECRET, or INFISICAL_MACHINE_IDENTITY_ID",
  );
}

function getIdentityId(identityId: string | undefined, env: Environment): string {
  return requireText(
    "identityId",
    identityId ?? env.INFISICAL_MACHINE_IDENTITY_ID,
    "INFISICAL_MACHINE_IDENTITY_ID",
  );
}

function requireText(field: string, value: string | undefined, variable: string): string {
  const found = cleanCredential(value);
  if (found !== undefined) return found;
  throw missing(`auth.${field}`, variable);
}

function missing(field: string, variables: string): ProviderError {
  return new ProviderError("SOURCE_FAILED", {
    operation: "no credentials for Infisical",
    target: field,
    hint: `set ${variables} in the environment, or give auth on the source.`,
  });
}
