import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectFolder } from "../engine/engine.js";

/** The plugin as an `npm install` of the package brings it. */
export const pluginFolder = join(projectFolder, "dist/plugin");

/** What a project says of the plugin, in its `Pulumi.yaml`. */
export function buildPluginLines(folder: string): string {
  return `plugins:\n  providers:\n    - name: snowflake-secrets\n      path: ${JSON.stringify(folder)}\n`;
}

/** Puts the plugin, as it is built in `dist/`, where an engine finds it. */
export function placePlugin(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "pulumi-resource-snowflake-secrets");
  const script = join(projectFolder, "dist/plugin/plugin.mjs");
  writeFileSync(file, `#!/bin/sh\nexec ${JSON.stringify(process.execPath)} ${JSON.stringify(script)} "$@"\n`);
  chmodSync(file, 0o755);
}
