import { readFileSync } from "node:fs";
import { join } from "node:path";
import { StepError } from "../bootstrap/commands.mjs";
import { projectFolder } from "../bootstrap/folders.mjs";
import { buildWithGo } from "../bootstrap/go-build.mjs";

const engineModules = join(projectFolder, "test/support/engine");

/**
 * Builds one of Pulumi's commands into a folder, from a Go module of its own: they need different versions of Pulumi's
 * sdk module, and have `replace` lines, with which `go install` refuses them.
 */
export function buildPulumi({ folder, command, title }, into) {
  const version = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";
  const linkerFlags = `-X ${version}=${versionOf(folder)}`;
  return buildWithGo({ module: join(engineModules, folder), command, title, linkerFlags }, into);
}

/** The version of Pulumi's sdk that the module in a folder is built with. */
export function versionOf(folder) {
  const text = readFileSync(join(engineModules, folder, "go.mod"), "utf8");
  const match = /github\.com\/pulumi\/pulumi\/sdk\/v3 (v\S+)/.exec(text);
  if (match === null) throw new StepError(`${folder}/go.mod names no version of Pulumi's sdk.`);
  return match[1];
}
