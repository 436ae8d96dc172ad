import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectFolder } from "../engine/engine.js";
import { createProject, type ProjectOptions, type PulumiProject } from "./project.js";

/** An example of the repository, run from a copy, so that nothing is left in the repository. */
export function createExample(
  name: string,
  options: Pick<ProjectOptions, "env" | "plants" | "snowflake" | "stack">,
): Promise<PulumiProject> {
  const folder = join(projectFolder, "examples", name);
  const read = (...path: string[]) => readFileSync(join(projectFolder, "examples", ...path), "utf8");
  return createProject({
    ...options,
    folder,
    files: {
      "Pulumi.yaml": read(name, "Pulumi.yaml"),
      "package.json": read(name, "package.json"),
      // The example's own extends one that is not copied.
      "tsconfig.json": read("tsconfig.json"),
    },
    packages: Object.fromEntries(
      ["typescript", "@types/node"].map((each) => [each, join(projectFolder, "node_modules", each)]),
    ),
  });
}
