import type { Command } from "commander";
import type { ExitCode } from "./exit-codes.js";
import type { Output } from "./output.js";

/** Adds one command to the program; `run` keeps its exit code and shows what it throws. */
export type AddCommand = (program: Command, context: CommandContext) => void;

/** What every command needs of its surroundings. */
export interface CommandContext {
  /** `operation` is for errors: "list databases". */
  readonly run: (
    command: Command,
    operation: string,
    work: (output: Output) => Promise<ExitCode>,
  ) => Promise<void>;
}
