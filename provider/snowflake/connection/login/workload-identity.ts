import { ProviderError } from "../../../core/errors.js";
import { SecretValue } from "../../../core/secret-value.js";
import type { CloudIdentity, SnowflakeAuthentication } from "../connection.js";
import { readSwitch, readTokenVariable, tokenFields } from "./fields.js";
import type { LoginField, LoginMethod, LoginReader } from "./method.js";

/** Snowflake's own, which a user has who names no other one. */
export const defaultAudience = "snowflakecomputing.com";

export const workloadIdentity: LoginMethod = {
  kind: "workload-identity",
  title: "the identity of a workload",
  authenticators: ["WORKLOAD_IDENTITY"],
  credential: tokenFields,
  impliedBy: ["workloadIdentityProvider"],
  settings: [
    "workloadIdentityProvider",
    "workloadIdentityAudience",
    "workloadIdentityImpersonationPath",
    "workloadIdentityAwsUseOutboundToken",
    "workloadIdentityAzureClientId",
    "workloadIdentityEntraResource",
  ],
  user: "own-link",
  findMissing: ({ env, text }) => {
    const provider = text("workloadIdentityProvider");
    if (provider === undefined) {
      return [
        { what: "who issues the identity: OIDC, AWS, AZURE or GCP", fields: ["workloadIdentityProvider"] },
      ];
    }
    if (provider.toUpperCase() !== "OIDC" || tokenFields.some((field) => text(field) !== undefined))
      return [];
    if (env.ACTIONS_ID_TOKEN_REQUEST_URL && env.ACTIONS_ID_TOKEN_REQUEST_TOKEN) return [];
    const isGithub = env.GITHUB_ACTIONS === "true";
    return [
      {
        what: "the identity token of the workload",
        fields: tokenFields,
        or: isGithub
          ? "permissions: id-token: write for this job, with which GitHub hands one out"
          : "in a GitHub workflow, permissions: id-token: write",
      },
    ];
  },
  build: buildWorkloadIdentity,
};

const cloudProviders = ["AWS", "AZURE", "GCP"] as const;

function buildWorkloadIdentity(reader: LoginReader): SnowflakeAuthentication {
  const { text, env } = reader;
  const provider = text("workloadIdentityProvider")?.toUpperCase();
  const cloud = cloudProviders.find((each) => each === provider);
  if (cloud !== undefined) return buildCloudIdentity(reader, cloud);
  if (provider !== "OIDC") {
    throw new ProviderError("INVALID_INPUT", {
      operation: "unknown workload identity provider",
      target: reader.origin("workloadIdentityProvider"),
      hint: "give OIDC, AWS, AZURE or GCP.",
    });
  }
  requireOnlyOf(reader, "OIDC", ["workloadIdentityAudience"]);
  const identity = {
    kind: "workload-identity",
    provider,
    audience: text("workloadIdentityAudience") ?? defaultAudience,
  } as const;
  if (text("tokenFilePath") !== undefined) {
    const tokenFile = reader.locate("tokenFilePath");
    return { ...identity, origin: `${tokenFile} (${reader.origin("tokenFilePath")})`, tokenFile };
  }
  const ofVariable = readTokenVariable(reader);
  if (ofVariable !== undefined) {
    return { ...identity, origin: `environment ${text("tokenVariable")}`, token: ofVariable };
  }
  const token = text("token");
  if (token !== undefined) {
    return { ...identity, origin: reader.origin("token"), token: new SecretValue(token.trim()) };
  }
  return {
    ...identity,
    origin: "GitHub",
    githubUrl: env.ACTIONS_ID_TOKEN_REQUEST_URL ?? "",
    githubBearer: new SecretValue(env.ACTIONS_ID_TOKEN_REQUEST_TOKEN ?? ""),
  };
}

function buildCloudIdentity(reader: LoginReader, provider: CloudIdentity["provider"]): CloudIdentity {
  const { text } = reader;
  const given = tokenFields.find((field) => text(field) !== undefined);
  if (given !== undefined) {
    throw new ProviderError("INVALID_INPUT", {
      operation: `a workload identity of ${provider} takes no token`,
      target: reader.origin(given),
      hint: "remove it, or set workloadIdentityProvider to OIDC.",
    });
  }
  requireOnlyOf(reader, provider, settingsOfCloud[provider]);
  const path = text("workloadIdentityImpersonationPath")
    ?.split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  const clientId = text("workloadIdentityAzureClientId");
  const resource = text("workloadIdentityEntraResource");
  return {
    kind: "workload-identity",
    provider,
    ...(path === undefined ? {} : { impersonationPath: path }),
    ...(readSwitch(reader, "workloadIdentityAwsUseOutboundToken", false) ? { usesOutboundToken: true } : {}),
    ...(clientId === undefined ? {} : { clientId }),
    ...(resource === undefined ? {} : { resource }),
  };
}

const settingsOfCloud: Readonly<Record<CloudIdentity["provider"], readonly LoginField[]>> = {
  AWS: ["workloadIdentityImpersonationPath", "workloadIdentityAwsUseOutboundToken"],
  AZURE: ["workloadIdentityAzureClientId", "workloadIdentityEntraResource"],
  GCP: ["workloadIdentityImpersonationPath"],
};

/** A setting that would be passed over in silence is one that somebody relies on. */
function requireOnlyOf(reader: LoginReader, provider: string, allowed: readonly LoginField[]): void {
  const all = ["workloadIdentityAudience", ...Object.values(settingsOfCloud).flat()] as const;
  const wrong = all.find((field) => reader.text(field) !== undefined && !allowed.includes(field));
  if (wrong === undefined) return;
  throw new ProviderError("INVALID_INPUT", {
    operation: `${wrong} does not belong to the workload identities of ${provider}`,
    target: reader.origin(wrong),
    hint: "remove it, or set another workloadIdentityProvider.",
  });
}
