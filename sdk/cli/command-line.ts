import { Command, CommanderError } from "commander";
import { ProviderError } from "../../provider/core/errors.js";
import { toOneLine } from "../../provider/core/one-line.js";
import { addAutoSyncCommand } from "./auto-sync/command.js";
import type { AddCommand, CommandContext } from "./command-context.js";
import { addDoctorCommand } from "./doctor-command.js";
import { addDriftCommand } from "./drift/command.js";
import { exitCodes, findExitCode } from "./exit-codes.js";
import { addExplainCommand } from "./explain-command.js";
import { addListCommand } from "./list-command.js";
import { createOutput, type OutputStreams } from "./output.js";
import { readPackageFile } from "./package-file.js";
import { addReleaseCommand } from "./release-command.js";
import { addSnowflakeServerCommand } from "./snowflake-server-command.js";
import { addSyncCommand } from "./sync-command.js";
import { screenWidth } from "./text-layout.js";

const exitCodeHelp = `
Exit codes: 0 done, or nothing to do; 1 failed; 2 wrong arguments;
3 refused, nothing was changed; 4 doctor found a problem, or drift found drift.
No command prints the value of a secret.`;

const commands: readonly AddCommand[] = [
  addAutoSyncCommand,
  addSyncCommand,
  addDoctorCommand,
  addDriftCommand,
  addListCommand,
  addReleaseCommand,
  addExplainCommand,
  addSnowflakeServerCommand,
];

/** Runs the command line and answers its exit code; `args` without the names of Node and script. */
export async function runCommandLine(
  args: readonly string[],
  streams: OutputStreams = process,
): Promise<number> {
  let exitCode: number = exitCodes.done;
  const isJson = args.includes("--json");
  const program = new Command("pulumi-snowflake-secrets")
    .description("Inspect and sync the Snowflake secrets of a Pulumi stack.")
    .version(readVersion(), "-V, --version", "show the version of this package")
    .addHelpText("after", exitCodeHelp)
    // An option behind a command is that command's own.
    .enablePositionalOptions()
    .configureOutput({
      writeOut: (text) => void streams.stdout.write(escapeLines(text)),
      // Under --json, what is wrong is a document, see below.
      writeErr: (text) => void (isJson || streams.stderr.write(escapeLines(text))),
      getOutHelpWidth: () => Math.min(streams.stdout.columns ?? screenWidth, screenWidth),
      getErrHelpWidth: () => Math.min(streams.stderr.columns ?? screenWidth, screenWidth),
    })
    .showHelpAfterError(seeHelp)
    .exitOverride();
  const context: CommandContext = {
    run: async (command, operation, work) => {
      const output = createOutput(command.optsWithGlobals().json === true, streams);
      try {
        exitCode = await work(output);
      } catch (error) {
        output.fail(error, operation);
        exitCode = findExitCode(error);
      } finally {
        output.end();
      }
    },
  };
  for (const add of commands) add(program, context);
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return exitCodes.done;
    if (isJson) createOutput(isJson, streams).fail(describeUsage(error), "read the arguments");
    return exitCodes.usage;
  }
  return exitCode;
}

const seeHelp = "Add --help to see how to call it.";

/** Wrong arguments, in the form of every other error. */
function describeUsage({ message }: CommanderError): ProviderError {
  return new ProviderError("INVALID_INPUT", {
    operation: message.replace(/^error: /, "").replace(/\.?\n.*$/s, ""),
    hint: "add --help to see how to call it.",
  });
}

/** What commander writes has lines of its own, and quotes what it was called with. */
function escapeLines(text: string): string {
  return text.split("\n").map(toOneLine).join("\n");
}

function readVersion(): string {
  return (JSON.parse(readPackageFile("package.json")) as { version: string }).version;
}

/** Runs the command line of this process, and ends it. */
export async function runProcess(): Promise<void> {
  // Who read the output is gone, as after `| head`: what the shell sees then of other programs, too.
  process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => process.exit(code === "EPIPE" ? 141 : 1));
  // Read by the AWS SDK when it is loaded; what it warns of is the package's to decide.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const code = await runCommandLine(process.argv.slice(2));
  // Drivers and SDKs may hold sockets; what had to be written is written.
  process.exitCode = code;
  setTimeout(() => process.exit(code), 2_000).unref();
}
