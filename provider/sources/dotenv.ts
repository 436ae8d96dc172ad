import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import * as z from "zod";
import { buildSafeCause, ProviderError } from "../core/errors.js";
import { SecretValue } from "../core/secret-value.js";
import { commonFields, type SourceType, text } from "./source.js";

const schema = z.strictObject({
  type: z.literal("dotenv"),
  /** The file; a relative path starts at the program's folder. @default `.env` */
  path: text
    .optional()
    .describe("The file; a relative path starts at the program's folder. Default: `.env`."),
  ...commonFields,
});

/** A dotenv file, read by the `dotenv` library; variables inside values are not expanded. */
export const dotenvSource: SourceType<typeof schema> = {
  schema,
  describe,
  read: async (spec, { programDirectory }) => {
    const { path = ".env" } = spec;
    const content = await readContent(resolve(programDirectory, path));
    requireReadable(content, path);
    const { default: dotenv } = await import("dotenv");
    return {
      entries: Object.entries(dotenv.parse(content)).map(([key, value]) => ({
        key,
        value: new SecretValue(value),
        source: describe(spec),
      })),
    };
  },
};

function describe({ path = ".env" }: { path?: string | undefined }): string {
  return `dotenv ${path}`;
}

// The library skips in silence what is no assignment to it, and the key would count as removed.
function requireReadable(content: string, path: string): void {
  // It collects into a plain object, where this one name is swallowed.
  if (/^\s*(?:export\s+)?__proto__\s*[=:]/m.test(content)) {
    throw fail(path, "the key __proto__ cannot stand in a dotenv file: rename it.");
  }
  const lines = findUnreadableLines(content);
  if (lines.length === 0) return;
  throw fail(
    path,
    "write KEY=value, with KEY of letters, digits, _, - and .; put a value of several lines into quotes, and # before a comment.",
    `: ${lines.length === 1 ? "line" : "lines"} ${lines.join(", ")} cannot be parsed`,
  );
}

// An assignment as the library finds it: key, then = or ": ", then a value in quotes or up to a # or the line's end.
const assignment =
  /^\s*(?:export\s+)?[\w.-]+(?:\s*=\s*?|:\s+?)(?:\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*`(?:\\`|[^`])*`|[^#\r\n]+)?\s*(?:#.*)?$/gm;

/** The numbers of the lines that are neither blank, nor a comment, nor part of an assignment. */
export function findUnreadableLines(content: string): number[] {
  const rest = content
    .replace(/\r\n?/g, "\n")
    .replace(assignment, (match) => match.replace(/[^\n]/g, ""))
    .split("\n");
  return rest.flatMap((line, index) => (/^\s*(#|$)/.test(line) ? [] : [index + 1]));
}

async function readContent(file: string): Promise<string> {
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

function fail(path: string, hint: string, what = ""): ProviderError {
  return new ProviderError("SOURCE_FAILED", { operation: `read a dotenv file${what}`, target: path, hint });
}
