import { once } from "node:events";
import { createInterface } from "node:readline/promises";
import { type Command, Option } from "commander";
import { ProviderError } from "../../provider/core/errors.js";
import { type ExportType, exportTypes } from "../../provider/export-destination/credentials/index.js";
import type { ClaimRecord } from "../../provider/export-destination/records.js";
import {
  type AwsFlags,
  addAwsOptions,
  addJsonOption,
  addProjectOption,
  readAwsFlags,
} from "./common-options.js";
import { type ExitCode, exitCodes } from "./exit-codes.js";
import type { CommandContext } from "./main.js";
import { createOutput, type Output } from "./output.js";
import { findStackAt } from "./stack-lookup.js";

interface ReleaseFlags extends AwsFlags {
  readonly organization: string;
  readonly type: ExportType;
  readonly prefix?: string;
  readonly cwd: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** `release`: frees the claim of a destination whose stack is gone; its secret stays. */
export function addReleaseCommand(program: Command, { streams, run }: CommandContext): void {
  const command = program
    .command("release")
    .description("free the claim of an active export destination whose stack is gone")
    .requiredOption("--organization <id>", "the organization's id")
    .addOption(
      new Option("--type <type>", "the destination's type").choices([...exportTypes]).makeOptionMandatory(),
    )
    .option("--prefix <prefix>", "the secretNamePrefix of the destination")
    .option("--yes", "do not ask");
  addJsonOption(addProjectOption(addAwsOptions(command))).action(async (flags: ReleaseFlags) => {
    await run(command, "release", () => release(flags, createOutput(flags.json === true, streams)));
  });
}

type Active = NonNullable<ClaimRecord["active"]>;

async function release(flags: ReleaseFlags, output: Output): Promise<ExitCode> {
  const { readClaim, releaseClaim } = await import("../../provider/export-destination/release.js");
  const scope = {
    organizationId: flags.organization,
    type: flags.type,
    aws: readAwsFlags(flags),
    ...(flags.prefix === undefined ? {} : { secretNamePrefix: flags.prefix }),
  };
  const active = (await readClaim(scope))?.active;
  if (active === undefined || active === null) {
    output.tell("nothing to release: no destination is active there", { released: null });
    return exitCodes.done;
  }
  output.tell(describeActive(active), { active });
  await requireStackGone(active, flags.cwd, output);
  await requireNothingLive(active, scope);
  if (flags.yes !== true && !(await confirm(active))) {
    output.tell("nothing was changed", { released: null });
    return exitCodes.refused;
  }
  const released = await releaseClaim({ ...scope, destinationId: active.destinationId });
  output.tell(`released ${released.destinationId}; its secret ${released.secretName} stays as it is`, {
    released,
  });
  return exitCodes.done;
}

function describeActive({ name, destinationId, owner, since, status, secretName }: Active): string {
  return [
    "This claim would be freed:",
    `  destination  ${name} (${destinationId}), ${status} since ${since}`,
    `  made by      ${owner.place}`,
    `  secret       ${secretName} (stays; remove it yourself when no job reads it)`,
  ].join("\n");
}

async function requireStackGone({ owner }: Active, projectDirectory: string, output: Output): Promise<void> {
  const found = await findStackAt(owner.place, projectDirectory);
  if (found === "exists") {
    throw new ProviderError("UNPROVEN", {
      operation: "the stack that made the destination is still there",
      target: owner.place,
      hint: "disconnect the destination there: remove it from the program and run pulumi up.",
    });
  }
  if (found === "gone") output.tell(`stack ${owner.place} is gone`, { stack: "gone" });
  else output.tell(`whether stack ${owner.place} is gone could not be looked up here`, { stack: "unknown" });
}

async function requireNothingLive(
  { name, secretName, secretArn }: Active,
  scope: {
    organizationId: string;
    type: ExportType;
    secretNamePrefix?: string;
    aws: ReturnType<typeof readAwsFlags>;
  },
): Promise<void> {
  const { withAws } = await import("../../provider/aws/with-aws.js");
  const { ensureNoLiveRun } = await import("../../provider/export-destination/glue-guard.js");
  const { buildClaimName } = await import("../../provider/export-destination/names.js");
  await withAws(scope.aws, async (aws) => {
    const secretIds = [secretName, buildClaimName(scope), ...(secretArn === undefined ? [] : [secretArn])];
    const silent = { report: () => undefined, warn: () => undefined };
    await ensureNoLiveRun(await aws.glue(), { name, jobNames: [], secretIds }, silent);
  });
}

async function confirm({ destinationId }: Active): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new ProviderError("INVALID_INPUT", {
      operation: "ask before the claim is freed, without a terminal",
      target: "--yes",
      hint: "run it in a terminal, or add --yes.",
    });
  }
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  // Ctrl-C and Ctrl-D close the prompt; whether they reject the question too depends on the version of Node.
  const closed = once(prompt, "close").then(() => "");
  try {
    const answer = prompt.question(`Type ${destinationId} to free it: `).catch(() => "");
    return (await Promise.race([answer, closed])).trim() === destinationId;
  } finally {
    prompt.close();
  }
}
