import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { deepChecks } from "../../sdk/cli/doctor/deep-checks.js";
import { projectFolder } from "../support/engine/engine.js";
import { fillPage } from "./fill-page.js";

/** The page of what a real account proves, by the names of the checks and of the live tests. */
export function buildProvedPage(): string {
  const folder = join(projectFolder, "test/live");
  const files = readdirSync(folder).filter((name) => name.endsWith(".test.ts"));
  const live = files.sort().flatMap((name) => findTests(readFileSync(join(folder, name), "utf8")));
  return fillPage("docs/proved-and-documented.md", {
    doctor: list(deepChecks.map(({ expectation }) => `${expectation}.`)),
    live: list(live),
  });
}

/** "A real Snowflake account: hides a secret from …", for each test whose name is written out. */
function findTests(source: string): string[] {
  const [, subject = ""] = /describe[^"]*\("([^"]+)"/.exec(source) ?? [];
  const names = source.matchAll(/^ {2}it(?:\.skipIf\([^)]*\))?\(\s*"([^"$]+)"/gm);
  return [...names].map(([, name = ""]) => `${subject} ${name}.`);
}

const list = (lines: readonly string[]) => lines.map((line) => `- ${line}`).join("\n");
