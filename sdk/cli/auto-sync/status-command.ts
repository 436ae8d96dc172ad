import type { Command } from "commander";
import * as z from "zod";
import { countOf } from "../../../provider/core/count-of.js";
import { ProviderError } from "../../../provider/core/errors.js";
import { askHttp } from "../../../provider/core/http-request.js";
import type { CommandContext } from "../command-context.js";
import { addJsonOption, parseListenAddress } from "../common-options.js";
import { exitCodes } from "../exit-codes.js";
import type { Line } from "../output.js";
import { alignRows } from "../text-layout.js";
import type { ListenAddress } from "./listener.js";
import { rankOutcome, stackStatus } from "./monitor.js";

const shape = z.object({ stacks: z.array(stackStatus) });

type Status = z.infer<typeof stackStatus>;

/** `auto-sync status`: what a running auto-sync knows. */
export function addStatusCommand(autoSync: Command, { run }: CommandContext): void {
  // Both have --monitor and --json.
  const command = autoSync
    .enablePositionalOptions()
    .command("status")
    .description("show the stacks of a running auto-sync, those with problems first")
    .requiredOption(
      "--monitor <address>",
      "port or host:port that auto-sync was given with --monitor",
      parseListenAddress,
    );
  addJsonOption(command).action(async ({ monitor }: { monitor: ListenAddress }) => {
    await run(command, "auto-sync status", async (output) => {
      const stacks = await askStatus(monitor);
      const sorted = stacks.toSorted((a, b) => rankOutcome(a.outcome) - rankOutcome(b.outcome));
      output.tell(renderStatus(sorted), { stacks: sorted });
      return exitCodes.done;
    });
  });
}

async function askStatus({ host, port }: ListenAddress): Promise<readonly Status[]> {
  const url = new URL(`http://${host}:${port}/status`);
  const answer = await askHttp(url, AbortSignal.timeout(5_000), { method: "GET" }).catch(() => undefined);
  const parsed = shape.safeParse(answer?.body);
  if (parsed.success) return parsed.data.stacks;
  throw new ProviderError("UNREACHABLE", {
    operation:
      answer === undefined
        ? "no auto-sync answers at this address"
        : "another program answers at this address",
    target: `${host}:${port}`,
    hint: "start auto-sync with --monitor, and give the same address here.",
    retryable: true,
  });
}

function renderStatus(stacks: readonly Status[]): Line[] {
  const rows = stacks.map((status) => [
    `${status.project}/${status.stack}`,
    status.outcome,
    describeReason(status),
    status.since === undefined ? "" : describeAge(status.since),
    status.lastSuccessAt === undefined ? "never" : `${describeAge(status.lastSuccessAt)} ago`,
  ]);
  return [
    `${countOf(stacks.length, "stack")}: ${countOutcomes(stacks)}.`,
    "",
    ...alignRows([["STACK", "LAST LOOK", "REASON", "SINCE", "LAST SUCCESS"], ...rows]),
  ];
}

/** In the order of the rows. */
function countOutcomes(stacks: readonly Status[]): string {
  const outcomes = new Set(stacks.map(({ outcome }) => outcome));
  const count = (wanted: string) => stacks.filter(({ outcome }) => outcome === wanted).length;
  return [...outcomes].map((outcome) => `${count(outcome)} ${outcome}`).join(", ") || "none is followed yet";
}

function describeReason({ outcome, code, reasons = [], times = 1, pendingChanges = 0 }: Status): string {
  const cause = reasons.length > 0 ? reasons.join(", ") : (code ?? "");
  const why = outcome === "waiting" ? "another update is running" : cause;
  const more = [
    ...(times > 1 ? [`${times} times`] : []),
    ...(pendingChanges > 0 ? [`${pendingChanges} pending`] : []),
  ];
  return more.length === 0 ? why : `${why} (${more.join(", ")})`.trim();
}

const units = [
  ["d", 86_400],
  ["h", 3_600],
  ["m", 60],
] as const;

/** "4m": how long ago, by the largest unit. */
function describeAge(time: string): string {
  const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(time)) / 1_000));
  const [unit, length] = units.find(([, each]) => seconds >= each) ?? ["s", 1];
  return `${Math.floor(seconds / length)}${unit}`;
}
