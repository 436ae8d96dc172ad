import { readFileSync } from "node:fs";
import { join } from "node:path";
import { capture } from "./commands.mjs";
import { projectFolder } from "./folders.mjs";

/** Where each finding that is lived with stands, with why. */
const explanations = "docs/dependencies.md";

/**
 * Asks the registry for known faults of every package in the lockfile. A finding counts unless docs/dependencies.md
 * names its advisory. A registry without an audit endpoint has told nothing, so this says `undone`, and never `ok`.
 */
export async function audit() {
  const { output } = await capture("npm", ["audit", "--json"], { cwd: projectFolder });
  const answer = parseAnswer(output);
  if (answer?.vulnerabilities === undefined) {
    return { outcome: "undone", text: `The registry answered no audit: ${answer?.message ?? "no JSON"}` };
  }
  const explained = readFileSync(join(projectFolder, explanations), "utf8");
  const findings = Object.values(answer.vulnerabilities)
    .flatMap(({ via }) => via)
    .filter((advisory) => typeof advisory === "object")
    .filter(({ url }) => !explained.includes(String(url)));
  if (findings.length === 0) return { outcome: "ok", text: "" };
  const lines = findings.map(({ name, severity, title, url }) => `${name}: ${severity}: ${title} ${url}`);
  return {
    outcome: "failed",
    text: `${lines.join("\n")}\nUpdate, or explain each in ${explanations} by its address.`,
  };
}

/** npm writes warnings before and behind its JSON. */
function parseAnswer(output) {
  try {
    return JSON.parse(output.slice(output.indexOf("{"), output.lastIndexOf("}") + 1));
  } catch {
    return undefined;
  }
}
