#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { addAutoSyncCommand } from "./auto-sync-command.js";
import { addDoctorCommand } from "./doctor-command.js";
import { type ExitCode, exitCodes } from "./exit-codes.js";
import { addListCommand } from "./list-command.js";
import { createOutput, type OutputStreams } from "./output.js";
import { addReleaseCommand } from "./release-command.js";
import { addSyncCommand } from "./sync-command.js";

/** Adds one command to the program; `run` keeps its exit code and shows what it throws. */
export type AddCommand = (program: Command, context: CommandContext) => void;

/** What every command needs of its surroundings. */
export interface CommandContext {
  readonly streams: OutputStreams;
  readonly run: (command: Command, operation: string, work: () => Promise<ExitCode>) => Promise<void>;
}

const exitCodeHelp = `
Exit codes: 0 done or nothing to do; 1 failed; 2 called in a wrong way; 3 refused, nothing was changed;
4 the doctor found something to mend. No command ever prints a value of a secret.`;

const commands: readonly AddCommand[] = [
  addAutoSyncCommand,
  addSyncCommand,
  addDoctorCommand,
  addListCommand,
  addReleaseCommand,
];

/** Runs the command line and answers its exit code; `args` without the names of Node and script. */
export async function runCommandLine(
  args: readonly string[],
  streams: OutputStreams = process,
): Promise<number> {
  let exitCode: number = exitCodes.done;
  const program = new Command("pulumi-snowflake-secrets")
    .description("What runs between deployments of Pulumi stacks that sync secrets into Snowflake.")
    .addHelpText("after", exitCodeHelp)
    .configureOutput({
      writeOut: (text) => void streams.stdout.write(text),
      writeErr: (text) => void streams.stderr.write(text),
    })
    .exitOverride();
  const context: CommandContext = {
    streams,
    run: async (command, operation, work) => {
      try {
        exitCode = await work();
      } catch (error) {
        createOutput(command.optsWithGlobals().json === true, streams).fail(error, operation);
        exitCode = exitCodes.failed;
      }
    },
  };
  for (const add of commands) add(program, context);
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  }
  return exitCode;
}

if (require.main === module) {
  // Read by the AWS SDK when it is loaded; what it warns of is the package's to decide.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  void runCommandLine(process.argv.slice(2)).then((code) => {
    // Drivers and SDKs may hold sockets; what had to be written is written.
    process.exitCode = code;
    setTimeout(() => process.exit(code), 2_000).unref();
  });
}
