import { readFile, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import * as z from "zod";
import { buildSafeCause, ProviderError } from "../../../provider/core/errors.js";
import { describeFileFailure } from "../../../provider/core/file-failure.js";
import { parseJson } from "../../../provider/core/json.js";
import { text } from "../../../provider/sources/source.js";
import { buildEnvironment, type Environment } from "./environment.js";

/** Stacks of one project, as flags or a file choose them. */
export interface StackChoice {
  readonly projectDirectory: string;
  /** Their names; absent for all of the project. */
  readonly stacks?: readonly string[];
  readonly allowedCommands: readonly string[];
  /** The variables that they are worked on with. @default those of the process */
  readonly environment?: Environment;
}

/** What the flags of `auto-sync` say of stacks. */
export interface ChoiceFlags {
  readonly stack?: readonly string[];
  readonly all?: boolean;
  readonly cwd: string;
  readonly projectDir?: readonly string[];
  readonly file?: string;
  readonly allowCommand?: readonly string[];
}

/** What the flags choose. @throws ProviderError `INVALID_INPUT` for flags that do not go together */
export async function chooseStacks(flags: ChoiceFlags): Promise<readonly StackChoice[]> {
  const { stack: stacks, all, file, projectDir, cwd, allowCommand: allowedCommands = [] } = flags;
  const ways = [
    ["--stack", stacks],
    ["--all", all],
    ["--file", file],
  ] as const;
  const given = ways.filter(([, value]) => value !== undefined).map(([name]) => name);
  if (given.length !== 1) {
    throw new ProviderError("INVALID_INPUT", {
      operation: given.length === 0 ? "no stack is chosen" : "stacks are chosen in more than one way",
      ...(given.length === 0 ? {} : { target: given.join(", ") }),
      hint: "give one of --stack <name>, --all and --file <path>.",
    });
  }
  if (file !== undefined) {
    if (projectDir !== undefined || flags.allowCommand !== undefined) {
      throw new ProviderError("INVALID_INPUT", {
        operation: "this option does not go with --file",
        target: projectDir === undefined ? "--allow-command" : "--project-dir",
        hint: "write it into the file, for each entry.",
      });
    }
    return readChoiceFile(file);
  }
  return (projectDir ?? [cwd]).map((projectDirectory) => ({
    projectDirectory,
    allowedCommands,
    ...(stacks === undefined ? {} : { stacks }),
  }));
}

const fileShape = z.strictObject({
  stacks: z
    .array(
      z.strictObject({
        projectDirectory: text,
        stacks: z.union([z.literal("all"), z.array(text).min(1)], {
          error: 'must be "all", or a list of names.',
        }),
        environmentFile: text.optional(),
        allowCommands: z.array(text).default([]),
      }),
    )
    .min(1, "must have an entry."),
});

const maxProblems = 5;

/** Reads the file of `--file`; relative paths in it start at its own folder. */
async function readChoiceFile(path: string): Promise<readonly StackChoice[]> {
  const given = await readText(path, path);
  const parsed = fileShape.safeParse(parseJson(given));
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      (issue) => `${issue.path.join(".") || "the file"}: ${issue.message}`,
    );
    throw new ProviderError("INVALID_INPUT", {
      operation: "the list of stacks is wrong",
      target: `${path}: ${problems.slice(0, maxProblems).join("; ")}`,
      hint: 'write {"stacks": [{"projectDirectory": "…", "stacks": "all" or ["…"], "environmentFile": "…"}]}.',
    });
  }
  const folder = dirname(resolve(path));
  return Promise.all(
    parsed.data.stacks.map(async ({ projectDirectory, stacks, environmentFile, allowCommands }, index) => ({
      projectDirectory: resolve(folder, projectDirectory),
      allowedCommands: allowCommands,
      ...(stacks === "all" ? {} : { stacks }),
      ...(environmentFile && {
        environment: await readEnvironment(
          resolve(folder, environmentFile),
          `stacks.${index}.environmentFile`,
        ),
      }),
    })),
  );
}

async function readEnvironment(file: string, where: string): Promise<Environment> {
  const found = await readText(file, `${where}: ${file}`);
  if (process.platform !== "win32" && ((await stat(file)).mode & 0o007) !== 0) {
    throw new ProviderError("INVALID_INPUT", {
      operation: "everybody on this machine may read the file",
      target: `${where}: ${file}`,
      hint: "take that right away: chmod o= on the file.",
    });
  }
  const { parse } = await import("dotenv");
  return buildEnvironment(process.env, parse(found));
}

async function readText(file: string, target: string): Promise<string> {
  return readFile(file, "utf8").catch((error: unknown) => {
    const cause = buildSafeCause(error);
    throw new ProviderError("INVALID_INPUT", {
      operation: `cannot read the file (${describeFileFailure(cause)})`,
      target,
      hint: "check that it exists, and that you may read it.",
      cause,
    });
  });
}
