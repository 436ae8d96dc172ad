import type { Command } from "commander";
import * as z from "zod";
import { ProviderError } from "../../../provider/core/errors.js";
import { askHttp } from "../../../provider/core/http-request.js";
import type { CommandContext } from "../command-context.js";
import { addJsonOption, parseListenAddress } from "../common-options.js";
import { exitCodes } from "../exit-codes.js";
import type { Line } from "../output.js";
import { alignRows } from "../text-layout.js";
import type { ListenAddress } from "./listener.js";
import { isTrouble, stackStatus } from "./monitor.js";

const shape = z.object({ stacks: z.array(stackStatus) });

type Status = z.infer<typeof stackStatus>;

/** `auto-sync status`: what a running auto-sync knows. */
export function addStatusCommand(autoSync: Command, { run }: CommandContext): void {
  // Both have --monitor and --json.
  const command = autoSync
    .enablePositionalOptions()
    .command("status")
    .description("show what a running auto-sync knows of its stacks, what is wrong first")
    .requiredOption("--monitor <address>", "port or host:port that it was given", parseListenAddress);
  addJsonOption(command).action(async ({ monitor }: { monitor: ListenAddress }) => {
    await run(command, "auto-sync status", async (output) => {
      const stacks = await askStatus(monitor);
      const isWrong = ({ outcome }: Status) => isTrouble(outcome);
      const sorted = [...stacks.filter(isWrong), ...stacks.filter((stack) => !isWrong(stack))];
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
    operation: answer === undefined ? "no auto-sync answers there" : "what answers there is no auto-sync",
    target: `${host}:${port}`,
    hint: "start auto-sync with --monitor, and give the same address here.",
    retryable: true,
  });
}

function renderStatus(stacks: readonly Status[]): Line[] {
  const rows = stacks.map(({ project, stack, outcome, code, lastSuccessAt }) => [
    `${project}/${stack}`,
    code === undefined ? outcome : `${outcome} (${code})`,
    lastSuccessAt ?? "never",
  ]);
  return alignRows([["STACK", "LAST LOOK", "LAST SUCCESS"], ...rows]);
}
