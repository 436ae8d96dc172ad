import { type Command, Option } from "commander";
import type { CommandContext } from "../command-context.js";
import {
  addAllowCommandOption,
  addJsonOption,
  addStackChoiceOptions,
  parseDuration,
  parseListenAddress,
  programValuesHelp,
} from "../common-options.js";
import { exitCodes } from "../exit-codes.js";
import type { Output } from "../output.js";
import { findPulumi } from "../pulumi-command.js";
import { openStack } from "../stack-access.js";
import { createEventLog, type LogLevel, logLevels } from "./event-log.js";
import { findFollowedStacks } from "./followed-stacks.js";
import type { ListenAddress } from "./listener.js";
import { runService, webhookVariables } from "./service.js";
import { listenForSignals, type Signals } from "./signals.js";
import { type ChoiceFlags, chooseStacks } from "./stack-choice.js";
import { addStatusCommand } from "./status-command.js";

interface AutoSyncFlags extends ChoiceFlags {
  readonly wait?: boolean;
  readonly interval?: number;
  readonly concurrency: number;
  readonly listen?: ListenAddress;
  readonly monitor?: ListenAddress;
  readonly logLevel: LogLevel;
}

/** `auto-sync`: syncs changes of the sources between deployments, until a signal ends it. */
export function addAutoSyncCommand(program: Command, context: CommandContext): void {
  const { run } = context;
  const command = program
    .command("auto-sync")
    .description("sync changes of the sources between deployments, for syncs with auto-sync enabled")
    .option("--wait", "wait for a stack that does not exist yet (default: end)")
    .option(
      "--interval <time>",
      "how often to compare the sources (default: 60s, with --listen 15m)",
      parseDuration,
    )
    .option(
      "--listen <address>",
      `port or host:port for webhooks: Infisical's, signed with ${webhookVariables.infisical}, and any other with the bearer token ${webhookVariables.shared}`,
      parseListenAddress,
    )
    .option(
      "--monitor <address>",
      "port or host:port for /healthz, /readyz, /metrics (Prometheus) and /status",
      parseListenAddress,
    )
    .addOption(
      new Option("--log-level <level>", "debug also shows each look that finds nothing new")
        .choices(logLevels)
        .default("info"),
    );
  command.addHelpText("after", programValuesHelp);
  addStatusCommand(command, context);
  addJsonOption(addAllowCommandOption(addStackChoiceOptions(command))).action(
    async (flags: AutoSyncFlags) => {
      await run(command, "auto-sync", async (output) => {
        const signals = listenForSignals();
        try {
          await follow(flags, signals, output);
        } finally {
          signals.release();
        }
        return exitCodes.done;
      });
    },
  );
}

/** Between two searches for stacks that came or went, each of which runs `pulumi stack ls`. */
const findEveryMs = 300_000;

async function follow(flags: AutoSyncFlags, signals: Signals, output: Output): Promise<void> {
  // Before anything is asked of the backend.
  const choices = await chooseStacks(flags);
  const intervalMs = flags.interval ?? (flags.listen ? 900_000 : 60_000);
  const isOpen = flags.file !== undefined || choices.some(({ stacks }) => stacks === undefined);
  let pulumi: ReturnType<typeof findPulumi> | undefined;
  await runService({
    find: async () => {
      pulumi ??= findPulumi();
      return findFollowedStacks(await chooseStacks(flags), await pulumi);
    },
    open: openStack,
    ...(isOpen && { findEveryMs: Math.min(findEveryMs, 5 * intervalMs) }),
    waitsForStacks: flags.wait === true,
    intervalMs,
    concurrency: flags.concurrency,
    listen: flags.listen,
    monitor: flags.monitor,
    signals,
    log: createEventLog(output, flags.logLevel),
  });
}
