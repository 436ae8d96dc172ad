import * as z from "zod";
import { readSecretText, type SecretPointer } from "../aws/read-secret.js";
import { awsSettingsArguments } from "../aws/settings-schema.js";
import { ProviderError, type SafeCause, toProviderError } from "../core/errors.js";
import { SecretValue } from "../core/secret-value.js";
import type { Known } from "../engine/unknown.js";
import { jsonFields, readFlatJson, unusableHint } from "./flat-json.js";
import { commonFields, type SourceType, text } from "./source.js";

const schema = z
  .strictObject({
    type: z.literal("aws-secrets-manager"),
    secretId: text.describe("Name or ARN."),
    format: z
      .enum(["json", "plain"], { error: 'must be "json" or "plain".' })
      .meta({ id: "AwsSecretsManagerSourceFormat" })
      .optional()
      .describe(
        "`json`: an object, one secret per key. `plain`: the whole text as one secret under `key`. Default: `json`.",
      ),
    key: text.optional().describe('With `format: "plain"`: the name of the one secret.'),
    ...jsonFields,
    versionStage: text.optional().describe("Which version of the secret. Default: `AWSCURRENT`."),
    aws: awsSettingsArguments
      .optional()
      .describe(
        "Where the secret is; what is absent comes from AWS's own chain (variables, profile, SSO, web identity).",
      ),
    ...commonFields,
  })
  .superRefine(({ format, key, objectsAsJson }, context) => {
    if (format === "plain" && objectsAsJson !== undefined) {
      context.addIssue({
        code: "custom",
        path: ["objectsAsJson"],
        message: 'belongs to format "json" only.',
      });
    }
    if ((format === "plain") !== (key !== undefined)) {
      context.addIssue({
        code: "custom",
        path: ["key"],
        message: 'must be given with format "plain", and only there.',
      });
    }
  })
  .meta({
    id: "AwsSecretsManagerSource",
    description:
      "One secret of AWS Secrets Manager, as a JSON object or as a plain value under a chosen key.",
  });

/** One secret of AWS Secrets Manager, as a JSON object or as a plain value under a chosen key. */
export const awsSecretsManagerSource: SourceType<typeof schema> = {
  schema,
  variables: ["AWS_"],
  describe,
  read: async (spec, { timeoutMs = 30_000 }) => {
    const secret = await fetchSecret(spec, timeoutMs);
    const source = describe(spec);
    if (spec.key !== undefined)
      return { entries: [{ key: spec.key, value: new SecretValue(secret), source }] };
    return { entries: readJson(secret, spec).map((entry) => ({ ...entry, source })) };
  },
};

type Spec = Known<z.infer<typeof schema>>;

function describe({ secretId }: Pick<Spec, "secretId">): string {
  return `aws-secrets-manager ${secretId}`;
}

async function fetchSecret(
  { secretId, versionStage = "AWSCURRENT", aws = {} }: Spec,
  timeoutMs: number,
): Promise<string> {
  const pointer = { secretId, versionStage };
  const text = await readSecretText(aws, pointer, timeoutMs).catch((error: unknown) => {
    throw asSourceFailure(toProviderError(error, "read a secret of AWS Secrets Manager"), pointer);
  });
  if (text !== undefined) return text;
  throw fail(secretId, "it holds binary data: only texts can be synced.");
}

function readJson(
  textValue: string,
  { secretId, objectsAsJson }: Spec,
): readonly { key: string; value: SecretValue }[] {
  const read = readFlatJson(textValue, { objectsAsJson });
  if ("values" in read) return read.values;
  if (read.problem === "unusable") {
    throw fail(secretId, unusableHint, {
      operation: `these keys hold neither text, nor boolean, nor number: ${read.keys.join(", ")}`,
    });
  }
  throw fail(secretId, 'it holds no JSON object: for a single value set format to "plain" and give key.');
}

function asSourceFailure(
  { code, operation, hint, retryable, cause }: ProviderError,
  { secretId, versionStage }: SecretPointer,
): ProviderError {
  const options = { operation, retryable, ...(cause ? { cause } : {}) };
  // Of a secret that may not be read as it is, AWS has one answer: it is scheduled for deletion.
  if (cause?.name === "InvalidRequestException")
    return fail(secretId, "the secret is scheduled for deletion: restore it, or name another one.", options);
  // AWS has one name for a secret and for a version that is not there.
  const isStageAsked = code === "NOT_FOUND" && versionStage !== "AWSCURRENT";
  return fail(secretId, isStageAsked ? `check versionStage, or ${hint}` : hint, options);
}

function fail(
  secretId: string,
  hint: string,
  options: { operation?: string; retryable?: boolean; cause?: SafeCause } = {},
): ProviderError {
  return new ProviderError("SOURCE_FAILED", {
    operation: "cannot read a secret of AWS Secrets Manager",
    target: secretId,
    hint,
    ...options,
  });
}
