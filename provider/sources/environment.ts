import { z } from "zod";
import { ProviderError } from "../core/errors.js";
import { SecretValue } from "../core/secret-value.js";
import { commonFields, knownOrUnknown, type SourceType } from "./source.js";

const flag = z.boolean("give true or false.");

const schema = z
  .strictObject({
    type: z.literal("environment"),
    /** Every variable whose name begins with this. */
    prefix: z
      .string("give a text.")
      .min(1, "give at least one letter: an empty prefix matches every variable.")
      .optional(),
    /** Take the prefix off the names. @default false */
    stripPrefix: knownOrUnknown(flag).optional(),
    /** These variables; one that is not set is an error. */
    names: z
      .array(z.string("give a text.").min(1, "give a text that is not empty."))
      .min(1, "give a text that is not empty.")
      .optional(),
    /**
     * Take variables that are set to an empty text as values. Without it they are an error, because CI systems set
     * a secret that a run may not have to an empty text. @default false
     */
    allowEmptyValues: knownOrUnknown(flag).optional(),
    ...commonFields,
  })
  .superRefine(({ prefix, names }, context) => {
    if ((prefix === undefined) === (names === undefined)) {
      context.addIssue({ code: "custom", path: ["prefix"], message: "give either prefix or names." });
    }
  });

/** Variables of the process that runs the provider, by prefix or by list. */
export const environmentSource: SourceType<typeof schema> = {
  schema,
  describe,
  withoutCredentials: (spec) => spec,
  open: (spec) => ({
    resolve: async ({ env }) => {
      const { prefix, names, stripPrefix = false, allowEmptyValues = false } = spec;
      const wanted =
        names ??
        Object.keys(env)
          .filter((name) => env[name] !== undefined && name.startsWith(prefix ?? "") && name !== prefix)
          .sort();
      const found = wanted.map((name) => ({ name, value: Object.hasOwn(env, name) ? env[name] : undefined }));
      requireNone(
        "is not set",
        found.filter(({ value }) => value === undefined),
        spec,
      );
      if (!allowEmptyValues) {
        requireNone(
          "is empty",
          found.filter(({ value }) => value === ""),
          spec,
        );
      }
      return {
        entries: found.map(({ name, value = "" }) => ({
          key: stripPrefix && prefix !== undefined ? name.slice(prefix.length) : name,
          value: new SecretValue(value),
          source: describe(spec),
        })),
      };
    },
  }),
};

function describe({ prefix }: { prefix?: string | undefined }): string {
  return prefix === undefined ? "environment" : `environment ${prefix}*`;
}

function requireNone(what: string, missing: readonly { name: string }[], spec: z.infer<typeof schema>): void {
  if (missing.length === 0) return;
  throw new ProviderError("SOURCE_FAILED", {
    operation: `read environment variables: a variable ${what}`,
    target: missing.map(({ name }) => name).join(", "),
    hint: `set it${what === "is empty" ? ", or mean it with allowEmptyValues" : ""}, or take it out of ${spec.names ? "names" : "the environment"}.`,
  });
}
