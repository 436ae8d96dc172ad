import { ProviderError } from "../../../provider/core/errors.js";
import { cleanCredential } from "../../../provider/sources/source.js";
import { describeFailure, toJsonFailure } from "../output.js";
import type { EventLog } from "./event-log.js";
import { type Fleet, type FleetOptions, startFleet } from "./fleet.js";
import type { ListenAddress, Listener } from "./listener.js";
import { createMonitor } from "./monitor.js";
import { serveMonitor } from "./monitor-server.js";
import type { Signals } from "./signals.js";
import { isBearerToken, listenForWebhooks } from "./webhook.js";

/** What to follow, and where to answer. */
export interface ServiceOptions
  extends Pick<
    FleetOptions,
    "find" | "findEveryMs" | "open" | "waitsForStacks" | "intervalMs" | "concurrency"
  > {
  /** Where webhooks arrive. @default nowhere */
  readonly listen: ListenAddress | undefined;
  /** Where health, metrics and status are answered. @default nowhere */
  readonly monitor: ListenAddress | undefined;
  readonly signals: Signals;
  readonly log: EventLog;
}

/** The variables with the secrets of webhooks. */
export const webhookVariables = {
  infisical: "INFISICAL_WEBHOOK_SECRET",
  shared: "AUTO_SYNC_WEBHOOK_SECRET",
} as const;

/** Follows stacks, listens and answers until a signal ends it. @throws NOT_FOUND when a stack that is named is not there */
export async function runService(options: ServiceOptions): Promise<void> {
  const { log, signals } = options;
  let fleet: Fleet | undefined;
  // Where nobody can ask, nothing is counted.
  const monitor =
    options.monitor && (await createMonitor(() => fleet?.countRuns() ?? { running: 0, waiting: 0 }));
  const servers: (Listener | undefined)[] = [];
  try {
    if (monitor && options.monitor) {
      const server = await serveMonitor(monitor, options.monitor);
      servers.push(server);
      log.tell({ event: "listening", text: `monitor on ${server.url}`, data: { monitor: server.url } });
    }
    servers.push(await startListener(options.listen, (stack) => fleet?.wake(stack) ?? 0, log));
    fleet = startFleet({
      ...options,
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
  address: ServiceOptions["listen"],
  wake: (stack?: string) => number,
  log: EventLog,
): Promise<Listener | undefined> {
  if (address === undefined) return undefined;
  const { infisical, shared } = webhookVariables;
  const [secretKey, sharedSecret] = [infisical, shared].map((name) => cleanCredential(process.env[name]));
  if (secretKey === undefined && sharedSecret === undefined) {
    throw new ProviderError("INVALID_INPUT", {
      operation: "no secret for webhooks is set",
      target: `${infisical}, ${shared}`,
      hint: `set ${infisical} to the secret key that the webhook has in Infisical, or ${shared} to a secret that another sender gives.`,
    });
  }
  if (sharedSecret !== undefined && !isBearerToken(sharedSecret)) {
    throw new ProviderError("INVALID_INPUT", {
      operation: "the secret for webhooks cannot be sent as a bearer token",
      target: shared,
      hint: "give at most 1,024 letters, digits and signs, without a space.",
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
