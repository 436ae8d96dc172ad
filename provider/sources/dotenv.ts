import { isUtf8 } from "node:buffer";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import * as z from "zod";
import { buildSafeCause, ProviderError } from "../core/errors.js";
import { describeFileFailure } from "../core/file-failure.js";
import { SecretValue } from "../core/secret-value.js";
import { type DotenvProblem, type DotenvRule, type DotenvText, readDotenvText } from "./dotenv-text.js";
import { commonFields, type SourceType, text } from "./source.js";

const schema = z
  .strictObject({
    type: z.literal("dotenv"),
    path: text
      .optional()
      .describe("The file, in UTF-8; a relative path starts at the program's folder. Default: `.env`."),
    ...commonFields,
  })
  .meta({ id: "DotenvSource", description: "A dotenv file; `$` in a value stays as it is." });

/** A dotenv file; what dotenv readers do not agree on is refused, and `$` in a value stays as it is. */
export const dotenvSource: SourceType<typeof schema> = {
  schema,
  emptyFix: "add a secret to the file, or correct path, keys and prefix.",
  describe,
  read: async (spec, { programDirectory }) => {
    const { path = ".env" } = spec;
    const read = await readDotenv(await readBytes(resolve(programDirectory, path)));
    if ("encoding" in read) {
      throw new ProviderError("SOURCE_FAILED", {
        operation: "dotenv file is not UTF-8",
        target: `${path} (${read.encoding})`,
        hint: "save the file as UTF-8.",
      });
    }
    if ("problems" in read) throw explain(path, read.problems);
    return { entries: read.values.map((entry) => ({ ...entry, source: describe(spec) })) };
  },
};

/** What the bytes of a dotenv text hold, or why they are refused. */
export type Dotenv =
  | { readonly values: readonly { readonly key: string; readonly value: SecretValue }[] }
  /** What they are that is no UTF-8, for people. */
  | { readonly encoding: string }
  | { readonly problems: readonly DotenvProblem[] };

/** Reads the bytes of a dotenv text. */
export async function readDotenv(bytes: Buffer): Promise<Dotenv> {
  const encoding = findForeignEncoding(bytes);
  if (encoding !== undefined) return { encoding };
  const content = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  const read = readDotenvText(content);
  const problems = read.problems.length > 0 ? read.problems : await findReadOtherwise(content, read);
  if (problems.length > 0) return { problems };
  return { values: read.assignments.map(({ key, value }) => ({ key, value: new SecretValue(value) })) };
}

function describe({ path = ".env" }: { path?: string | undefined }): string {
  return `dotenv ${path}`;
}

async function readBytes(file: string): Promise<Buffer> {
  return await readFile(file).catch((error: unknown) => {
    const cause = buildSafeCause(error);
    throw new ProviderError("SOURCE_FAILED", {
      operation: `cannot read dotenv file (${describeFileFailure(cause)})`,
      target: file,
      hint:
        cause.code === "EISDIR"
          ? "path names a folder: name a file in it."
          : "check that the file exists (a relative path starts at the program's folder) and that you may read it.",
      cause,
    });
  });
}

/** What a file is that is no text in UTF-8, for people; a byte order mark of UTF-8 is none of its text. */
function findForeignEncoding(bytes: Buffer): string | undefined {
  const mark = bytes.subarray(0, 2).toString("hex");
  // Without a mark, UTF-16 has a NUL beside each letter of a key, and is valid UTF-8 with it.
  if (mark === "fffe" || mark === "feff" || bytes.includes(0)) return "UTF-16, or no text";
  if (isUtf8(bytes)) return undefined;
  const lines = bytes.toString("latin1").split("\n");
  const line = lines.findIndex((each) => !isUtf8(Buffer.from(each, "latin1"))) + 1;
  return `Latin-1, Windows-1252 or another encoding, line ${line}`;
}

/** What the library reads in another way: a second opinion, which a new release of it may change. */
async function findReadOtherwise(content: string, { assignments }: DotenvText): Promise<DotenvProblem[]> {
  const { default: dotenv } = await import("dotenv");
  const read = dotenv.parse(content);
  return assignments
    .filter(({ key, value }) => !Object.hasOwn(read, key) || read[key] !== value)
    .map(({ line, key }) => ({ line, key, rule: "read-otherwise" }));
}

/** What is wrong with a line, and what a person can do about it. */
const rules: Readonly<Record<DotenvRule, readonly [wrong: string, fix: string]>> = {
  "no-assignment": [
    "no KEY=value",
    "Write KEY=value, with KEY of letters, digits, _, - and ., and # before a comment; put a value of several lines into quotes.",
  ],
  "unclosed-quote": ["a quote that is not closed", "Close the quote, or put the value into other quotes."],
  "after-quote": ["text after the closing quote", "Put the whole value into one pair of quotes."],
  backtick: [
    "a value that begins with a backtick, which is a quote for some readers only",
    "Put the value into single quotes.",
  ],
  hash: [
    "a # in or behind a value without quotes, which begins a comment for some readers only",
    "Put the value into quotes.",
  ],
  backslash: [
    "a backslash that readers take differently",
    "Put a value with backslashes or double quotes into single quotes, and one with single quotes into double quotes.",
  ],
  space: ["a space at the value's end that some readers keep", "Put the value into quotes."],
  "line-end": [
    "a line end that readers take differently",
    "Save the file with LF as line end (CRLF is fine outside of quotes).",
  ],
  duplicate: ["a key that an earlier line has", "Remove one of the two lines."],
  "read-otherwise": ["a line that readers take differently", "Rename the key, or put the value into quotes."],
};

const maxShown = 10;

function explain(path: string, problems: readonly DotenvProblem[]): ProviderError {
  // Where a line is no assignment, what looks like a key elsewhere may be a piece of a value without quotes.
  const mayShowKeys = problems.every(({ key }) => key !== undefined);
  const { where, fix } = explainProblems(problems, mayShowKeys);
  return new ProviderError("SOURCE_FAILED", {
    operation: "cannot read dotenv file",
    target: `${path}, ${where}`,
    hint: fix,
  });
}

/** Where a dotenv text is refused, and what to do about it. */
export function explainProblems(
  problems: readonly DotenvProblem[],
  mayShowKeys: boolean,
): { readonly where: string; readonly fix: string } {
  const shown = problems.slice(0, maxShown).map(({ line, key, rule }) => {
    return `line ${line}${mayShowKeys ? ` (${key})` : ""}: ${rules[rule][0]}`;
  });
  const more = problems.length > maxShown ? [`and ${problems.length - maxShown} more`] : [];
  const fixes = new Set(problems.map(({ rule }) => rules[rule][1]));
  return { where: [...shown, ...more].join("; "), fix: [...fixes].join(" ") };
}
