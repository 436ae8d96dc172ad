import * as z from "zod";
import { ProviderError } from "../core/errors.js";
import { SecretValue } from "../core/secret-value.js";
import type { Known } from "../engine/unknown.js";
import { commonFields, flag, type SourceType, text } from "./source.js";

const schema = z
  .strictObject({
    type: z.literal("environment"),
    prefix: z
      .string("must be a string.")
      .min(1, "must have at least one letter: an empty prefix matches every variable.")
      .optional()
      .describe("Every variable whose name begins with this."),
    stripPrefix: flag.optional().describe("Take the prefix off the names. Default: false."),
    names: z
      .array(text, "must be a list of strings.")
      .min(1, "must not be empty.")
      .optional()
      .describe("These variables; one that is not set is an error."),
    allowEmptyValues: flag
      .optional()
      .describe(
        "Take variables that are set to an empty text as values. Without it they are an error, because CI systems set a secret that a run may not have to an empty text. Default: false.",
      ),
    ...commonFields,
  })
  .superRefine(({ prefix, names }, context) => {
    if ((prefix === undefined) === (names === undefined)) {
      context.addIssue({ code: "custom", path: ["prefix"], message: "must be given, or names; not both." });
    }
  })
  .meta({
    id: "EnvironmentSource",
    description: "Variables of the process that runs the provider, by prefix or by list.",
  });

/** Variables of the process that runs the provider, by prefix or by list. */
export const environmentSource: SourceType<typeof schema> = {
  schema,
  describe,
  read: async (spec, { env }) => {
    const { prefix, names, stripPrefix = false, allowEmptyValues = false } = spec;
    const wanted =
      names ??
      Object.keys(env)
        .filter((name) => env[name] !== undefined && name.startsWith(prefix ?? "") && name !== prefix)
        .sort();
    const found = wanted.map((name) => ({ name, value: Object.hasOwn(env, name) ? env[name] : undefined }));
    const unset = found.filter(({ value }) => value === undefined);
    requireNone("is not set", unset, spec);
    const empty = found.filter(({ value }) => value === "");
    if (!allowEmptyValues) requireNone("is empty", empty, spec);
    return {
      entries: found.map(({ name, value = "" }) => ({
        key: stripPrefix && prefix !== undefined ? name.slice(prefix.length) : name,
        value: new SecretValue(value),
        source: describe(spec),
      })),
    };
  },
};

type Spec = Known<z.infer<typeof schema>>;

function describe({ prefix }: { prefix?: string | undefined }): string {
  return prefix === undefined ? "environment" : `environment ${prefix}*`;
}

function requireNone(what: string, missing: readonly { name: string }[], spec: Spec): void {
  if (missing.length === 0) return;
  throw new ProviderError("SOURCE_FAILED", {
    operation: `read environment variables: a variable ${what}`,
    target: missing.map(({ name }) => name).join(", "),
    hint: `set it${what === "is empty" ? ", or mean it with allowEmptyValues" : ""}, or take it out of ${spec.names ? "names" : "the environment"}.`,
  });
}
