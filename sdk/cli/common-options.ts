import { availableParallelism } from "node:os";
import { type Command, InvalidArgumentError, Option } from "commander";

/** `--json`, which every command has. */
export function addJsonOption(command: Command): Command {
  return command.option("--json", "write JSON, one document per line, instead of text");
}

/** What neither `sync` nor `auto-sync` can do. */
export const programValuesHelp = `
Values of \`secrets\` come from the program: only \`pulumi up\` writes them.`;

/** `--cwd`: the folder of Pulumi.yaml. */
export function addProjectOption(command: Command): Command {
  return command.addOption(
    new Option("--cwd <folder>", "the folder of Pulumi.yaml").default(".", "this folder"),
  );
}

/** `--allow-command`: whoever may write a stack's state must not get to run programs on this machine. */
export function addAllowCommandOption(command: Command): Command {
  return command.option(
    "--allow-command <program...>",
    "programs that a source of type command may run here, as its command names them (default: none)",
  );
}

/** `--profile`: a connection of Snowflake's connections.toml. */
export function addConnectionOptions(command: Command): Command {
  return command.option(
    "--profile <name>",
    "a connection of Snowflake's connections.toml; overrides all other settings",
  );
}

/** `--stack`, `--all`, `--file`, `--project-dir` and `--cwd`: what `chooseStacks` takes; and `--concurrency`. */
export function addStackChoiceOptions(command: Command): Command {
  return addProjectOption(command)
    .option("--stack <name...>", "the stacks")
    .option("--all", "all stacks of the project, also those that are added later")
    .option("--file <path>", "a JSON file that lists projects, stacks and the variables of each")
    .option("--project-dir <folder...>", "several folders of Pulumi.yaml, in place of --cwd")
    .addOption(
      new Option("--concurrency <number>", "how many runs of Pulumi at once")
        .argParser(parseConcurrency)
        .default(availableParallelism(), "the number of processors"),
    );
}

function parseConcurrency(text: string): number {
  const number = Number(text);
  if (!/^\d{1,3}$/.test(text) || number < 1) throw new InvalidArgumentError("Give a number from 1 to 999.");
  return number;
}

/** Parses "30", "30s", "5m", "1h" into milliseconds. */
export function parseDuration(text: string): number {
  const match = /^(\d{1,6})(ms|s|m|h)?$/.exec(text);
  const ms = Number(match?.[1]) * (unitsMs[match?.[2] ?? "s"] ?? Number.NaN);
  if (!Number.isFinite(ms) || ms < 100 || ms > 86_400_000) {
    throw new InvalidArgumentError("Give a time like 30s, 5m or 1h, at most a day.");
  }
  return ms;
}

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Parses "8080" or "127.0.0.1:8080". */
export function parseListenAddress(text: string): { host: string; port: number } {
  const match = /^(?:(.+):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port > 65_535) throw new InvalidArgumentError("Give a port, or host:port.");
  return { host: match[1] ?? "127.0.0.1", port };
}

/** Which AWS is meant; what is absent comes from AWS's own chain. */
export interface AwsFlags {
  readonly awsRegion?: string;
  readonly awsProfile?: string;
  readonly awsEndpoint?: string;
  readonly awsRole?: string;
}

/** `--aws-region`, `--aws-profile`, `--aws-role`, `--aws-endpoint`. */
export function addAwsOptions(command: Command): Command {
  return command
    .option("--aws-region <region>", "AWS region (default: AWS's own chain)")
    .option("--aws-profile <profile>", "AWS profile")
    .option("--aws-role <arn>", "AWS role to assume")
    .option("--aws-endpoint <url>", "address of every AWS service, for an emulator or an interface endpoint");
}

/** What the flags say of AWS, as the settings of `withAws`. */
export function readAwsFlags({ awsRegion, awsProfile, awsEndpoint, awsRole }: AwsFlags): {
  region?: string;
  profile?: string;
  endpoint?: string;
  assumeRoleArn?: string;
} {
  return {
    ...(awsRegion === undefined ? {} : { region: awsRegion }),
    ...(awsProfile === undefined ? {} : { profile: awsProfile }),
    ...(awsEndpoint === undefined ? {} : { endpoint: awsEndpoint }),
    ...(awsRole === undefined ? {} : { assumeRoleArn: awsRole }),
  };
}
