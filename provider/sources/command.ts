import { isUtf8 } from "node:buffer";
import { resolve } from "node:path";
import * as z from "zod";
import { buildSafeCause, ProviderError } from "../core/errors.js";
import { listInWords } from "../core/list-in-words.js";
import { findProgram, type ProgramResult, runProgram, TooMuchOutput } from "../core/run-program.js";
import type { SecretValue } from "../core/secret-value.js";
import { withTimeLimit } from "../core/time.js";
import type { Known } from "../engine/unknown.js";
import { explainProblems, readDotenv } from "./dotenv.js";
import { jsonFields, readFlatJson, unusableHint } from "./flat-json.js";
import { isPicked } from "./pick-keys.js";
import { commonFields, keyPattern, type ReadContext, type SourceType, text } from "./source.js";

const timeout = "must be a whole number of milliseconds from 1 to 600000.";

const schema = z
  .strictObject({
    type: z.literal("command"),
    command: z
      .array(text, "must be a list of strings: the program and its arguments.")
      .min(1, "must name a program.")
      .describe(
        "The program and its arguments, as a list: no shell reads them. A name is looked for in `PATH`; a path may be relative to the program's folder. Arguments are kept in the state and shown by the system, so none may be a secret.",
      ),
    format: z
      .enum(["json", "dotenv"], { error: 'must be "json" or "dotenv".' })
      .meta({ id: "CommandSourceFormat" })
      .optional()
      .describe(
        "What it prints. `json`: an object of texts, numbers and booleans. `dotenv`: lines `KEY=value`. Default: `json`.",
      ),
    select: text
      .optional()
      .describe('With `json`: the keys that lead to the object, joined by dots, such as `"data.data"`.'),
    ...jsonFields,
    environment: z.record(z.string(), z.string("must be a string.")).optional().meta({
      description:
        "Variables for the program, beside those of this process. They are never kept, so auto-sync runs it without them.",
      secret: true,
    }),
    passEnvironment: z
      .array(keyPattern, "must be a list of strings.")
      .optional()
      .describe(
        "Names of variables by which Pulumi, Snowflake, a cloud or another source is reached, and which the program shall get all the same; `*` stands for any text, as in `VAULT_*`. Default: it gets none of these.",
      ),
    workingDirectory: text
      .optional()
      .describe(
        "Where it runs; a relative path starts at the program's folder. Default: the program's folder.",
      ),
    timeoutMs: z.int(timeout).min(1, timeout).max(600_000, timeout).optional().describe("Default: 30000."),
    ...commonFields,
  })
  .superRefine(({ format, select, objectsAsJson }, context) => {
    if (format !== "dotenv") return;
    for (const [field, value] of Object.entries({ select, objectsAsJson })) {
      if (value !== undefined)
        context.addIssue({ code: "custom", path: [field], message: 'belongs to format "json" only.' });
    }
  })
  .meta({
    id: "CommandSource",
    description: "What a program prints: the command line of Vault, SOPS, 1Password, Doppler and others.",
  });

/** What a program prints. It is secret from its first byte: no message holds any of it. */
export const commandSource: SourceType<typeof schema> = {
  schema,
  describe,
  read: async (spec, context) => {
    const { failure, output, errorBytes } = await run(spec, context);
    const source = describe(spec);
    if (failure !== undefined) {
      const withheld = findWithheld(spec, context);
      const names =
        withheld.length === 0
          ? ""
          : ` It did not get ${listInWords(withheld, "and")}: if it needs one, name it in passEnvironment.`;
      throw fail(spec, `the command failed (${failure}, ${errorBytes} bytes on standard error)`, {
        hint: `run it yourself on the machine that runs Pulumi, and read its output.${names}`,
      });
    }
    const values = await readOutput(spec, output);
    return { entries: values.map((entry) => ({ ...entry, source })) };
  },
};

type Spec = Known<z.infer<typeof schema>>;

function describe({ command: [program = ""] }: { readonly command: readonly string[] }): string {
  return `command ${program}`;
}

const maxMegabytes = 10;

async function run(
  spec: Spec,
  { env, programDirectory, signal, isOwnVariable, mayRun = () => false, timeoutMs: most }: ReadContext,
) {
  const { command, environment, passEnvironment = [], workingDirectory = "." } = spec;
  const [program = "", ...args] = command;
  if (!mayRun(program)) {
    throw fail(spec, "the command stands in the stack's state, and is not allowed here", {
      hint: `if this machine may run it, add --allow-command ${program}.`,
    });
  }
  const handedOn = Object.entries(env).filter(([name]) => !isWithheld(name, passEnvironment, isOwnVariable));
  const variables = { ...Object.fromEntries(handedOn), ...environment };
  const file = findProgram(program, programDirectory, variables);
  if (file === undefined) {
    throw fail(spec, "the program is not there, or is none", {
      hint: "install it on the machine that runs Pulumi, or correct its name. For a program in the working folder, write ./ before its name.",
    });
  }
  const timeoutMs = Math.min(spec.timeoutMs ?? 30_000, most ?? Number.POSITIVE_INFINITY);
  const buildTimeOut = () =>
    fail(spec, `the command did not end within ${timeoutMs / 1000} s, and was ended`, {
      hint: "run it yourself to see what it waits for, or raise timeoutMs.",
      retryable: true,
    });
  const call = {
    file,
    args,
    workingDirectory: resolve(programDirectory, workingDirectory),
    env: variables,
    maxBytes: maxMegabytes * 1024 * 1024,
  };
  return await withTimeLimit(timeoutMs, buildTimeOut, (ended) =>
    runProgram(call, signal === undefined ? ended : AbortSignal.any([ended, signal])),
  ).catch((error: unknown): ProgramResult => {
    if (error instanceof ProviderError) throw error;
    if (error instanceof TooMuchOutput) {
      throw fail(spec, `the command prints more than ${maxMegabytes} MB`, {
        hint: "make it print only the secrets.",
      });
    }
    const cause = buildSafeCause(error);
    throw fail(spec, `the command cannot be started (${cause.code ?? cause.name})`, {
      hint: "check the program and workingDirectory.",
      cause,
    });
  });
}

function isWithheld(name: string, passed: string[], isOwnVariable: ReadContext["isOwnVariable"]): boolean {
  return isOwnVariable(name) && !isPicked(name, { keys: passed });
}

const maxNames = 5;

/** Names of what the program could miss; Pulumi's own are set in every run. */
function findWithheld({ passEnvironment = [] }: Spec, { env, isOwnVariable }: ReadContext): string[] {
  const names = Object.keys(env).filter(
    (name) => isWithheld(name, passEnvironment, isOwnVariable) && !/^PULUMI_/i.test(name),
  );
  const first = names.sort().slice(0, maxNames);
  const more = names.length - first.length;
  return more > 0 ? [...first, `${more} more`] : first;
}

async function readOutput(
  spec: Spec,
  output: Buffer,
): Promise<readonly { readonly key: string; readonly value: SecretValue }[]> {
  const { format = "json", select, objectsAsJson } = spec;
  if (output.length === 0) {
    throw fail(spec, "the command prints nothing", {
      hint: "run it yourself on the machine that runs Pulumi.",
    });
  }
  if (format === "dotenv") {
    const read = await readDotenv(output);
    if ("values" in read) return read.values;
    if ("encoding" in read) {
      throw fail(spec, `the command's output is not UTF-8 (${read.encoding})`, {
        hint: "make it print UTF-8.",
      });
    }
    const { where, fix } = explainProblems(read.problems, false);
    throw fail(spec, `the command's output is not in dotenv format: ${where}`, { hint: fix });
  }
  if (!isUtf8(output)) {
    throw fail(spec, "the command's output is not UTF-8", { hint: "make it print UTF-8." });
  }
  const read = readFlatJson(output.toString("utf8"), { path: select?.split("."), objectsAsJson });
  if ("values" in read) return read.values;
  switch (read.problem) {
    case "no-json":
      throw fail(spec, "the command's output is no JSON", {
        hint: 'make it print only JSON, or set format to "dotenv".',
      });
    case "missing":
      throw fail(spec, `select names a key that the command's output does not have (${read.part})`, {
        hint: "correct select.",
      });
    case "no-object":
      throw fail(spec, "the command's output is no JSON object", {
        hint: "set select to the keys that lead to the object with the secrets.",
      });
    case "unusable":
      throw fail(spec, `${read.keys.length} values of the command's output are lists, objects or null`, {
        hint: `set select to the keys that lead to the secrets; or ${unusableHint}`,
      });
  }
}

function fail(
  { command: [program = ""] }: Spec,
  operation: string,
  { hint, ...more }: Omit<ConstructorParameters<typeof ProviderError>[1], "operation" | "target">,
): ProviderError {
  return new ProviderError("SOURCE_FAILED", { operation, target: `command ${program}`, hint, ...more });
}
