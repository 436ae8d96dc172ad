import type { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import { ProviderError } from "../../../provider/core/errors.js";
import { openProject, type Project } from "../stack-access.js";
import { findBackend } from "../state-stamp.js";
import { type Environment, runInEnvironment } from "./environment.js";
import type { StackChoice } from "./stack-choice.js";

/** A stack to follow. */
export interface FollowedStack {
  /** One for each stack of each backend. */
  readonly key: string;
  /** As it was named. */
  readonly stackName: string;
  /** Whether somebody named it, or it was listed with all of its project. */
  readonly isNamed: boolean;
  readonly project: Project;
  readonly allowedCommands: readonly string[];
  readonly environment: Environment | undefined;
}

/**
 * The stacks that are chosen, as the backends have them now.
 *
 * @throws ProviderError `INVALID_INPUT` for two names of one stack, and what `openProject` throws
 */
export async function findFollowedStacks(
  choices: readonly StackChoice[],
  pulumi: PulumiCommand,
): Promise<readonly FollowedStack[]> {
  const found = new Map<string, FollowedStack>();
  for (const { projectDirectory, stacks, allowedCommands, environment } of choices) {
    await runInEnvironment(environment, async () => {
      const project = await openProject(projectDirectory, pulumi);
      const backend = (await findBackend(project.backend)) ?? "";
      for (const stackName of stacks ?? (await project.listStacks())) {
        const stack = { stackName, isNamed: stacks !== undefined, project, allowedCommands, environment };
        const key = JSON.stringify([backend, project.name, ...qualify(stackName)]);
        const other = found.get(key);
        if (other !== undefined) throw explainDouble(other, stack);
        found.set(key, { key, ...stack });
      }
    });
  }
  return [...found.values()];
}

/** The parts that may be left out are left out: which organization is the current one, only the backend knows. */
function qualify(stackName: string): readonly string[] {
  const parts = stackName.split("/");
  const [organization = ""] = parts.length > 1 ? parts : [];
  return [
    parts.at(-1) ?? "",
    ...(organization === "organization" || organization === "" ? [] : [organization]),
  ];
}

function explainDouble(
  first: Pick<FollowedStack, "stackName" | "project">,
  second: Pick<FollowedStack, "stackName" | "project">,
): ProviderError {
  const describe = ({ stackName, project }: typeof first) => `"${stackName}" of ${project.directory}`;
  return new ProviderError("INVALID_INPUT", {
    operation: "two names mean one stack",
    target: `${describe(first)}, ${describe(second)}`,
    hint: "name it once.",
  });
}
