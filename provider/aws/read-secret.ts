import { type AwsSettings, buildAwsConfig } from "./aws-config.js";
import { findProfileName } from "./profile.js";
import { mapSecretError } from "./secret-key.js";

/** One version of a secret. */
export interface SecretPointer {
  /** Name or ARN. */
  readonly secretId: string;
  readonly versionStage: string;
}

/**
 * Reads the text of a secret; undefined for one that holds binary data. Needs `secretsmanager:GetSecretValue`, and
 * `kms:Decrypt` where the secret has a key of its own.
 *
 * @throws what `mapSecretError` makes of AWS's error, time-out included.
 */
export async function readSecretText(
  settings: AwsSettings,
  { secretId, versionStage }: SecretPointer,
  timeoutMs: number,
): Promise<string | undefined> {
  const { GetSecretValueCommand, SecretsManagerClient } = await import("@aws-sdk/client-secrets-manager");
  const client = new SecretsManagerClient(await buildAwsConfig(settings));
  const abortSignal = AbortSignal.timeout(timeoutMs);
  try {
    const command = new GetSecretValueCommand({ SecretId: secretId, VersionStage: versionStage });
    const answer = await client.send(command, { abortSignal });
    return answer.SecretString;
  } catch (error) {
    const what = {
      operation: "read a secret of AWS Secrets Manager",
      target: secretId,
      action: "secretsmanager:GetSecretValue",
      profile: findProfileName(settings.profile),
    };
    throw await mapSecretError(error, { client, what, abortSignal });
  } finally {
    client.destroy();
  }
}
