import type { Command } from "commander";
import { ProviderError } from "../../provider/core/errors.js";
import type { CommandContext } from "./command-context.js";
import { addJsonOption } from "./common-options.js";
import { exitCodes } from "./exit-codes.js";
import { paint } from "./output.js";
import { readPackageFile } from "./package-file.js";
import { screenWidth, wrapText } from "./text-layout.js";

/** `explain CODE`: the section of `docs/errors.md`, without a network. */
export function addExplainCommand(program: Command, { run }: CommandContext): void {
  const command = program
    .command("explain")
    .description("what an error code means, and how to fix each error that has it")
    .argument("<code>", "the code in brackets at the start of an error, such as NOT_FOUND");
  addJsonOption(command).action(async (given: string) => {
    await run(command, "explain an error code", async (output) => {
      const { code, meaning, errors } = findSection(given);
      const shown = errors.flatMap((line) => ["", ...wrapText(`- ${line}`, screenWidth, "  ")]);
      output.tell([paint("bold", code), ...wrapText(meaning, screenWidth), ...shown], {
        code,
        meaning,
        errors,
      });
      return exitCodes.done;
    });
  });
}

interface Section {
  readonly code: string;
  readonly meaning: string;
  readonly errors: readonly string[];
}

function findSection(given: string): Section {
  const sections = readSections();
  const code = given.toUpperCase();
  const found = sections.find((section) => section.code === code);
  if (found !== undefined) return found;
  throw new ProviderError("INVALID_INPUT", {
    operation: "unknown error code",
    target: given,
    hint: `give one of: ${sections.map((section) => section.code).join(", ")}.`,
  });
}

/** The sections of the page, as `npm run generate` writes them. */
function readSections(): Section[] {
  return readPackageFile("docs/errors.md")
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const [code = "", meaning = "", ...lines] = section.split("\n");
      const errors = lines.filter((line) => line.startsWith("- "));
      return { code, meaning, errors: errors.map((line) => line.slice(2).replace("**Fix:**", "Fix:")) };
    });
}
