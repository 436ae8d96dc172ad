import type { Bind, Connection, ConnectionOptions, RowStatement, SnowflakeError } from "snowflake-sdk";

/** What the driver's callback gave: rows, or the error as the driver made it. */
export type DriverOutcome = { readonly rows: readonly Row[] } | { readonly error: SnowflakeError };
export type Row = Readonly<Record<string, unknown>>;

/** Loads snowflake-sdk without its log file, its console output and its look for a cloud's metadata service. */
async function loadDriver(): Promise<typeof import("snowflake-sdk")> {
  process.env.SNOWFLAKE_DISABLE_PLATFORM_DETECTION = "true";
  process.env.SF_TELEMETRY_DISABLE_CONNECTION_SHAPE = "1";
  const { default: driver } = await import("snowflake-sdk");
  driver.configure({ logLevel: "OFF", additionalLogToConsole: false });
  return driver;
}

/** Opens a session with the unmodified Node driver. @throws the driver's own error for a refused log-in */
export async function connectDriver(options: ConnectionOptions): Promise<Connection> {
  const driver = await loadDriver();
  const connection = driver.createConnection(options);
  return new Promise((opened, refused) => {
    connection.connect((error) =>
      error === undefined || error === null ? opened(connection) : refused(error),
    );
  });
}

/** Runs a statement; a refused one is an outcome, not an exception. */
export function runStatement(
  connection: Connection,
  sqlText: string,
  binds: readonly Bind[] = [],
  options: { readonly parameters?: Record<string, unknown>; readonly asyncExec?: boolean } = {},
): Promise<DriverOutcome> {
  return new Promise((done) => {
    connection.execute({
      sqlText,
      ...(binds.length === 0 ? {} : { binds: [...binds] }),
      ...options,
      complete: (error, _statement: RowStatement, rows) =>
        done(error === undefined || error === null ? { rows: (rows ?? []) as readonly Row[] } : { error }),
    });
  });
}

/** Runs a statement that must succeed. */
export async function queryRows(
  connection: Connection,
  sqlText: string,
  binds: readonly Bind[] = [],
): Promise<readonly Row[]> {
  const outcome = await runStatement(connection, sqlText, binds);
  if ("error" in outcome) throw outcome.error;
  return outcome.rows;
}

/** The code and sqlState with which a statement is refused. */
export async function refusalOf(
  connection: Connection,
  sqlText: string,
  binds: readonly Bind[] = [],
): Promise<{ code: unknown; sqlState: unknown }> {
  const outcome = await runStatement(connection, sqlText, binds);
  if ("rows" in outcome) throw new Error(`The statement was not refused: ${sqlText}`);
  return { code: outcome.error.code, sqlState: outcome.error.sqlState };
}

/** Ends the session. */
export function closeDriver(connection: Connection): Promise<void> {
  return new Promise((closed) => {
    connection.destroy(() => closed());
  });
}
