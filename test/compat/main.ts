import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Command } from "commander";
import { projectFolder } from "../support/engine/engine.js";
import { packRelease } from "../support/package-install.js";
import { installPythonSdk } from "../support/pulumi/language-stage.js";
import { cells, nameCell } from "./cells.js";
import { drawCompatibility } from "./draw.js";
import { type Outcome, runCell } from "./run-cell.js";

/** What came of the cells that were run. */
export interface Compatibility {
  readonly at: string;
  readonly release: string;
  readonly outcomes: readonly Outcome[];
}

const defaultFile = join(projectFolder, ".cache/compat/outcomes.json");

async function main(): Promise<void> {
  const program = new Command("npm run test:compat --")
    .description("Brings a secret up, changes it and takes it away, from the packed package, in every place.")
    .option("--only <words>", "cells whose name has these words; what was seen of the others stays")
    .option("--list", "no run: the names of the cells")
    .option("--json <file>", "where the outcomes are kept", defaultFile)
    .option("--draw", "no run: draw docs/compatibility.md from the outcomes")
    .parse();
  const options = program.opts<{ only?: string; list?: true; json: string; draw?: true }>();
  if (options.list) {
    for (const cell of cells) console.log(nameCell(cell));
    return;
  }
  if (options.draw) {
    const page = drawCompatibility(JSON.parse(readFileSync(options.json, "utf8")) as Compatibility);
    writeFileSync(join(projectFolder, "docs/compatibility.md"), page);
    return;
  }
  const failures = await run(options.only ?? "", options.json);
  process.exitCode = failures === 0 ? 0 : 1;
}

/** Runs the cells one by one and keeps what was seen after each. @returns how many failed */
async function run(words: string, file: string): Promise<number> {
  const chosen = cells.filter((cell) => nameCell(cell).includes(words));
  if (chosen.length === 0) throw new Error(`No cell has "${words}" in its name; --list shows them.`);
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "compat-")));
  let failures = 0;
  try {
    const release = await packRelease(folder);
    const needsPython = chosen.some(({ program }) => program.startsWith("Python"));
    const pythonSdk = needsPython ? { pythonSdk: await installPythonSdk(folder) } : {};
    for (const cell of chosen) {
      const outcome = await runCell(cell, { release, ...pythonSdk });
      const { failure, seconds } = outcome;
      console.log(`${failure === undefined ? "works " : "FAILED"} ${nameCell(cell)} (${seconds} s)`);
      if (failure !== undefined) {
        failures += 1;
        console.log(`${failure.step}:\n${failure.output}`);
      }
      keep(outcome, file, release.version);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return failures;
}

function keep(outcome: Outcome, file: string, release: string): void {
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Compatibility).outcomes : [];
  const others = before.filter(({ cell }) => nameCell(cell) !== nameCell(outcome.cell));
  const compatibility: Compatibility = {
    at: new Date().toISOString(),
    release,
    outcomes: [...others, outcome],
  };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(compatibility, null, 1)}\n`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
