import type { Command } from "commander";
import { ProviderError } from "../../provider/core/errors.js";
import type { SchemaName } from "../../provider/snowflake/statements.js";
import { listenForSignals } from "./auto-sync/signals.js";
import { type ConnectionFlags, readConnectionSources } from "./cli-connection.js";
import type { CommandContext } from "./command-context.js";
import {
  type AwsFlags,
  addAllowCommandOption,
  addAwsOptions,
  addConnectionOptions,
  addJsonOption,
  addProjectOption,
  readAwsFlags,
} from "./common-options.js";
import { checkAws } from "./doctor/aws.js";
import { asBadCheck, type Check, renderChecks } from "./doctor/check.js";
import type { DeepOptions } from "./doctor/deep.js";
import { checkMachine } from "./doctor/machine.js";
import { checkSnowflake, type ExaminedSchema } from "./doctor/snowflake.js";
import { checkSources, type SourcePlace } from "./doctor/sources.js";
import { exitCodes } from "./exit-codes.js";
import { destinationTypes } from "./resource-types.js";
import { openStack } from "./stack-access.js";
import { readStackSyncs, type StackSync } from "./stack-syncs.js";

interface DoctorFlags extends ConnectionFlags, AwsFlags {
  readonly database?: string;
  readonly schema?: string;
  readonly aws?: boolean;
  readonly deep?: boolean;
  readonly allowCommand?: readonly string[];
}

/** `doctor`: whether this machine and these credentials can do the job, on one screen. */
export function addDoctorCommand(program: Command, { run }: CommandContext): void {
  const command = program
    .command("doctor")
    .description("check this machine, the connection, the sources and AWS")
    .option("--stack <name>", "check this stack's config, schemas and sources too")
    .option("--database <name>", "with --schema: a schema to check, by exact names")
    .option("--schema <name>", "with --database")
    .option(
      "--deep",
      "with --database and --schema: also create secrets of its own there, see what Snowflake does, and remove them",
    )
    .option("--aws", "check AWS although the stack has no export destination");
  addJsonOption(addAwsOptions(addAllowCommandOption(addProjectOption(addConnectionOptions(command))))).action(
    async (flags: DoctorFlags) => {
      await run(command, "doctor", async (output) => {
        output.progress("checking Node, Pulumi, Snowflake, AWS and the sources …");
        const checks = await examine(flags);
        output.tell(renderChecks(checks), { checks });
        return checks.some(({ status }) => status === "bad") ? exitCodes.unwell : exitCodes.done;
      });
    },
  );
}

async function examine(flags: DoctorFlags): Promise<Check[]> {
  const given = readPlace(flags);
  if (flags.deep !== true) return examineAll(flags, given);
  const [schema] = given;
  if (schema === undefined) {
    throw new ProviderError("INVALID_INPUT", {
      operation: "--deep needs a schema",
      target: "--database, --schema",
      hint: "give a schema in which the role may create secrets.",
    });
  }
  const signals = listenForSignals();
  try {
    return await examineAll(flags, given, { schema, stopping: signals.stopping });
  } finally {
    signals.release();
  }
}

async function examineAll(
  flags: DoctorFlags,
  given: readonly SchemaName[],
  deep?: DeepOptions,
): Promise<Check[]> {
  const machine = await checkMachine();
  const { checks, syncs, place, hasDestinations } = await readStack(flags);
  const places = groupBySchema([
    ...given.map((place) => ({ place, ownerIds: [] })),
    ...syncs.map(({ destination, ownerId }) => ({ place: destination, ownerIds: [ownerId] })),
  ]);
  const sources = await readConnectionSources(checks.length > 0 ? withoutStack(flags) : flags);
  const readsAws = flags.aws === true || hasDestinations || Object.keys(readAwsFlags(flags)).length > 0;
  const [snowflake, fromSources, aws] = await Promise.all([
    checkSnowflake(sources, places, deep),
    checkSources(syncs, place, describeStack(flags, checks)),
    readsAws
      ? checkAws(readAwsFlags(flags))
      : [
          {
            area: "AWS",
            status: "skipped" as const,
            detail: "not checked: give --aws, or a stack with export destinations",
          },
        ],
  ]);
  return [...machine, ...checks, ...snowflake, ...fromSources, ...aws];
}

function readPlace({ database, schema }: DoctorFlags): SchemaName[] {
  if (database && schema) return [{ database, schema }];
  if (database === undefined && schema === undefined) return [];
  throw new ProviderError("INVALID_INPUT", {
    operation: "--database and --schema belong together",
    target: "--database, --schema",
    hint: "give both, or none.",
  });
}

async function readStack({ stack: stackName, cwd, allowCommand: allowedCommands }: DoctorFlags): Promise<{
  checks: Check[];
  syncs: StackSync[];
  place: SourcePlace;
  hasDestinations: boolean;
}> {
  const nothing = {
    syncs: [],
    place: { programDirectory: cwd, mayRun: () => false },
    hasDestinations: false,
  };
  if (stackName === undefined) return { ...nothing, checks: [] };
  try {
    const stack = await openStack({ stackName, project: cwd, allowedCommands });
    const resources = await stack.readResources();
    return {
      checks: [],
      syncs: readStackSyncs(resources),
      place: stack,
      hasDestinations: resources.some(({ type }) => destinationTypes.has(type)),
    };
  } catch (error) {
    return { ...nothing, checks: [asBadCheck("stack", error)] };
  }
}

function describeStack(
  { stack }: DoctorFlags,
  problems: readonly Check[],
): "not given" | "not read" | "read" {
  if (stack === undefined) return "not given";
  return problems.length > 0 ? "not read" : "read";
}

// A stack that cannot be read has no config either; the other links may still do.
function withoutStack({ stack: _, ...flags }: DoctorFlags): DoctorFlags {
  return flags;
}

function groupBySchema(
  parts: readonly { place: SchemaName; ownerIds: readonly string[] }[],
): ExaminedSchema[] {
  const byName = new Map<string, { place: SchemaName; ownerIds: Set<string> }>();
  for (const { place, ownerIds } of parts) {
    const key = JSON.stringify([place.database, place.schema]);
    const found = byName.get(key) ?? { place, ownerIds: new Set<string>() };
    for (const ownerId of ownerIds) found.ownerIds.add(ownerId);
    byName.set(key, found);
  }
  return [...byName.values()];
}
