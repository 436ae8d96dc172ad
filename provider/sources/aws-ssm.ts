import * as z from "zod";
import { readParameters } from "../aws/parameter-store.js";
import { awsSettingsArguments } from "../aws/settings-schema.js";
import { rewordError, toProviderError } from "../core/errors.js";
import { SecretValue } from "../core/secret-value.js";
import { requireDistinct } from "./pick-keys.js";
import { commonFields, flag, type SourceType, text } from "./source.js";

const schema = z
  .strictObject({
    type: z.literal("aws-ssm"),
    path: z
      .string("must be a string.")
      .regex(
        /^\/(?:[\w.-]+(?:\/|$))*$/,
        'must begin with "/" and have only letters, digits, ".", "-", "_" and "/".',
      )
      .describe("The path of the parameters, such as `/prod/billing`."),
    recursive: flag.optional().describe("Also reads the paths below. Default: false."),
    separator: text
      .optional()
      .describe(
        "What stands in a name for each `/` after the path: with `/prod` as the path, `/prod/db/password` is `db_password`. Two parameters with one name are an error. Default: `_`.",
      ),
    aws: awsSettingsArguments
      .optional()
      .describe(
        "Where the parameters are; what is absent comes from AWS's own chain (variables, profile, SSO, web identity).",
      ),
    ...commonFields,
  })
  .meta({
    id: "AwsSsmSource",
    description:
      "The parameters of AWS Systems Manager Parameter Store under a path, decrypted; a `StringList` as its text. AWS takes one call for ten of them, and does not tell a path that does not exist from an empty one.",
  });

/** The parameters of AWS Systems Manager Parameter Store under a path, decrypted. */
export const awsSsmSource: SourceType<typeof schema> = {
  schema,
  variables: ["AWS_"],
  describe,
  read: async (spec, { timeoutMs = 30_000 }) => {
    const { recursive = false, separator = "_", aws = {} } = spec;
    const label = describe(spec);
    const path = spec.path.replace(/(?<=.)\/$/, "");
    const parameters = await readParameters(aws, { path, recursive }, timeoutMs).catch((error: unknown) => {
      throw rewordError(toProviderError(error, "read parameters"), { code: "SOURCE_FAILED", target: label });
    });
    const named = parameters.map(({ name, value }) => ({
      from: name,
      name: nameBelow(path, name, separator),
      value: new SecretValue(value),
    }));
    requireDistinct(named, { label, hint: "set another separator, or rename one of the parameters." });
    return {
      entries: named.map(({ name, value }) => ({ key: name, value, source: label })),
    };
  },
};

function describe({ path }: { readonly path: string }): string {
  return `aws-ssm ${path}`;
}

function nameBelow(path: string, name: string, separator: string): string {
  const base = path === "/" ? path : `${path}/`;
  // At the top, names without a slash in front are listed too.
  return (name.startsWith(base) ? name.slice(base.length) : name).split("/").join(separator);
}
