import type { Command } from "commander";
import type { CommandContext } from "../command-context.js";
import { addJsonOption, addStackChoiceOptions } from "../common-options.js";
import type { DriftFlags } from "./report-drift.js";

/** `drift`: what differs in Snowflake and AWS from the states of stacks, and who owns what. Read-only. */
export function addDriftCommand(program: Command, { run }: CommandContext): void {
  const command = program
    .command("drift")
    .description(
      "compare the states with Snowflake and AWS, and show who owns the secrets of each schema; changes nothing",
    );
  addJsonOption(addStackChoiceOptions(command))
    .option("--junit <file>", "write the report to this file too, as JUnit XML")
    .action(async (flags: DriftFlags) => {
      await run(command, "drift", async (output) => {
        const { reportDrift } = await import("./report-drift.js");
        return reportDrift(flags, output);
      });
    });
}
