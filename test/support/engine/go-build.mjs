import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { run, StepError, showing } from "../bootstrap/commands.mjs";
import { projectFolder } from "../bootstrap/folders.mjs";

const engineModules = join(projectFolder, "test/support/engine");

/**
 * Builds a command into a folder, from a Go module of its own: Pulumi's commands need different versions of its sdk
 * module, and have `replace` lines, with which `go install` refuses them.
 */
export async function buildWithGo({ within = "engine", folder, command, title }, into) {
  mkdirSync(into, { recursive: true });
  const cwd = join(projectFolder, "test/support", within, folder);
  const flags = [
    "-mod=readonly",
    "-trimpath",
    "-buildvcs=false",
    `-ldflags=-s -w${within === "engine" ? ` -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${versionOf(folder)}` : ""}`,
  ];
  await showing(title, () =>
    run("go", ["build", ...flags, "-o", `${into}/`, command], {
      cwd,
      env: { ...process.env, GOWORK: "off", GOFLAGS: "" },
    }),
  );
}

/** The version of Pulumi's sdk that the module in a folder is built with. */
export function versionOf(folder) {
  const text = readFileSync(join(engineModules, folder, "go.mod"), "utf8");
  const match = /github\.com\/pulumi\/pulumi\/sdk\/v3 (v\S+)/.exec(text);
  if (match === null) throw new StepError(`${folder}/go.mod names no version of Pulumi's sdk.`);
  return match[1];
}
