import type { Command } from "commander";
import { ProviderError } from "../../provider/core/errors.js";
import { type AutoSync, type Decision, startAutoSync } from "./auto-sync.js";
import type { CommandContext } from "./command-context.js";
import {
  addAllowCommandOption,
  addJsonOption,
  addProjectOption,
  parseDuration,
  parseListenAddress,
  programValuesHelp,
} from "./common-options.js";
import { exitCodes } from "./exit-codes.js";
import { type Colour, type Line, paintMarks } from "./output.js";
import { openStack, type StackAccess } from "./stack-access.js";
import { runSync, type SyncMemory } from "./sync-run.js";
import { listenForWebhooks, type WebhookListener } from "./webhook.js";

interface AutoSyncFlags {
  readonly stack: string;
  readonly cwd: string;
  readonly interval?: number;
  readonly listen?: { readonly host: string; readonly port: number };
  readonly once?: boolean;
  readonly allowCommand?: readonly string[];
}

const secretKeyVariable = "INFISICAL_WEBHOOK_SECRET";

/** `auto-sync`: syncs changes of the sources between deployments, until a signal ends it. */
export function addAutoSyncCommand(program: Command, { run }: CommandContext): void {
  const command = program
    .command("auto-sync")
    .description("sync changes of the sources between deployments, for syncs with auto-sync enabled")
    .requiredOption("--stack <name>", "the stack")
    .option(
      "--interval <time>",
      "how often to compare the sources (default: 60s, with --listen 15m)",
      parseDuration,
    )
    .option(
      "--listen <address>",
      `port or host:port for Infisical's signed webhook; set ${secretKeyVariable} to its secret key`,
      parseListenAddress,
    );
  command.addHelpText("after", programValuesHelp);
  addJsonOption(addAllowCommandOption(addProjectOption(command))).action(async (flags: AutoSyncFlags) => {
    await run(command, "auto-sync", async (output) => {
      const stack = await openStack({
        stackName: flags.stack,
        projectDirectory: flags.cwd,
        allowedCommands: flags.allowCommand,
      });
      const tell: Tell = ({ event, text, more = [], data }) => {
        const time = new Date().toISOString();
        output.tell([paintEvent(`${time} ${flags.stack}: `, event, text), ...more], {
          time,
          stack: flags.stack,
          event,
          ...data,
        });
      };
      const signals = listenForSignals();
      try {
        await follow(stack, flags, signals, tell);
      } finally {
        signals.release();
      }
      tell({ event: "stopped", text: "stopped", data: {} });
      return exitCodes.done;
    });
  });
}

const eventColours: Readonly<Partial<Record<Decision["event"] | ToldEvent["event"], Colour>>> = {
  synced: "green",
  changed: "yellow",
  waiting: "yellow",
  refused: "red",
  failed: "red",
};

/** What was changed keeps the colours of its marks. */
function paintEvent(start: string, event: keyof typeof eventColours, text: string): Line {
  const colour = eventColours[event] ?? "dim";
  if (event !== "synced" && event !== "changed") return { parts: [{ text: start }, { text, colour }] };
  const changes = paintMarks(text.slice(event.length));
  return { parts: [{ text: start }, { text: event, colour }, ...changes.parts] };
}

type Tell = (event: Decision | ToldEvent) => void;

async function follow(stack: StackAccess, flags: AutoSyncFlags, signals: Signals, tell: Tell): Promise<void> {
  let sync: AutoSync | undefined;
  const settled = new Map<string, string>();
  const memory: SyncMemory = {};
  const listener = await startListener(flags.listen, () => sync?.wake(), tell);
  try {
    sync = startAutoSync({
      run: () =>
        runSync(stack, {
          choose: (syncs) => syncs.filter(({ isAutoSyncEnabled }) => isAutoSyncEnabled),
          isManual: false,
          settled,
          ...(flags.listen && { memory }),
          signal: signals.aborting,
          onChanges: (syncs, changes) =>
            tell({ event: "changed", text: `changed ${changes}`, data: { syncs, changes } }),
        }),
      intervalMs: flags.interval ?? (flags.listen ? 900_000 : 60_000),
      tell,
      stopping: signals.stopping,
    });
    await sync.ended;
  } finally {
    await listener?.close();
  }
}

interface ToldEvent {
  readonly event: "changed" | "listening" | "webhook" | "stopped";
  readonly text: string;
  readonly more?: readonly string[];
  readonly data: Readonly<Record<string, unknown>>;
}

async function startListener(
  address: AutoSyncFlags["listen"],
  wake: () => void,
  tell: Tell,
): Promise<WebhookListener | undefined> {
  if (address === undefined) return undefined;
  const secretKey = process.env[secretKeyVariable];
  if (secretKey === undefined || secretKey === "") {
    throw new ProviderError("INVALID_INPUT", {
      operation: "the webhook's secret key is not set",
      target: secretKeyVariable,
      hint: `set ${secretKeyVariable} to the secret key that the webhook has in Infisical.`,
    });
  }
  const listener = await listenForWebhooks({
    ...address,
    secretKey,
    onChange: ({ environment, secretPath }) => {
      tell({
        event: "webhook",
        text: `webhook: ${environment ?? "?"}:${secretPath ?? "?"} changed`,
        data: {},
      });
      wake();
    },
    onRefused: (reason) =>
      tell({ event: "webhook", text: `webhook refused: ${reason}`, data: { refused: reason } }),
  });
  tell({ event: "listening", text: `listening on ${listener.url}`, data: { url: listener.url } });
  return listener;
}

interface Signals {
  readonly stopping: AbortSignal;
  readonly aborting: AbortSignal;
  readonly release: () => void;
}

/** The first SIGINT or SIGTERM ends the loop after what is under way; a second one interrupts that as well. */
function listenForSignals(): Signals {
  const stopping = new AbortController();
  const aborting = new AbortController();
  const onSignal = () => {
    if (stopping.signal.aborted) aborting.abort();
    stopping.abort();
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return {
    stopping: stopping.signal,
    aborting: aborting.signal,
    release: () => {
      for (const signal of signals) process.removeListener(signal, onSignal);
    },
  };
}
