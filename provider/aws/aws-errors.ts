import { buildSafeCause, type ErrorCode, isProviderError, ProviderError } from "../core/errors.js";
import { describeNetworkFailure, findNetworkHint, readNetworkFailure } from "../core/network-failure.js";
import { defaultProfile, explainProfile } from "./profile.js";

/** What was being done when AWS failed. */
export interface AwsOperation {
  /** As a phrase behind "cannot": "create secret". */
  readonly operation: string;
  /** A name or an ARN. */
  readonly target: string;
  /** The IAM action that the call needs, such as `secretsmanager:CreateSecret`. */
  readonly action: string;
  /** Where AWS refused because of the KMS key: which one, as a phrase. */
  readonly key?: string;
  /** The profile that the credentials are from, where they are from one. */
  readonly profile?: string;
  /** What may be in the way where AWS says that the secret is not in a state for the call. */
  readonly stateHint?: string;
}

interface Meaning {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly retryable?: boolean;
}

const signIn =
  "check which AWS credentials this process finds (aws sts get-caller-identity shows it), and renew them.";
const clock =
  "set this machine's clock, which differs from AWS's (on Linux: timedatectl set-ntp true), then run again.";
const signature =
  "check the secret access key, and this machine's clock; aws sts get-caller-identity must work here.";
const later = "AWS did not serve the call after several tries: run again.";

/** AWS's error names, mapped once; their texts are never read. */
const meanings: Readonly<Record<string, Meaning>> = {
  CredentialsProviderError: { code: "AWS_FAILED", hint: signIn },
  TokenProviderError: { code: "AWS_FAILED", hint: signIn },
  UnrecognizedClientException: { code: "AWS_FAILED", hint: signIn },
  InvalidClientTokenId: { code: "AWS_FAILED", hint: signIn },
  InvalidSignatureException: { code: "AWS_FAILED", hint: signature },
  SignatureDoesNotMatch: { code: "AWS_FAILED", hint: signature },
  RequestTimeTooSkewed: { code: "AWS_FAILED", hint: clock },
  RequestExpired: { code: "AWS_FAILED", hint: clock },
  RequestInTheFuture: { code: "AWS_FAILED", hint: clock },
  ExpiredToken: { code: "AWS_FAILED", hint: signIn },
  ExpiredTokenException: { code: "AWS_FAILED", hint: signIn },
  Throttling: { code: "AWS_FAILED", hint: later, retryable: true },
  ThrottlingException: { code: "AWS_FAILED", hint: later, retryable: true },
  TooManyRequestsException: { code: "AWS_FAILED", hint: later, retryable: true },
  InternalServiceError: { code: "AWS_FAILED", hint: later, retryable: true },
  InternalServiceException: { code: "AWS_FAILED", hint: later, retryable: true },
  ServiceUnavailable: { code: "AWS_FAILED", hint: later, retryable: true },
  TimeoutError: { code: "AWS_FAILED", hint: later, retryable: true },
  OperationTimeoutException: { code: "AWS_FAILED", hint: later, retryable: true },
  ResourceNotFoundException: { code: "NOT_FOUND", hint: "check the name, the region and the account." },
  EntityNotFoundException: { code: "NOT_FOUND", hint: "check the name, the region and the account." },
  InvalidRequestException: {
    code: "AWS_FAILED",
    hint: "the secret is in a state that does not allow this, most often scheduled for deletion: restore it (aws secretsmanager restore-secret), then run again.",
  },
  ResourceExistsException: {
    code: "ALREADY_EXISTS",
    hint: "choose another name. A secret with this name exists.",
  },
  LimitExceededException: {
    code: "AWS_FAILED",
    hint: "a quota of the account is used up: remove old secrets, or ask AWS for more.",
  },
};

/** https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html */
const keyActions: Readonly<Record<string, string>> = {
  "secretsmanager:GetSecretValue": "kms:Decrypt",
  "ssm:GetParametersByPath": "kms:Decrypt",
  "secretsmanager:UpdateSecret": "kms:GenerateDataKey, kms:Encrypt and kms:Decrypt",
};

const denied = new Set(["AccessDeniedException", "AccessDenied", "UnauthorizedOperation"]);

/** How Secrets Manager, KMS and IAM begin or say it. */
const keyTexts =
  /^Access to KMS is not allowed|^The ciphertext refers to a customer master key|to perform: kms:/;

/** The SDK found no credentials at all. */
const notFound = new Set(["CredentialsProviderError", "TokenProviderError"]);

/** Whether AWS answered with one of these error names. */
export function isAwsError(error: unknown, ...names: readonly string[]): boolean {
  return (
    typeof error === "object" && error !== null && names.includes(String((error as { name?: unknown }).name))
  );
}

/**
 * Whether AWS refused because of a KMS key. A missing permission on the key has the same name as one on the secret, so
 * here alone the text decides; it is not kept.
 */
export function isKeyRefusal(error: unknown): boolean {
  if (isAwsError(error, "EncryptionFailure", "DecryptionFailure", "InvalidKeyId")) return true;
  const text = String((error as { message?: unknown } | null)?.message);
  return isAwsError(error, ...denied) && keyTexts.test(text);
}

/** An error of the AWS SDK as ours: by name; nothing of its text, its request or its response is kept. */
export function mapAwsError(error: unknown, what: AwsOperation): ProviderError {
  if (isProviderError(error)) return error;
  const { operation, target } = what;
  const cause = buildSafeCause(error);
  const failure = readNetworkFailure(error);
  const networkHint = failure && findNetworkHint(failure);
  const meaning: Meaning =
    networkHint === undefined
      ? meaningOf(error, cause.name, what)
      : { code: "AWS_FAILED", hint: networkHint, retryable: true };
  const label = cause.name === "Error" && cause.code !== undefined ? cause.code : cause.name;
  const request = cause.requestId === undefined ? "" : `, request ${cause.requestId}`;
  const reason =
    failure === undefined || networkHint === undefined
      ? `AWS ${label}${request}`
      : describeNetworkFailure(failure, "AWS");
  return new ProviderError(meaning.code, {
    operation: `cannot ${operation} (${reason})`,
    target,
    hint: meaning.hint,
    retryable: meaning.retryable ?? false,
    cause,
    ...(failure?.proxy === undefined ? {} : { details: { isOfProxy: true } }),
  });
}

function meaningOf(error: unknown, name: string, what: AwsOperation): Meaning {
  const { action, key = "the KMS key", profile, stateHint } = what;
  if (isKeyRefusal(error)) {
    const needed = keyActions[action] ?? "kms:GenerateDataKey and kms:Decrypt";
    if (!denied.has(name)) {
      return {
        code: "AWS_FAILED",
        hint: `check that ${key} exists, is enabled, and lets the identity that runs Pulumi use it (${needed}).`,
      };
    }
    return {
      code: "AWS_FAILED",
      hint: `allow ${needed} on ${key} for the identity that runs Pulumi: in the key's policy, or in the identity's where the key's leaves it to IAM.`,
    };
  }
  if (denied.has(name)) {
    return { code: "AWS_FAILED", hint: `allow ${action} for the identity that runs Pulumi.` };
  }
  const known = meanings[name];
  if (known?.hint === signIn && profile !== undefined) {
    // AWS refused what was found, and not in a profile that somebody named: then the environment supplied it.
    const isFromEnvironment = profile === defaultProfile && !notFound.has(name);
    return isFromEnvironment ? known : { ...known, hint: explainProfile(profile) };
  }
  if (stateHint !== undefined && (name === "InvalidRequestException" || name === "InvalidParameterException"))
    return { code: "AWS_FAILED", hint: stateHint };
  if (known !== undefined) return known;
  const { $metadata: metadata, code } = error as { $metadata?: { httpStatusCode?: number }; code?: unknown };
  const status = metadata?.httpStatusCode;
  if (status !== undefined && status >= 500) return { code: "AWS_FAILED", hint: later, retryable: true };
  if (status === undefined || typeof code === "string") {
    return {
      code: "AWS_FAILED",
      hint: "no answer came from AWS: check the region, aws.endpoint, the network path and the proxy, then run again.",
      retryable: true,
    };
  }
  return { code: "AWS_FAILED", hint: "look the error's name up in the documentation of the AWS call." };
}
