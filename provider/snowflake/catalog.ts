import { ProviderError } from "../core/errors.js";
import type { SnowflakeSession } from "./driver/session.js";
import { buildShowDatabases, buildShowSchemas, type Statement } from "./statements.js";

// Snowflake's own databases and the schema that every database has; nobody syncs into them.
const hiddenDatabases: ReadonlySet<string> = new Set(["SNOWFLAKE", "SNOWFLAKE_SAMPLE_DATA"]);
const hiddenSchemas: ReadonlySet<string> = new Set(["INFORMATION_SCHEMA"]);

/** Rows per SHOW; the most that Snowflake gives at once is 10,000. */
const defaultPageSize = 1_000;

interface PageOptions {
  /** @default 1_000 */
  readonly pageSize?: number;
}

/** The databases that the role may see, A to Z, without Snowflake's own; complete, however many there are. */
export async function listDatabaseNames(
  session: Pick<SnowflakeSession, "execute">,
  { pageSize = defaultPageSize }: PageOptions = {},
): Promise<string[]> {
  const names = await listAll(session, pageSize, buildShowDatabases);
  return names.filter((name) => !hiddenDatabases.has(name));
}

/** The schemas of a database (by its exact name) that the role may see, A to Z, without INFORMATION_SCHEMA. */
export async function listSchemaNames(
  session: Pick<SnowflakeSession, "execute">,
  database: string,
  { pageSize = defaultPageSize }: PageOptions = {},
): Promise<string[]> {
  const names = await listAll(session, pageSize, (page) => buildShowSchemas(database, page));
  return names.filter((name) => !hiddenSchemas.has(name));
}

type BuildPage = (page: { limit: number; after?: string }) => Statement;

const maxAttempts = 3;

async function listAll(
  session: Pick<SnowflakeSession, "execute">,
  pageSize: number,
  build: BuildPage,
): Promise<string[]> {
  for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
    const names = await tryListAll(session, pageSize, build);
    // Not localeCompare: the order must not depend on the machine.
    if (names !== undefined) return [...names].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  }
  const { operation, target } = build({ limit: pageSize });
  throw new ProviderError("UNPROVEN", {
    operation: `${operation}: objects were created or dropped while it was read`,
    target,
    hint: "run again when no one creates or drops databases and schemas.",
    retryable: true,
  });
}

/**
 * FROM continues behind the first row that begins with its text. If that row was dropped in between, a longer name
 * matches and is skipped. So a page starts behind the last but one name that we have, and must begin with the last
 * one: without this overlap a row may be lost, and the listing counts as failed (undefined).
 */
async function tryListAll(
  session: Pick<SnowflakeSession, "execute">,
  pageSize: number,
  build: BuildPage,
): Promise<Set<string> | undefined> {
  const names = new Set<string>();
  let page = await readPage(session, build({ limit: pageSize }));
  for (const name of page) names.add(name);
  while (page.length === pageSize) {
    const [after, last] = page.slice(-2);
    if (after === undefined || last === undefined) return undefined;
    page = await readPage(session, build({ limit: pageSize, after }));
    if (!page.includes(last)) return undefined;
    const before = names.size;
    for (const name of page) names.add(name);
    if (names.size === before && page.length === pageSize) return undefined;
  }
  return names;
}

async function readPage(session: Pick<SnowflakeSession, "execute">, statement: Statement): Promise<string[]> {
  const rows = await session.execute(statement);
  return rows.map((row) => String(row.name));
}
