import * as pulumi from "@pulumi/pulumi";
import type {
  Connection,
  GetExportDestinationQuery,
  ListExportDestinationsQuery,
  ListedDestination,
} from "./generated/types.js";

/**
 * Lists the databases that the connection's role may see, A to Z, without `SNOWFLAKE` and `SNOWFLAKE_SAMPLE_DATA`;
 * complete, however many there are.
 *
 * @param connection plain values, merged with Pulumi config, `SNOWFLAKE_*` and `connections.toml` as for a sync;
 *   for an output use `output.apply((connection) => listSnowflakeDatabases(connection))`.
 * @throws ProviderError `CONNECTION_INCOMPLETE`, `AUTHENTICATION_FAILED`, `NETWORK_POLICY`, `UNREACHABLE`, `TIMED_OUT`
 */
export async function listSnowflakeDatabases(connection?: Connection): Promise<string[]> {
  const { listDatabaseNames } = await import("../provider/snowflake/catalog.js");
  return await withProgramSession(connection, (session) => listDatabaseNames(session));
}

/**
 * Lists the schemas of a database, given by its exact name, that the connection's role may see, A to Z, without
 * `INFORMATION_SCHEMA`.
 *
 * @throws ProviderError `NOT_FOUND` for a database that does not exist or that the role may not see, and as
 *   `listSnowflakeDatabases`.
 */
export async function listSnowflakeSchemas(database: string, connection?: Connection): Promise<string[]> {
  const { listSchemaNames } = await import("../provider/snowflake/catalog.js");
  return await withProgramSession(connection, (session) => listSchemaNames(session, database));
}

/**
 * Lists the export destinations of an organization, active ones first, then archived ones, the latest first; none of
 * their fields is secret.
 *
 * @throws ProviderError `INVALID_INPUT`, `AWS_FAILED`
 */
export async function listExportDestinations(
  query: ListExportDestinationsQuery,
): Promise<readonly ListedDestination[]> {
  const { listDestinations } = await import("../provider/export-destination/listing.js");
  return await listDestinations(query);
}

/**
 * Finds one export destination, active or archived.
 *
 * @throws ProviderError `NOT_FOUND`, and as `listExportDestinations`
 */
export async function getExportDestination(query: GetExportDestinationQuery): Promise<ListedDestination> {
  const { getDestination } = await import("../provider/export-destination/listing.js");
  return await getDestination(query);
}

type Session = import("../provider/snowflake/driver/session.js").SnowflakeSession;

async function withProgramSession<T>(
  argument: Connection | undefined,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const { withSession } = await import("../provider/snowflake/driver/with-session.js");
  const config = new pulumi.Config("snowflake");
  return await withSession(
    { argument, config: { get: (name) => config.get(name.replace(/^snowflake:/, "")) } },
    work,
  );
}
