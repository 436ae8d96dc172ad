import type { Command } from "commander";
import { ProviderError } from "../../provider/core/errors.js";
import { describeOutcome } from "./auto-sync/stack-loop.js";
import type { CommandContext } from "./command-context.js";
import {
  addAllowCommandOption,
  addJsonOption,
  addProjectOption,
  programValuesHelp,
} from "./common-options.js";
import { exitCodes } from "./exit-codes.js";
import { paintMarks } from "./output.js";
import { openStack } from "./stack-access.js";
import type { StackSync } from "./stack-syncs.js";
import { runSync } from "./sync-run.js";
import { screenWidth, wrapText } from "./text-layout.js";

interface SyncFlags {
  readonly stack: string;
  readonly cwd: string;
  readonly resource?: readonly string[];
  readonly allowCommand?: readonly string[];
}

/** `sync`: the manual sync, once, for syncs with auto-sync off too. */
export function addSyncCommand(program: Command, { run }: CommandContext): void {
  const command = program
    .command("sync")
    .description("sync now, once, also where auto-sync is off")
    .requiredOption("--stack <name>", "the stack")
    .option("--resource <name...>", "only these syncs, by their logical names (default: all of the stack)");
  command.addHelpText("after", programValuesHelp);
  addJsonOption(addAllowCommandOption(addProjectOption(command))).action(async (flags: SyncFlags) => {
    await run(command, "sync", async (output) => {
      output.progress(`reading the state and the sources of ${flags.stack} …`);
      const stack = await openStack({
        stackName: flags.stack,
        project: flags.cwd,
        allowedCommands: flags.allowCommand,
      });
      const outcome = await runSync(stack, {
        choose: (syncs) => chooseByName(syncs, flags.resource, flags.stack),
        isManual: true,
        onChanges: (_syncs, changes) => output.progress(`running pulumi: ${changes} …`),
      });
      const { event, text, data } = describeOutcome(outcome);
      const hasSyncs = outcome.syncs.length > 0;
      if (hasSyncs || outcome.failures.length === 0) {
        const line = `${flags.stack}: ${hasSyncs ? text : "nothing to sync: this stack has no SnowflakeSecretSync"}`;
        const shown = event === "synced" ? paintMarks(line) : wrapText(line, screenWidth, "  ");
        output.tell(shown, { stack: flags.stack, event, ...data });
      }
      for (const failure of outcome.failures) output.fail(failure, "sync");
      if (outcome.failures.length > 0) return exitCodes.failed;
      return event === "refused" ? exitCodes.refused : exitCodes.done;
    });
  });
}

function chooseByName(
  syncs: readonly StackSync[],
  names: readonly string[] | undefined,
  stackName: string,
): readonly StackSync[] {
  const missing = (names ?? []).filter((name) => !syncs.some(({ resource }) => resource === name));
  if (missing.length === 0)
    return names === undefined ? syncs : syncs.filter(({ resource }) => names.includes(resource));
  throw new ProviderError("NOT_FOUND", {
    operation: `stack "${stackName}" has no sync of this name`,
    target: missing.join(", "),
    hint:
      syncs.length === 0
        ? "deploy a SnowflakeSecretSync with `pulumi up` first: this stack has none."
        : `give --resource one of: ${syncs.map(({ resource }) => resource).join(", ")}.`,
  });
}
