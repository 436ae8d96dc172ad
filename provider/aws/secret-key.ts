import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { ProviderError } from "../core/errors.js";
import { type AwsOperation, isKeyRefusal, mapAwsError } from "./aws-errors.js";

/** A failed call to a secret, and what the call said of the key itself. */
export interface FailedCall {
  readonly client: SecretsManagerClient;
  readonly what: AwsOperation;
  readonly abortSignal?: AbortSignal;
}

/** An error of Secrets Manager as ours; where AWS refused because of the secret's KMS key, the secret is asked for it. */
export async function mapSecretError(
  error: unknown,
  { client, what, abortSignal }: FailedCall,
): Promise<ProviderError> {
  if (!isKeyRefusal(error) || what.key !== undefined) return mapAwsError(error, what);
  return mapAwsError(error, { ...what, key: await findKey(client, what.target, abortSignal) });
}

/** As messages name a key; without one it is AWS's own. */
export function describeKey(kmsKeyId: string | undefined): string {
  return kmsKeyId === undefined
    ? "the key aws/secretsmanager (AWS's own, which no other account can use)"
    : `KMS key ${kmsKeyId}`;
}

async function findKey(
  client: SecretsManagerClient,
  secretId: string,
  abortSignal?: AbortSignal,
): Promise<string> {
  try {
    const { DescribeSecretCommand } = await import("@aws-sdk/client-secrets-manager");
    const command = new DescribeSecretCommand({ SecretId: secretId });
    return describeKey((await client.send(command, abortSignal && { abortSignal })).KmsKeyId);
  } catch {
    // The refusal itself is what has to be told.
    return "the secret's KMS key (aws secretsmanager describe-secret tells which)";
  }
}
