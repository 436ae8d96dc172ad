import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { buildSafeCause, isProviderError, type ProviderError, rewordError } from "../core/errors.js";
import { fetchGithubToken } from "../core/github-token.js";
import { SecretValue } from "../core/secret-value.js";
import { proveAwsIdentity } from "./aws-identity.js";
import { buildFailure, openSite, withinTime } from "./http-site.js";
import { type IssuedToken, revokeTimeoutMs } from "./issued-token.js";
import { cleanCredential, credential, type SourceContext, text } from "./source.js";
import { askVault, notVault, type VaultSite } from "./vault-request.js";
import { readVaultVariable } from "./vault-site.js";

const role = text.describe("The role of the auth method.");

function mount(usual: string) {
  return text.optional().describe(`Where the auth method is mounted. Default: \`${usual}\`.`);
}

/** How to log in to Vault. */
export const vaultAuthArguments = z
  .discriminatedUnion(
    "method",
    [
      z
        .strictObject({
          method: z.literal("token"),
          token: credential("Default: VAULT_TOKEN, else the file `~/.vault-token`."),
        })
        .meta({ id: "TokenVaultAuth", description: "A token: `VAULT_TOKEN`, or the file `~/.vault-token`." }),
      z
        .strictObject({
          method: z.literal("approle"),
          roleId: text.optional().describe("Default: VAULT_ROLE_ID."),
          secretId: credential("Default: VAULT_SECRET_ID; none where the role asks for none."),
          mount: mount("approle"),
        })
        .meta({ id: "AppRoleVaultAuth", description: "AppRole: `VAULT_ROLE_ID` and `VAULT_SECRET_ID`." }),
      z
        .strictObject({
          method: z.literal("jwt"),
          role,
          jwt: credential("Default: VAULT_JWT, else the identity token of the job of GitHub Actions."),
          audience: text
            .optional()
            .describe("The audience of GitHub's token. Default: the address of Vault."),
          mount: mount("jwt"),
        })
        .meta({ id: "JwtVaultAuth", description: "JWT or OIDC, such as the identity of GitHub Actions." }),
      z
        .strictObject({
          method: z.literal("kubernetes"),
          role,
          tokenFile: text
            .optional()
            .describe(
              "The service account's token. Default: `/var/run/secrets/kubernetes.io/serviceaccount/token`.",
            ),
          mount: mount("kubernetes"),
        })
        .meta({ id: "KubernetesVaultAuth", description: "The service account of a pod in Kubernetes." }),
      z
        .strictObject({
          method: z.literal("aws"),
          role,
          serverId: text
            .optional()
            .describe("The value of the header `X-Vault-AWS-IAM-Server-ID`, if Vault requires it."),
          region: text
            .optional()
            .describe(
              "The region of the STS that this Vault asks: its `sts_region`. Default: the global endpoint, as Vault.",
            ),
          mount: mount("aws"),
        })
        .meta({ id: "AwsVaultAuth", description: "AWS IAM, with the credentials of AWS's own chain." }),
    ],
    { error: "must have a method: token, approle, jwt, kubernetes or aws." },
  )
  .meta({ id: "VaultAuth", description: "How to log in to Vault. Default: a token." });

type VaultAuth = z.infer<typeof vaultAuthArguments>;
type Environment = SourceContext["env"];

/** Gets a token. @throws ProviderError `SOURCE_FAILED` where nothing is found to log in with, or it is refused */
export async function logIn(
  vault: VaultSite,
  auth: VaultAuth = { method: "token" },
  env: Environment,
): Promise<IssuedToken> {
  const { site } = vault;
  if (auth.method === "token") {
    const found =
      cleanCredential(auth.token ?? readVaultVariable("TOKEN", env)) ??
      cleanCredential(await readTokenFile(env));
    if (found !== undefined) return { token: new SecretValue(found) };
    throw missing(
      vault,
      "auth.token",
      "set VAULT_TOKEN, log in with `vault login`, or give auth on the source.",
    );
  }
  const at = auth.mount ?? auth.method;
  switch (auth.method) {
    case "approle": {
      const roleId = cleanCredential(auth.roleId ?? readVaultVariable("ROLE_ID", env));
      if (roleId === undefined) throw missing(vault, "auth.roleId", "set VAULT_ROLE_ID, or give roleId.");
      const secretId = cleanCredential(auth.secretId ?? readVaultVariable("SECRET_ID", env));
      return exchange(vault, at, { role_id: roleId, ...(secretId ? { secret_id: secretId } : {}) });
    }
    case "jwt":
      return exchange(vault, at, { role: auth.role, jwt: await findJwt(vault, auth, env) });
    case "kubernetes": {
      const file = auth.tokenFile ?? "/var/run/secrets/kubernetes.io/serviceaccount/token";
      const jwt = cleanCredential(
        await readFile(file, "utf8").catch((error: unknown) => {
          const cause = buildSafeCause(error);
          throw buildFailure(site, {
            what: `the service account's token cannot be read (${cause.code ?? cause.name})`,
            hint: "run this in a pod with a service account, or set auth.tokenFile.",
            cause,
          });
        }),
      );
      if (jwt === undefined) throw missing(vault, "auth.tokenFile", "name the file that holds the token.");
      return exchange(vault, at, { role: auth.role, jwt });
    }
    case "aws":
      return exchange(vault, at, { role: auth.role, ...(await signForAws(vault, auth)) });
  }
}

const answerShape = z.object({
  auth: z.object({
    client_token: z.string().min(1),
    /** In seconds; 0 for one that does not end. */
    lease_duration: z.number().default(0),
    token_type: z.string().optional(),
  }),
});

async function exchange(vault: VaultSite, at: string, body: object): Promise<IssuedToken> {
  const { site } = vault;
  // Some versions of Vault answer 500 to a wrong secret id (1.14 does).
  const refusals = [400, 401, 403, 404, 500];
  const answer = await askVault(vault, { path: `auth/${at}/login`, body, expected: refusals });
  if (refusals.includes(answer.status)) {
    throw buildFailure(site, {
      what: `the log-in at auth/${at} was refused, HTTP ${answer.status}`,
      hint: "check the credentials, the role and what it is bound to, auth.mount and the namespace.",
      cause: { name: "HttpError", code: String(answer.status) },
    });
  }
  const parsed = answerShape.safeParse(answer.body);
  if (!parsed.success) throw notVault(site);
  const { client_token, lease_duration, token_type } = parsed.data.auth;
  const token = new SecretValue(client_token);
  const revoke = () =>
    askVault(
      { ...vault, site: openSite({ ...site, timeoutMs: revokeTimeoutMs }), token },
      { path: "auth/token/revoke-self", body: {}, expected: [204] },
    );
  return {
    token,
    lifetimeMs: lease_duration === 0 ? Number.POSITIVE_INFINITY : lease_duration * 1_000,
    // Vault does not keep these, and cannot revoke them.
    ...(token_type === "batch" ? {} : { revoke }),
  };
}

async function findJwt(
  vault: VaultSite,
  auth: Extract<VaultAuth, { method: "jwt" }>,
  env: Environment,
): Promise<string> {
  const given = cleanCredential(auth.jwt ?? readVaultVariable("JWT", env));
  if (given !== undefined) return given;
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer } = env;
  if (!url || !bearer)
    throw missing(
      vault,
      "auth.jwt",
      "set VAULT_JWT, or run this in a job of GitHub Actions with permissions: id-token: write.",
    );
  const request = {
    url,
    bearer: new SecretValue(bearer),
    audience: auth.audience ?? vault.site.address.replace(/\/$/, ""),
  };
  const token = await withinTime(vault.site, () => fetchGithubToken(request)).catch((error: unknown) => {
    throw isProviderError(error) ? rewordError(error, { code: "SOURCE_FAILED" }) : error;
  });
  return token.expose();
}

async function signForAws(
  { site }: VaultSite,
  { region, serverId }: Extract<VaultAuth, { method: "aws" }>,
): Promise<object> {
  const { method, url, body, headers } = await proveAwsIdentity(site, {
    // Vault asks the global endpoint unless it is told otherwise, and that is in us-east-1.
    ...(region === undefined ? { region: "us-east-1", hostname: "sts.amazonaws.com" } : { region }),
    ...(serverId === undefined ? {} : { headers: { "X-Vault-AWS-IAM-Server-ID": serverId } }),
  });
  return {
    iam_http_request_method: method,
    iam_request_url: url,
    iam_request_body: body,
    iam_request_headers: headers,
  };
}

/** What `vault login` leaves. */
async function readTokenFile(env: Environment): Promise<string | undefined> {
  return readFile(join(env.HOME || homedir(), ".vault-token"), "utf8").catch(() => undefined);
}

function missing({ site }: VaultSite, field: string, hint: string): ProviderError {
  return buildFailure(site, { what: `no credentials found: ${field}`, hint });
}
