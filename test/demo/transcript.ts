import type { CommandResult } from "../support/pulumi/command.js";

const paint = (code: number) => (text: string) =>
  process.stdout.isTTY ? `\u001b[${code}m${text}\u001b[0m` : text;
const bold = paint(1);
const dim = paint(2);
const green = paint(32);
const red = paint(31);

/** Prints the demo step by step, and keeps count of what was not as it should be. */
export class Transcript {
  #step = 0;
  #failures = 0;

  get failures(): number {
    return this.#failures;
  }

  step(title: string, explanation: string): void {
    this.#step += 1;
    console.log(`\n${bold(`${this.#step}. ${title}`)}\n${explanation}\n`);
  }

  show(command: string, { output, durationMs }: CommandResult): void {
    console.log(`   ${bold(`$ ${command}`)}`);
    for (const line of tidy(output)) console.log(dim(`   │ ${line}`));
    console.log(dim(`   └ ${(durationMs / 1000).toFixed(1)} s`));
  }

  /** What stands in a file. */
  quote(file: string, text: string): void {
    console.log(`   ${bold(file)}`);
    for (const line of text.trimEnd().split("\n")) console.log(dim(`   │ ${line}`));
  }

  note(text: string): void {
    console.log(`   ${text}`);
  }

  /** A claim of the demo: shown with what it came to. */
  check(claim: string, holds: boolean): void {
    if (!holds) this.#failures += 1;
    console.log(holds ? `   ${green("✓")} ${claim}` : `   ${red("✗")} ${claim} ${red("NOT SO")}`);
  }
}

// Progress, URNs, durations, and where a language's host lies; what happened stands in the summary below them.
const noise =
  /using pulumi-language-|^@ |^\s*\[urn=|^Duration:|pulumi:pulumi:Stack [a-z]|\*\*|(pulumi-nodejs|snowflake-secrets):.*(creating|updating|deleting) /;

function tidy(output: string): string[] {
  return output
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "" && !noise.test(line));
}
