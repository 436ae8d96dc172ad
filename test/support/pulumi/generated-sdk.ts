import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { projectFolder } from "../engine/engine.js";
import { findSdkGenerator } from "../engine/languages.js";
import { runCommand } from "./command.js";

/** What Pulumi's own generators make of the plugin's schema, in folders named by language. */
export async function generateSdks(
  into: string,
  languages: readonly ("go" | "nodejs" | "python")[],
): Promise<void> {
  mkdirSync(into, { recursive: true });
  const schema = join(projectFolder, "schema.json");
  const { code, output } = await runCommand(findSdkGenerator(), [schema, into, ...languages], {
    cwd: into,
    env: process.env,
    timeoutMs: 60_000,
  });
  if (code !== 0) throw new Error(`The SDKs of ${languages.join(", ")} were not generated:\n${output}`);
}
