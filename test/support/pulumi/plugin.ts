import { join } from "node:path";
import { projectFolder } from "../engine/engine.js";

/** The plugin as an `npm install` of the package brings it. */
export const pluginFolder = join(projectFolder, "dist/plugin");

/** What a project says of the plugin, in its `Pulumi.yaml`. */
export function buildPluginLines(folder: string): string {
  return `plugins:\n  providers:\n    - name: snowflake-secrets\n      path: ${JSON.stringify(folder)}\n`;
}
