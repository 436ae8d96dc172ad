import * as z from "zod";
import { ProviderError } from "../core/errors.js";
import { SecretValue } from "../core/secret-value.js";
import { isPicked } from "./pick-keys.js";
import { commonFields, flag, type SourceType } from "./source.js";

const schema = z
  .strictObject({
    type: z.literal("environment"),
    allowEmptyValues: flag
      .optional()
      .describe(
        "Take variables that are set to an empty text as values. Without it they are an error, because CI systems set a secret that a run may not have to an empty text. Default: false.",
      ),
    ...commonFields,
  })
  .superRefine(({ prefix, keys }, context) => {
    if (prefix === undefined && keys === undefined) {
      const message = "must be given, or prefix: without them every variable would be a secret.";
      context.addIssue({ code: "custom", path: ["keys"], message });
    }
  })
  .meta({
    id: "EnvironmentSource",
    description: "Variables of the process that runs the provider: `keys` or `prefix` says which.",
  });

/** Variables of the process that runs the provider. */
export const environmentSource: SourceType<typeof schema> = {
  schema,
  emptyFix: "set a variable that keys or prefix names.",
  describe,
  read: async (spec, { env }) => {
    // An empty variable that nobody asked for is no error.
    const names = Object.keys(env)
      .filter((name) => env[name] !== undefined && isPicked(name, spec))
      .sort();
    const empty = names.filter((name) => env[name] === "");
    if (empty.length > 0 && spec.allowEmptyValues !== true) {
      throw new ProviderError("SOURCE_FAILED", {
        operation: "an environment variable is empty",
        target: empty.join(", "),
        hint: "set it, unset it, or set allowEmptyValues on the source.",
      });
    }
    return {
      entries: names.map((name) => ({
        key: name,
        value: new SecretValue(env[name] ?? ""),
        source: describe(spec),
      })),
    };
  },
};

function describe({ prefix }: { prefix?: string | undefined }): string {
  return prefix === undefined ? "environment" : `environment ${prefix}*`;
}
