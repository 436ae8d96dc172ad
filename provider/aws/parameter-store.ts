import type { SSMClient } from "@aws-sdk/client-ssm";
import { ProviderError } from "../core/errors.js";
import { type AwsSettings, buildAwsConfig } from "./aws-config.js";
import { isKeyRefusal, mapAwsError } from "./aws-errors.js";
import { findProfileName } from "./profile.js";

/** A part of Parameter Store. */
export interface ParameterPath {
  /** With a slash in front, and none at the end. */
  readonly path: string;
  /** The paths below too. */
  readonly recursive: boolean;
}

/** A parameter with its whole name; a `StringList` is its text. */
export interface Parameter {
  readonly name: string;
  readonly value: string;
}

/**
 * Reads every parameter below a path, decrypted, all pages or none. Needs `ssm:GetParametersByPath`, and `kms:Decrypt`
 * on the keys of SecureStrings. A path that does not exist has no parameter: AWS tells no difference.
 *
 * @throws what `mapAwsError` makes of AWS's error, time-out included.
 */
export async function readParameters(
  settings: AwsSettings,
  place: ParameterPath,
  timeoutMs: number,
): Promise<readonly Parameter[]> {
  const { SSMClient, paginateGetParametersByPath } = await import("@aws-sdk/client-ssm");
  const client = new SSMClient(await buildAwsConfig(settings));
  const abortSignal = AbortSignal.timeout(timeoutMs);
  const target = place.path;
  try {
    const found: Parameter[] = [];
    const input = { Path: place.path, Recursive: place.recursive, WithDecryption: true };
    for await (const { Parameters } of paginateGetParametersByPath({ client }, input, { abortSignal })) {
      // Another server under aws.endpoint must not look like an empty path.
      for (const { Name: name, Value: value } of Parameters ?? [{}]) {
        if (name === undefined || value === undefined) {
          throw new ProviderError("AWS_FAILED", {
            operation: "the answer of AWS Parameter Store is not a list of parameters",
            target,
            hint: "check that aws.endpoint is the address of AWS Systems Manager.",
          });
        }
        found.push({ name, value });
      }
    }
    return found;
  } catch (error) {
    throw mapAwsError(error, {
      operation: "read the parameters of AWS Parameter Store",
      target,
      action: "ssm:GetParametersByPath",
      profile: findProfileName(settings.profile),
      ...(isKeyRefusal(error) ? { key: await findKeys(client, place, abortSignal) } : {}),
    });
  } finally {
    client.destroy();
  }
}

/** The KMS keys of the parameters, as messages name them: AWS does not tell which of them refused. */
async function findKeys(
  client: SSMClient,
  { path, recursive }: ParameterPath,
  abortSignal: AbortSignal,
): Promise<string> {
  const keys = new Set<string>();
  try {
    const { paginateDescribeParameters } = await import("@aws-sdk/client-ssm");
    const ParameterFilters = [
      { Key: "Path", Option: recursive ? "Recursive" : "OneLevel", Values: [path] },
      { Key: "Type", Values: ["SecureString"] },
    ];
    for await (const page of paginateDescribeParameters({ client }, { ParameterFilters }, { abortSignal })) {
      for (const { KeyId } of page.Parameters ?? []) if (KeyId !== undefined) keys.add(KeyId);
    }
  } catch {
    // The refusal itself is what has to be told.
  }
  return keys.size > 0
    ? `KMS key ${[...keys].join(" or ")}`
    : "the parameters' KMS keys (aws ssm describe-parameters tells which)";
}
