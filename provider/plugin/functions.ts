import * as z from "zod";
import { ProviderError } from "../core/errors.js";
import { buildFailures } from "../engine/failures.js";
import type { Operation } from "../engine/operation.js";
import type { Properties } from "../engine/resource.js";

type Listing = (args: Properties, operation: Operation) => Promise<Properties>;

/** By token. */
const functions: Readonly<Record<string, Listing>> = {
  "snowflake-secrets:index:listSnowflakeDatabases": async (args, operation) => {
    const { connection } = parse(databasesQuery, args);
    const { listDatabaseNames } = await import("../snowflake/catalog.js");
    return { databases: await withConnection(connection, operation, listDatabaseNames) };
  },
  "snowflake-secrets:index:listSnowflakeSchemas": async (args, operation) => {
    const { database, connection } = parse(schemasQuery, args);
    const { listSchemaNames } = await import("../snowflake/catalog.js");
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

// What a connection may be, whoever opens it knows.
const databasesQuery = z.strictObject({ connection: z.unknown().optional() });
const nameRule = "must be the exact name, a string.";
const schemasQuery = databasesQuery.extend({ database: z.string(nameRule).min(1, nameRule) });

function parse<T>(schema: z.ZodType<T>, args: Properties): T {
  const parsed = schema.safeParse(args);
  if (parsed.success) return parsed.data;
  const reasons = buildFailures(parsed.error, [], args, schema).map(({ reason }) => reason);
  throw new ProviderError("INVALID_INPUT", {
    operation: "the arguments of the listing are not valid",
    hint: reasons.join(" "),
  });
}

/** @throws `INVALID_INPUT` for a function that is not there, and what the function throws */
export function invokeFunction(token: string, args: Properties, operation: Operation): Promise<Properties> {
  const found = Object.hasOwn(functions, token) ? functions[token] : undefined;
  if (found !== undefined) return found(args, operation);
  throw new ProviderError("INVALID_INPUT", {
    operation: "snowflake-secrets has no such function",
    target: token,
    hint: `use one of: ${Object.keys(functions).join(", ")}.`,
  });
}

type Session = import("../snowflake/driver/session.js").SnowflakeSession;

async function withConnection<T>(
  argument: unknown,
  { config }: Operation,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const { withSession } = await import("../snowflake/driver/with-session.js");
  return await withSession({ argument, config }, work);
}
