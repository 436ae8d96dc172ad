import { type Command, Option } from "commander";
import { ProviderError } from "../../../provider/core/errors.js";
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
import { describeFailure, type Output, toJsonFailure } from "../output.js";
import { findPulumi } from "../stack-access.js";
import { createEventLog, type EventLog, type LogLevel, logLevels } from "./event-log.js";
import { type Fleet, startFleet } from "./fleet.js";
import { findFollowedStacks } from "./followed-stacks.js";
import type { ListenAddress, Listener } from "./listener.js";
import { createMonitor } from "./monitor.js";
import { serveMonitor } from "./monitor-server.js";
import { listenForSignals, type Signals } from "./signals.js";
import { type ChoiceFlags, chooseStacks } from "./stack-choice.js";
import { addStatusCommand } from "./status-command.js";
import { listenForWebhooks } from "./webhook.js";

interface AutoSyncFlags extends ChoiceFlags {
  readonly wait?: boolean;
  readonly interval?: number;
  readonly concurrency: number;
  readonly listen?: ListenAddress;
  readonly monitor?: ListenAddress;
  readonly logLevel: LogLevel;
}

const infisicalVariable = "INFISICAL_WEBHOOK_SECRET";
const sharedVariable = "AUTO_SYNC_WEBHOOK_SECRET";

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
      `port or host:port for webhooks: Infisical's, signed with ${infisicalVariable}, and any other with the bearer token ${sharedVariable}`,
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
  const log = createEventLog(output, flags.logLevel);
  let fleet: Fleet | undefined;
  // Before anything is asked of the backend.
  const choices = await chooseStacks(flags);
  // Where nobody can ask, nothing is counted.
  const monitor =
    flags.monitor && (await createMonitor(() => fleet?.countRuns() ?? { running: 0, waiting: 0 }));
  const servers: (Listener | undefined)[] = [];
  try {
    if (monitor && flags.monitor) {
      const server = await serveMonitor(monitor, flags.monitor);
      servers.push(server);
      log.tell({ event: "listening", text: `monitor on ${server.url}`, data: { monitor: server.url } });
    }
    servers.push(await startListener(flags.listen, (stack) => fleet?.wake(stack) ?? 0, log));
    const pulumi = await findPulumi();
    const intervalMs = flags.interval ?? (flags.listen ? 900_000 : 60_000);
    const isOpen = flags.file !== undefined || choices.some(({ stacks }) => stacks === undefined);
    fleet = startFleet({
      find: async () => findFollowedStacks(await chooseStacks(flags), pulumi),
      ...(isOpen && { findEveryMs: Math.min(findEveryMs, 5 * intervalMs) }),
      waitsForStacks: flags.wait === true,
      intervalMs,
      concurrency: flags.concurrency,
      stopping: signals.stopping,
      aborting: signals.aborting,
      listener: {
        onDecision: (stack, decision) => log.tellDecision(stack, decision),
        onLook: (...look) => monitor?.record(...look),
        onChanges: (stack, syncs, changes, counts) => {
          monitor?.recordChanges(stack, counts);
          log.tell({ event: "changed", text: `changed ${changes}`, stack, data: { syncs, changes } });
        },
        onNotes: (...run) => monitor?.recordRun(...run),
        onStacks: (added, removed) => {
          for (const stack of added) {
            monitor?.add(stack);
            log.tell({ event: "following", text: "following", stack });
          }
          for (const stack of removed) {
            monitor?.remove(stack);
            log.tell({ event: "left", text: "no longer followed", stack });
          }
        },
        onFindFailed: (error) => {
          const failure = describeFailure(error, "find the stacks");
          log.tell({
            event: "failed",
            text: failure.message,
            more: failure.engineLines,
            data: toJsonFailure(failure),
          });
        },
        onSourceRead: (...read) => monitor?.countSourceRead(...read),
      },
    });
    await fleet.ended;
  } finally {
    await Promise.all(servers.map((server) => server?.close()));
  }
  log.tell({ event: "stopped", text: "stopped" });
}

async function startListener(
  address: AutoSyncFlags["listen"],
  wake: (stack?: string) => number,
  log: EventLog,
): Promise<Listener | undefined> {
  if (address === undefined) return undefined;
  const [secretKey, sharedSecret] = [infisicalVariable, sharedVariable].map(
    (name) => process.env[name] || undefined,
  );
  if (secretKey === undefined && sharedSecret === undefined) {
    throw new ProviderError("INVALID_INPUT", {
      operation: "no secret for webhooks is set",
      target: `${infisicalVariable}, ${sharedVariable}`,
      hint: `set ${infisicalVariable} to the secret key that the webhook has in Infisical, or ${sharedVariable} to a secret that another sender gives.`,
    });
  }
  const listener = await listenForWebhooks({
    ...address,
    secretKey,
    sharedSecret,
    onChange: ({ environment, secretPath }) => {
      log.tell({ event: "webhook", text: `webhook: ${environment ?? "?"}:${secretPath ?? "?"} changed` });
      wake();
    },
    onMessage: (stack) => {
      const woken = wake(stack);
      if (stack !== undefined && woken === 0) return false;
      log.tell({ event: "webhook", text: `webhook: ${stack ?? "all stacks"}` });
      return true;
    },
    onRefused: (reason) =>
      log.tell({
        event: "webhook",
        level: "warning",
        text: `webhook refused: ${reason}`,
        data: { refused: reason },
      }),
  });
  log.tell({ event: "listening", text: `listening on ${listener.url}`, data: { url: listener.url } });
  return listener;
}
