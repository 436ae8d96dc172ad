import { type Command, Option } from "commander";
import { isProviderError, ProviderError } from "../../provider/core/errors.js";
import type { SnowflakeSession } from "../../provider/snowflake/driver/session.js";
import { quoteIdentifier } from "../../provider/snowflake/statements.js";
import { type ConnectionFlags, readConnectionSources } from "./cli-connection.js";
import type { CommandContext } from "./command-context.js";
import { addAwsOptions, addConnectionOptions, addJsonOption, addProjectOption } from "./common-options.js";
import { exitCodes } from "./exit-codes.js";
import { type DestinationFlags, tellDestinations } from "./list-destinations.js";
import { tellSecrets } from "./list-secrets.js";
import type { Output } from "./output.js";

/** `list databases`, `schemas`, `secrets` and `destinations`, A to Z or the active ones first. */
export function addListCommand(program: Command, context: CommandContext): void {
  const list = program
    .command("list")
    .description("list databases, schemas, secrets and export destinations");
  addDatabases(list, context);
  addSchemas(list, context);
  addSecrets(list, context);
  addDestinations(list, context);
}

function addDatabases(list: Command, { run }: CommandContext): void {
  const command = list
    .command("databases")
    .description("the databases that the connection's role may see, A to Z");
  addSnowflakeOptions(command).action(async (flags: ConnectionFlags) => {
    await run(command, "list databases", async (output) => {
      const { listDatabaseNames } = await import("../../provider/snowflake/catalog.js");
      tellNames(output, "databases", await askSnowflake(flags, output, listDatabaseNames));
      return exitCodes.done;
    });
  });
}

function addSchemas(list: Command, { run }: CommandContext): void {
  const command = list
    .command("schemas")
    .description("the schemas of a database that the connection's role may see, A to Z")
    .argument("<database>", "its exact name, upper and lower case included");
  addSnowflakeOptions(command).action(async (database: string, flags: ConnectionFlags) => {
    await run(command, "list schemas", async (output) => {
      requireName("<database>", database);
      const names = await askSnowflake(flags, output, (session) => listSchemas(session, database));
      tellNames(output, "schemas", names);
      return exitCodes.done;
    });
  });
}

type SecretFlags = ConnectionFlags & { readonly database: string; readonly schema: string };

function addSecrets(list: Command, { run }: CommandContext): void {
  const command = list
    .command("secrets")
    .summary("the secrets of a schema that the role may see, by the stack that manages them")
    .description(
      "the secrets of a schema that the role may see, by the stack that manages them, with the time of creation (Snowflake keeps no time of the last change); never a value",
    )
    .requiredOption("--database <name>", "its exact name, upper and lower case included")
    .requiredOption("--schema <name>", "its exact name, upper and lower case included");
  addSnowflakeOptions(command).action(async (flags: SecretFlags) => {
    await run(command, "list secrets", async (output) => {
      requireName("--database", flags.database);
      requireName("--schema", flags.schema);
      await askSnowflake(flags, output, (session) => tellSecrets(session, flags, output));
      return exitCodes.done;
    });
  });
}

function addDestinations(list: Command, { run }: CommandContext): void {
  const command = list
    .command("destinations")
    .description("an organization's export destinations, active ones first, then archived ones")
    .requiredOption("--organization <id>", "the organization's id")
    .option("--prefix <prefix>", "the secretNamePrefix of the destinations")
    .option("--destination <id>", "only this one");
  addJsonOption(addAwsOptions(command)).action(async (flags: DestinationFlags) => {
    await run(command, "list destinations", async (output) => {
      output.progress("asking AWS …");
      await tellDestinations(flags, output);
      return exitCodes.done;
    });
  });
}

async function askSnowflake<T>(
  flags: ConnectionFlags,
  output: Output,
  work: (session: SnowflakeSession) => Promise<T>,
): Promise<T> {
  const { withSession } = await import("../../provider/snowflake/driver/with-session.js");
  output.progress("asking Snowflake …");
  // No value of a secret is held here.
  return await withSession(await readConnectionSources(flags), work, { isSafeToPrint: () => true });
}

/** Names a database that is not there as a person can mend it. */
async function listSchemas(session: SnowflakeSession, database: string): Promise<string[]> {
  const { listDatabaseNames, listSchemaNames } = await import("../../provider/snowflake/catalog.js");
  try {
    return await listSchemaNames(session, database);
  } catch (error) {
    if (!isProviderError(error) || error.code !== "NOT_FOUND") throw error;
    const names = await listDatabaseNames(session);
    const other = names.find((name) => name.toUpperCase() === database.toUpperCase());
    throw new ProviderError("NOT_FOUND", {
      operation: "the database does not exist, or the role may not use it",
      target: quoteIdentifier(database),
      hint:
        other === undefined || other === database
          ? "give a name that `list databases` shows, or grant the role USAGE on the database."
          : `did you mean ${quoteIdentifier(other)}? Names are exact, upper and lower case included.`,
    });
  }
}

function requireName(argument: string, name: string): void {
  if (name !== "") return;
  throw new ProviderError("INVALID_INPUT", {
    operation: "the name is empty",
    target: argument,
    hint: "give the exact name, upper and lower case included.",
  });
}

function addSnowflakeOptions(command: Command): Command {
  return addJsonOption(addProjectOption(addConnectionOptions(command))).addOption(
    new Option("--stack <name>", "use this stack's config for the connection"),
  );
}

function tellNames(output: Output, kind: string, names: readonly string[]): void {
  const data = { [kind]: names };
  if (names.length === 0) output.tellNothing(`no ${kind} found that the role may see`, data);
  else output.tell(names, data);
}
