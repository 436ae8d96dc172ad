import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PulumiProject } from "./project.js";

/** Gives a project more stacks that are deployed as `dev` is, without a run of the engine. */
export function cloneStacks(project: PulumiProject, names: readonly string[]): void {
  const folder = join(project.backendFolder, ".pulumi/stacks/test-project");
  const state = readFileSync(join(folder, "dev.json"), "utf8");
  for (const name of names) {
    const own = state
      .replaceAll("urn:pulumi:dev::", `urn:pulumi:${name}::`)
      .replaceAll("organization/test-project/dev", `organization/test-project/${name}`)
      .replaceAll("test-project-dev", `test-project-${name}`);
    writeFileSync(join(folder, `${name}.json`), own);
    copyFileSync(join(project.folder, "Pulumi.dev.yaml"), join(project.folder, `Pulumi.${name}.yaml`));
  }
}
