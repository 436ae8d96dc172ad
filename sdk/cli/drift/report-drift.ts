import { writeFile } from "node:fs/promises";
import { countOf } from "../../../provider/core/count-of.js";
import { buildSafeCause, ProviderError } from "../../../provider/core/errors.js";
import { toOneLine } from "../../../provider/core/one-line.js";
import { Operation } from "../../../provider/engine/operation.js";
import { createBound, runInEnvironment } from "../auto-sync/environment.js";
import { type FollowedStack, findFollowedStacks } from "../auto-sync/followed-stacks.js";
import { type ChoiceFlags, chooseStacks } from "../auto-sync/stack-choice.js";
import { type ExitCode, exitCodes } from "../exit-codes.js";
import type { Output } from "../output.js";
import { findPulumi } from "../pulumi-command.js";
import { buildJunit } from "./junit.js";
import { type LookedAtStack, lookAtStack } from "./look-at-stack.js";
import { type LookedAtProject, reportOwners } from "./owners.js";
import { countDrift, type DriftReport, renderDrift, toJsonDrift } from "./render.js";

/** The flags of `drift`. */
export interface DriftFlags extends ChoiceFlags {
  readonly concurrency: number;
  readonly junit?: string;
}

/** Looks at the stacks that the flags choose, and tells what was found. @throws ProviderError for a wrong choice */
export async function reportDrift(flags: DriftFlags, output: Output): Promise<ExitCode> {
  const choices = await chooseStacks(flags);
  // A file that cannot be written is told before the work; an empty one tells CI that nothing was found out.
  if (flags.junit !== undefined) await writeReport(flags.junit, "");
  output.progress("finding the stacks …");
  const stacks = await findFollowedStacks(choices, await findPulumi());
  if (stacks.length === 0) {
    throw new ProviderError("NOT_FOUND", {
      operation: "no stack found",
      target: choices.map(({ projectDirectory }) => projectDirectory).join(", "),
      hint: "check the backend (`pulumi whoami --verbose`), and that it has a stack of the project (`pulumi stack ls`).",
    });
  }
  output.progress(`looking at ${countOf(stacks.length, "stack")} …`);
  const looked = await lookAtAll(stacks, flags.concurrency);
  const report: DriftReport = {
    stacks: looked.map((each) => each.report),
    schemas: reportOwners(looked, findProjects(stacks)),
  };
  output.tell(renderDrift(report), toJsonDrift(report));
  if (flags.junit !== undefined) await writeReport(flags.junit, buildJunit(report));
  return findExitCode(report);
}

function findExitCode(report: DriftReport): ExitCode {
  const { drift, failed, unreadStacks } = countDrift(report);
  if (failed + unreadStacks > 0) return exitCodes.failed;
  return drift > 0 ? exitCodes.unwell : exitCodes.done;
}

/** Stacks with the same variables share log-ins; of others the same settings may lead to another account. */
async function lookAtAll(
  stacks: readonly FollowedStack[],
  concurrency: number,
): Promise<readonly LookedAtStack[]> {
  const engines = createBound(concurrency);
  const operations = new Map<FollowedStack["environment"], Operation>();
  const open = (environment: FollowedStack["environment"]): Operation => {
    const operation = operations.get(environment) ?? new Operation({ report: warn, warn });
    operations.set(environment, operation);
    return operation;
  };
  try {
    return await Promise.all(
      stacks.map((stack) =>
        runInEnvironment(stack.environment, () =>
          lookAtStack(stack, { operation: open(stack.environment), engines }),
        ),
      ),
    );
  } finally {
    await Promise.all([...operations.values()].map((operation) => operation.end()));
  }
}

function warn(text: string): void {
  process.stderr.write(`${toOneLine(`warning: ${text}`)}\n`);
}

/** Which projects were looked through whole. */
function findProjects(stacks: readonly FollowedStack[]): readonly LookedAtProject[] {
  return stacks.map(({ project, isNamed }) => ({ name: project.name, isWhole: !isNamed }));
}

async function writeReport(path: string, text: string): Promise<void> {
  await writeFile(path, text).catch((error: unknown) => {
    const cause = buildSafeCause(error);
    throw new ProviderError("INVALID_INPUT", {
      operation: `cannot write the file (${cause.code ?? cause.name})`,
      target: `--junit ${path}`,
      hint: "give a file in a folder that exists, and that you may write to.",
      cause,
    });
  });
}
