import { once } from "node:events";
import { createInterface } from "node:readline/promises";
import { type Command, Option } from "commander";
import { ProviderError } from "../../provider/core/errors.js";
import { toOneLine } from "../../provider/core/one-line.js";
import type { ClaimRecord } from "../../provider/export-destination/claim/record.js";
import { type ExportType, exportTypes } from "../../provider/export-destination/credentials/index.js";
import type { CommandContext } from "./command-context.js";
import {
  type AwsFlags,
  addAwsOptions,
  addJsonOption,
  addProjectOption,
  readAwsFlags,
} from "./common-options.js";
import { type ExitCode, exitCodes } from "./exit-codes.js";
import type { Output } from "./output.js";
import { findHolder } from "./stack-lookup.js";

interface ReleaseFlags extends AwsFlags {
  readonly organization: string;
  readonly type: ExportType;
  readonly prefix?: string;
  readonly cwd: string;
  readonly yes?: boolean;
  readonly riskTwoActive?: string;
}

/** `release`: frees the claim of an active destination that no stack has any more; its secret stays. */
export function addReleaseCommand(program: Command, { run }: CommandContext): void {
  const command = program
    .command("release")
    .description("free the claim of an active export destination that no stack has any more")
    .requiredOption("--organization <id>", "the organization's id")
    .addOption(
      new Option("--type <type>", "the destination's type").choices([...exportTypes]).makeOptionMandatory(),
    )
    .option("--prefix <prefix>", "the secretNamePrefix of the destination")
    .option("--yes", "do not ask; without proof --risk-two-active is needed all the same")
    .option(
      "--risk-two-active <destination-id>",
      "free it without proof that no stack has it; if one has it, two destinations are active, and export jobs may read either",
    );
  addJsonOption(addProjectOption(addAwsOptions(command))).action(async (flags: ReleaseFlags) => {
    await run(command, "release", (output) => release(flags, output));
  });
}

type Active = NonNullable<ClaimRecord["active"]>;

async function release(flags: ReleaseFlags, output: Output): Promise<ExitCode> {
  const { buildClaimName } = await import("../../provider/export-destination/secret/names.js");
  const { readClaim, releaseClaim } = await import("../../provider/export-destination/claim/release.js");
  const scope = {
    organizationId: flags.organization,
    type: flags.type,
    aws: readAwsFlags(flags),
    ...(flags.prefix === undefined ? {} : { secretNamePrefix: flags.prefix }),
  };
  output.progress("reading the claim …");
  const active = (await readClaim(scope))?.active;
  if (active === undefined || active === null) {
    output.tell("nothing to release: no active destination", { released: null });
    return exitCodes.done;
  }
  output.tell(describeActive(active), { active });
  output.progress(`looking for the stack of ${active.owner.place} …`);
  await requireProofOrRisk(active, buildClaimName(scope), flags, output);
  output.progress("looking for live export jobs …");
  await requireNothingLive(active, buildClaimName(scope), scope.aws, output);
  if (flags.yes !== true && !(await confirm(active, output))) {
    output.tell("nothing was changed", { released: null });
    return exitCodes.refused;
  }
  const released = await releaseClaim({ ...scope, destinationId: active.destinationId });
  output.tell(`released ${released.destinationId}; its secret ${released.secretName} stays as it is`, {
    released,
  });
  return exitCodes.done;
}

function describeActive({ name, destinationId, owner, since, status, secretName }: Active): string[] {
  return [
    "This claim would be freed:",
    `  destination  ${name} (${destinationId}), ${status} since ${since}`,
    `  created by   ${owner.place}`,
    `  secret       ${secretName}`,
    "               (stays; delete it yourself when no job reads it)",
  ];
}

/** Goes on only where it is proved that no stack has the destination, or a person takes the risk that one has. */
async function requireProofOrRisk(
  active: Active,
  claimName: string,
  flags: ReleaseFlags,
  output: Output,
): Promise<void> {
  const { destinationId, owner } = active;
  if (flags.riskTwoActive !== undefined && flags.riskTwoActive !== destinationId) {
    throw new ProviderError("INVALID_INPUT", {
      operation: "--risk-two-active names another destination than the active one",
      target: flags.riskTwoActive,
      hint: `the active destination is ${destinationId}: give its id only if you know that no stack has it.`,
    });
  }
  const found = await findHolder({ claimName, destinationId, owner }, flags.cwd);
  switch (found.kind) {
    case "held":
      throw new ProviderError("UNPROVEN", {
        operation: "a stack still has this destination",
        target: found.stack,
        hint: `remove ${found.urn} from that stack's program and run \`pulumi up\` there: that frees the claim.`,
      });
    case "moved":
      output.tell(`stack ${found.stack} made this destination, and its state does not have it any more`, {
        stack: "without it",
      });
      return;
    case "unknown":
      output.tell(`not proved that no stack has this destination: ${found.because}`, { stack: "unknown" });
      if (flags.riskTwoActive === destinationId) return;
      throw new ProviderError("UNPROVEN", {
        operation: "a stack may still have this destination",
        target: owner.place,
        hint: `log in to the backend of that stack (\`pulumi login\`) and run this again there; or, only if you know that the stack is gone, add --risk-two-active ${destinationId}. If the stack exists after all, two destinations are active.`,
      });
  }
}

async function requireNothingLive(
  { name, secretName, secretArn }: Active,
  claimName: string,
  settings: ReturnType<typeof readAwsFlags>,
  output: Output,
): Promise<void> {
  const { withAws } = await import("../../provider/aws/with-aws.js");
  const { ensureNoLiveRun } = await import("../../provider/export-destination/glue-guard.js");
  await withAws(settings, async (aws) => {
    const secretIds = [secretName, claimName, ...(secretArn === undefined ? [] : [secretArn])];
    const say = (line: string) => output.tell(line, { warning: line });
    const destination = { name, watched: undefined, secretIds };
    await ensureNoLiveRun(await aws.glue(), destination, { report: say, warn: say });
  });
}

async function confirm({ destinationId }: Active, output: Output): Promise<boolean> {
  output.end();
  if (!process.stdin.isTTY) {
    throw new ProviderError("INVALID_INPUT", {
      operation: "there is no terminal to ask for confirmation",
      target: "--yes",
      hint: "run this in a terminal, or add --yes.",
    });
  }
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  // Ctrl-C and Ctrl-D close the prompt; whether they reject the question too depends on the version of Node.
  const closed = once(prompt, "close").then(() => "");
  try {
    const answer = prompt.question(toOneLine(`Type ${destinationId} to free it: `)).catch(() => "");
    return (await Promise.race([answer, closed])).trim() === destinationId;
  } finally {
    prompt.close();
  }
}
