import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { z } from "zod";
import { buildSafeCause, ProviderError } from "../core/errors.js";
import { SecretValue } from "../core/secret-value.js";
import { commonFields, type SourceType } from "./source.js";

const schema = z.strictObject({
  type: z.literal("dotenv"),
  /** The file; a relative path starts at the program's folder. @default ".env" */
  path: z.string("give a text.").min(1, "give a text that is not empty.").optional(),
  ...commonFields,
});

/** A dotenv file, read by the `dotenv` library; variables inside values are not expanded. */
export const dotenvSource: SourceType<typeof schema> = {
  schema,
  describe: ({ path = ".env" }) => `dotenv ${path}`,
  withoutCredentials: (spec) => spec,
  open: ({ path = ".env" }) => ({
    resolve: async ({ programDirectory }) => {
      const text = await readText(resolve(programDirectory, path));
      // The library collects into a plain object, where this one name is swallowed.
      if (/^\s*(?:export\s+)?__proto__\s*[=:]/m.test(text)) {
        throw new ProviderError("SOURCE_FAILED", {
          operation: "read a dotenv file",
          target: path,
          hint: "the key __proto__ cannot stand in a dotenv file: rename it.",
        });
      }
      const { parse } = await import("dotenv");
      return {
        entries: Object.entries(parse(text)).map(([key, value]) => ({
          key,
          value: new SecretValue(value),
          source: `dotenv ${path}`,
        })),
      };
    },
  }),
};

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new ProviderError("SOURCE_FAILED", {
      operation: "read a dotenv file",
      target: file,
      hint: "check that the file is there (the path starts at the program's folder) and that you may read it.",
      cause: buildSafeCause(error),
    });
  }
}
