import type { InfisicalSDK } from "@infisical/sdk" with { "resolution-mode": "import" };
import { z } from "zod";
import { ProviderError } from "../core/errors.js";

const text = z.string("give a text.").min(1, "give a text that is not empty.");

/** How to log in to Infisical. What a method lacks comes from the environment, under the names of Infisical's CLI. */
export const infisicalAuthSchema = z.discriminatedUnion(
  "method",
  [
    /** `INFISICAL_CLIENT_ID` and `INFISICAL_CLIENT_SECRET`, or `INFISICAL_UNIVERSAL_AUTH_…`. */
    z.strictObject({
      method: z.literal("universal"),
      clientId: text.optional(),
      clientSecret: text.optional(),
    }),
    /** An access token: `INFISICAL_TOKEN`. */
    z.strictObject({ method: z.literal("token"), token: text.optional() }),
    /** `INFISICAL_MACHINE_IDENTITY_ID` and `INFISICAL_JWT`. */
    z.strictObject({ method: z.literal("oidc"), identityId: text.optional(), jwt: text.optional() }),
    /** `INFISICAL_MACHINE_IDENTITY_ID` and AWS's own credential chain. */
    z.strictObject({ method: z.literal("aws"), identityId: text.optional() }),
  ],
  { error: "give a method: universal, token, oidc or aws." },
);

type InfisicalAuth = z.infer<typeof infisicalAuthSchema>;
type Environment = Readonly<Record<string, string | undefined>>;

/** Logs `sdk` in. @throws ProviderError `SOURCE_FAILED` where no credentials are found; what the SDK throws otherwise. */
export async function logIn(
  sdk: InfisicalSDK,
  auth: InfisicalAuth | undefined,
  env: Environment,
  siteUrl: string | undefined,
): Promise<void> {
  const chosen = auth ?? chooseMethod(env);
  switch (chosen.method) {
    case "token":
      sdk.auth().accessToken(requireText("token", chosen.token ?? env.INFISICAL_TOKEN, "INFISICAL_TOKEN"));
      return;
    case "universal":
      await sdk.auth().universalAuth.login({
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
      return;
    case "aws":
      await sdk.auth().awsIamAuth.login({ identityId: getIdentityId(chosen.identityId, env) });
      return;
    case "oidc":
      sdk
        .auth()
        .accessToken(
          await exchangeJwt(
            siteUrl ?? "https://app.infisical.com",
            getIdentityId(chosen.identityId, env),
            requireText("jwt", chosen.jwt ?? env.INFISICAL_JWT, "INFISICAL_JWT"),
          ),
        );
      return;
  }
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
  if (value !== undefined && value !== "") return value;
  throw missing(`auth.${field}`, variable);
}

function missing(field: string, variables: string): ProviderError {
  return new ProviderError("SOURCE_FAILED", {
    operation: "find credentials for Infisical",
    target: field,
    hint: `set ${variables} in the environment, or give auth on the source.`,
  });
}

// The SDK has no call for this method; the endpoint is Infisical's own for OIDC identities.
async function exchangeJwt(siteUrl: string, identityId: string, jwt: string): Promise<string> {
  const response = await fetch(
    new URL("api/v1/auth/oidc-auth/login", siteUrl.endsWith("/") ? siteUrl : `${siteUrl}/`),
    {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ identityId, jwt }),
      signal: AbortSignal.timeout(10_000),
    },
  );
  if (!response.ok) throw new Error(`Request failed with status ${response.status}`);
  return z.object({ accessToken: z.string() }).parse(await response.json()).accessToken;
}
