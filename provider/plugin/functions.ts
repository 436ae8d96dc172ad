import { ProviderError } from "../core/errors.js";
import type { Operation } from "../engine/operation.js";
import type { Properties } from "../engine/resource.js";

type Listing = (args: Properties, operation: Operation) => Promise<Properties>;

/** By token. */
const functions: Readonly<Record<string, Listing>> = {
  "snowflake-secrets:index:listSnowflakeDatabases": async ({ connection }, operation) => {
    const { listDatabaseNames } = await import("../snowflake/catalog.js");
    return { databases: await withConnection(connection, operation, listDatabaseNames) };
  },
  "snowflake-secrets:index:listSnowflakeSchemas": async ({ database, connection }, operation) => {
    const { listSchemaNames } = await import("../snowflake/catalog.js");
    if (typeof database !== "string" || database === "") {
      throw new ProviderError("INVALID_INPUT", {
        operation: "list the schemas of a database",
        hint: "database: must be the exact name, a string.",
      });
    }
    const list = (session: Session) => listSchemaNames(session, database);
    return { schemas: await withConnection(connection, operation, list) };
  },
  "snowflake-secrets:index:listExportDestinations": async (query) => {
    const { listDestinations } = await import("../export-destination/listing.js");
    return { destinations: await listDestinations(query as never) };
  },
  "snowflake-secrets:index:getExportDestination": async (query) => {
    const { getDestination } = await import("../export-destination/listing.js");
    return { ...(await getDestination(query as never)) };
  },
};

/** @throws `INVALID_INPUT` for a function that is not there, and what the function throws */
export function invokeFunction(token: string, args: Properties, operation: Operation): Promise<Properties> {
  const found = Object.hasOwn(functions, token) ? functions[token] : undefined;
  if (found !== undefined) return found(args, operation);
  throw new ProviderError("INVALID_INPUT", {
    operation: "there is no such function in snowflake-secrets",
    target: token,
    hint: `there are: ${Object.keys(functions).join(", ")}.`,
  });
}

type Session = import("../snowflake/session.js").SnowflakeSession;

async function withConnection<T>(
  argument: unknown,
  { config }: Operation,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const { withSession } = await import("../snowflake/with-session.js");
  return await withSession({ argument, config }, work);
}
