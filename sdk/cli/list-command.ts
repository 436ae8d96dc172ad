import { type Command, Option } from "commander";
import type { ListedDestination } from "../../provider/export-destination/listing.js";
import { type ConnectionFlags, readConnectionSources } from "./cli-connection.js";
import {
  type AwsFlags,
  addAwsOptions,
  addConnectionOptions,
  addJsonOption,
  addProjectOption,
  readAwsFlags,
} from "./common-options.js";
import { exitCodes } from "./exit-codes.js";
import type { CommandContext } from "./main.js";
import { createOutput, type Output } from "./output.js";

type ListFlags = ConnectionFlags & { readonly json?: boolean };

/** `list databases`, `list schemas` and `list destinations`, A to Z or the active ones first. */
export function addListCommand(program: Command, context: CommandContext): void {
  const list = program.command("list").description("list what a stack can refer to");
  addDatabases(list, context);
  addSchemas(list, context);
  addDestinations(list, context);
}

function addDatabases(list: Command, { streams, run }: CommandContext): void {
  const command = list
    .command("databases")
    .description("the databases that the connection's role may see, A to Z");
  addSnowflakeOptions(command).action(async (flags: ListFlags) => {
    await run(command, "list databases", async () => {
      const { listDatabaseNames } = await import("../../provider/snowflake/catalog.js");
      const { withSession } = await import("../../provider/snowflake/with-session.js");
      const names = await withSession(await readConnectionSources(flags), (session) =>
        listDatabaseNames(session),
      );
      tellNames(createOutput(flags.json === true, streams), "databases", names);
      return exitCodes.done;
    });
  });
}

function addSchemas(list: Command, { streams, run }: CommandContext): void {
  const command = list
    .command("schemas")
    .description("the schemas of a database that the connection's role may see, A to Z")
    .argument("<database>", "its exact name, upper and lower case included");
  addSnowflakeOptions(command).action(async (database: string, flags: ListFlags) => {
    await run(command, "list schemas", async () => {
      const { listSchemaNames } = await import("../../provider/snowflake/catalog.js");
      const { withSession } = await import("../../provider/snowflake/with-session.js");
      const sources = await readConnectionSources(flags);
      const names = await withSession(sources, (session) => listSchemaNames(session, database));
      tellNames(createOutput(flags.json === true, streams), "schemas", names);
      return exitCodes.done;
    });
  });
}

interface DestinationFlags extends AwsFlags {
  readonly organization: string;
  readonly prefix?: string;
  readonly destination?: string;
  readonly json?: boolean;
}

function addDestinations(list: Command, { streams, run }: CommandContext): void {
  const command = list
    .command("destinations")
    .description("an organization's export destinations, active ones first, then archived ones")
    .requiredOption("--organization <id>", "the organization's id")
    .option("--prefix <prefix>", "the secretNamePrefix of the destinations")
    .option("--destination <id>", "only this one");
  addJsonOption(addAwsOptions(command)).action(async (flags: DestinationFlags) => {
    await run(command, "list destinations", async () => {
      const { getDestination, listDestinations } = await import(
        "../../provider/export-destination/listing.js"
      );
      const query = {
        organizationId: flags.organization,
        aws: readAwsFlags(flags),
        ...(flags.prefix === undefined ? {} : { secretNamePrefix: flags.prefix }),
      };
      const found =
        flags.destination === undefined
          ? await listDestinations(query)
          : [await getDestination({ ...query, destinationId: flags.destination })];
      const output = createOutput(flags.json === true, streams);
      if (output.isJson) output.tell("", { destinations: found });
      else output.tell(found.map(describeDestination).join("\n") || "there are none", {});
      return exitCodes.done;
    });
  });
}

function describeDestination(destination: ListedDestination): string {
  const { integrationStatus, type, name, destinationId, place, createdAt, archivedAt } = destination;
  const since = archivedAt === undefined ? `since ${createdAt ?? "?"}` : `archived ${archivedAt}`;
  return [integrationStatus.padEnd(12), type.padEnd(10), name, destinationId, since, place ?? ""]
    .join("  ")
    .trimEnd();
}

function addSnowflakeOptions(command: Command): Command {
  return addJsonOption(addProjectOption(addConnectionOptions(command))).addOption(
    new Option("--stack <name>", "use this stack's config for the connection"),
  );
}

function tellNames(output: Output, kind: string, names: readonly string[]): void {
  if (output.isJson) output.tell("", { [kind]: names });
  else for (const name of names) output.tell(name, {});
}
