import { buildSafeCause, type ErrorCode, isProviderError, ProviderError } from "../../core/errors.js";
import { parseJson } from "../../core/json.js";
import { buildAccessUrl, type SnowflakeConnection } from "../connection/connection.js";
import { meanings } from "./meanings.js";

/** What to do where Snowflake refuses a credential of which its code says too little; undefined where it says enough. */
export function findRefusedHint({ authentication }: SnowflakeConnection): string | undefined {
  switch (authentication.kind) {
    case "workload-identity":
      return "check that a user of this account has this workload identity (CREATE USER … WORKLOAD_IDENTITY): npx pulumi-snowflake-secrets doctor shows what is sent, and the statement.";
    case "external-browser":
      return "check that the browser logs in the user that the connection names.";
    case "oauth-authorization-code":
    case "oauth-client-credentials":
      return "check that a security integration of this account (TYPE = EXTERNAL_OAUTH) trusts the identity provider, and maps the token to a user and its role.";
    default:
      return undefined;
  }
}

interface Words {
  readonly operation: string;
  readonly target: string;
  readonly hint: string;
}

/**
 * Why the driver got nothing to log in with, where that is what it failed at: it asks a cloud or an identity provider
 * before it asks Snowflake. Undefined where nothing of that kind was to be asked.
 */
export function explainUnsent(error: unknown, connection: SnowflakeConnection): ProviderError | undefined {
  if (isOfTokenCache(error)) {
    return new ProviderError("INVALID_INPUT", {
      operation: "the file in which the Snowflake driver keeps log-ins cannot be used",
      target:
        "credential_cache_v1.json in SF_TEMPORARY_CREDENTIAL_CACHE_DIR, or else in the user's folder for caches",
      hint: "remove the file, or make it yours alone (chmod 600).",
      cause: buildSafeCause(error),
    });
  }
  const words = findWords(connection);
  if (words === undefined) return undefined;
  if (isProviderError(error)) {
    if (error.code !== "TIMED_OUT") return undefined;
    return new ProviderError("TIMED_OUT", {
      ...words,
      operation: `${words.operation} in time`,
      retryable: true,
    });
  }
  const { reason, isNetwork, refusal } = readReason(error);
  const code: ErrorCode = isNetwork ? "UNREACHABLE" : "AUTHENTICATION_FAILED";
  return new ProviderError(code, {
    operation: `${words.operation} (${reason})`,
    target: words.target,
    hint: meanings[refusal ?? ""]?.hint ?? words.hint,
    retryable: isNetwork,
    cause: buildSafeCause(error),
  });
}

function findWords({ authentication, ...connection }: SnowflakeConnection): Words | undefined {
  const accountUrl = buildAccessUrl(connection);
  if (authentication.kind === "oauth-authorization-code") {
    return {
      operation: "the log-in with the browser gave no access token",
      target: new URL(authentication.tokenRequestUrl ?? accountUrl).host,
      hint: "check oauthAuthorizationUrl, oauthTokenRequestUrl, oauthClientId, oauthClientSecret, oauthRedirectUri and oauthScope.",
    };
  }
  if (authentication.kind === "okta") {
    return {
      operation: "Okta logged the user in to no Snowflake account",
      target: new URL(authentication.url).host,
      hint: "check user, password and oktaUrl. Where Okta asks for a second factor, set authenticator to EXTERNALBROWSER.",
    };
  }
  if (authentication.kind === "external-browser") {
    return {
      operation: "Snowflake began no log-in with the browser",
      target: accountUrl.host,
      hint: "check the account, the user, and that single sign-on is set up for them.",
    };
  }
  if (authentication.kind !== "workload-identity") return undefined;
  switch (authentication.provider) {
    case "AWS":
      return {
        operation: "AWS gave this workload no identity",
        target: "workloadIdentityProvider AWS",
        hint: "run it where it has an AWS role or credentials, set AWS_REGION, and check workloadIdentityImpersonationPath.",
      };
    case "AZURE":
      return {
        operation: "Azure gave this workload no identity",
        target: "workloadIdentityProvider AZURE",
        hint: "run it where it has a managed identity, and check workloadIdentityAzureClientId and workloadIdentityEntraResource.",
      };
    case "GCP":
      return {
        operation: "Google Cloud gave this workload no identity",
        target: "workloadIdentityProvider GCP",
        hint: "run it where it has a service account, and check workloadIdentityImpersonationPath.",
      };
    case "OIDC":
      return undefined;
  }
}

/** The driver reads it before it sends anything, and fails where others may read it. */
function isOfTokenCache(error: unknown): boolean {
  const message = String((error as { message?: unknown } | null)?.message ?? "");
  return /^(Invalid file (permissions|owner)|Temporary credential cache directory) /.test(message);
}

const networkCodes =
  /^(E(CONN(REFUSED|RESET|ABORTED)|TIMEDOUT|NOTFOUND|AI_AGAIN|HOSTUNREACH|NETUNREACH)|ERR_CANCELED)$/;

interface UnsentReason {
  readonly reason: string;
  readonly isNetwork: boolean;
  /** Snowflake's own code. */
  readonly refusal: string | undefined;
}

// Codes, names and statuses only: a message may quote what was sent.
function readReason(error: unknown): UnsentReason {
  const { code, name } = buildSafeCause(error);
  const fields = (error ?? {}) as {
    error?: unknown;
    status?: unknown;
    response?: { status?: unknown; data?: unknown };
  };
  const { data } = fields.response ?? {};
  const body = (typeof data === "string" ? parseJson(data) : data) as
    | { error?: unknown; errorCode?: unknown }
    | null
    | undefined;
  const oauthError = [fields.error, body?.error].find(isOAuthError);
  // https://developer.okta.com/docs/reference/error-codes/
  const oktaError = [body?.errorCode].find((each) => typeof each === "string" && /^E\d{7}$/.test(each));
  const status = [fields.status, fields.response?.status].find((each) => typeof each === "number");
  // Snowflake's own code, where it refuses to begin; its words are left out.
  const refusal = /\bError code: (\d{6})\b/.exec(String((error as Error | null)?.message ?? ""))?.[1];
  const ofSnowflake = refusal === undefined ? undefined : `Snowflake ${refusal}`;
  const parts = [
    oauthError ?? oktaError ?? ofSnowflake ?? code ?? name,
    ...(status === undefined ? [] : [`HTTP ${status}`]),
  ];
  return { reason: parts.join(", "), refusal, isNetwork: code !== undefined && networkCodes.test(code) };
}

/** `invalid_client` and its like: https://www.rfc-editor.org/rfc/rfc6749#section-5.2 */
export function isOAuthError(text: unknown): text is string {
  return typeof text === "string" && /^[a-z_]{1,60}$/.test(text);
}
