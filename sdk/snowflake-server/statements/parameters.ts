import { buildLike } from "../like.js";
import { type Column, column, type ResultSet } from "../results.js";
import type { ShowParameters } from "../sql/statements.js";
import { SqlError } from "../sql-error.js";
import type { StatementContext } from "./context.js";

/** The value of a session parameter. */
export type ParameterValue = string | number | boolean;

/** The parameters that this server knows, with their defaults. Only some of them change what it does. */
const DEFAULTS: ReadonlyMap<string, ParameterValue> = new Map<string, ParameterValue>([
  ["ABORT_DETACHED_QUERY", false],
  ["ALLOW_CLIENT_MFA_CACHING", false],
  ["ALLOW_ID_TOKEN", false],
  ["AUTOCOMMIT", true],
  ["CLIENT_PREFETCH_THREADS", 4],
  ["CLIENT_SESSION_KEEP_ALIVE", false],
  ["CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY", 3600],
  ["CLIENT_TELEMETRY_ENABLED", false],
  ["DATE_OUTPUT_FORMAT", "YYYY-MM-DD"],
  ["LOCK_TIMEOUT", 43_200],
  ["MULTI_STATEMENT_COUNT", 1],
  ["PYTHON_CONNECTOR_QUERY_RESULT_FORMAT", "json"],
  ["GO_QUERY_RESULT_FORMAT", "json"],
  ["QUERY_CONTEXT_CACHE_SIZE", 0],
  ["QUERY_TAG", ""],
  ["QUOTED_IDENTIFIERS_IGNORE_CASE", false],
  ["ROWS_PER_RESULTSET", 0],
  ["STATEMENT_TIMEOUT_IN_SECONDS", 172_800],
  ["STRICT_JSON_OUTPUT", false],
  ["TIMESTAMP_INPUT_FORMAT", "AUTO"],
  ["TIMESTAMP_LTZ_OUTPUT_FORMAT", ""],
  ["TIMESTAMP_OUTPUT_FORMAT", "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM"],
  ["TIMEZONE", "Etc/UTC"],
]);

/** The parameters of a session: what it set itself, else what its user or account had when it began. */
export class SessionParameters {
  readonly #own = new Map<string, ParameterValue>();
  readonly #inherited: ReadonlyMap<string, ParameterValue>;

  constructor(inherited: ReadonlyMap<string, ParameterValue> = new Map()) {
    this.#inherited = inherited;
  }

  get(name: string): ParameterValue | undefined {
    return this.#own.get(name) ?? this.#inherited.get(name) ?? DEFAULTS.get(name);
  }

  /** @throws SqlError 001006 for a parameter that is not known, 001008 for a value of another type */
  set(name: string, text: string): void {
    setParameter(this.#own, name, text);
  }

  /** Back to what was inherited. @throws SqlError 001006 for a parameter that is not known */
  unset(name: string): void {
    if (!DEFAULTS.has(name)) throw invalidParameter(name);
    this.#own.delete(name);
  }

  /** All of them, as answers carry them; Node cannot read a timestamp without TIMEZONE. */
  list(): { name: string; value: ParameterValue }[] {
    return [...DEFAULTS].map(([name, value]) => ({ name, value: this.get(name) ?? value }));
  }
}

const PARAMETER_COLUMNS = ["key", "value", "default", "level", "description", "type"].map((name) =>
  column(name),
);

/** SHOW PARAMETERS of the session or the account. */
export function showParameters(
  { session, catalog }: StatementContext,
  { like, scope }: ShowParameters,
): ResultSet {
  const fits = like === undefined ? () => true : buildLike(like);
  const rows = [...DEFAULTS].flatMap(([name, initial]) => {
    if (!fits(name)) return [];
    const ofAccount = catalog.parameters.get(name);
    const value = scope === "account" ? (ofAccount ?? initial) : (session.parameters.get(name) ?? initial);
    const level = value === initial ? "" : value === ofAccount ? "ACCOUNT" : "SESSION";
    return [[name, String(value), String(initial), level, "", (typeof initial).toUpperCase()]];
  });
  return { columns: PARAMETER_COLUMNS, rows };
}

/** What SHOW PARAMETERS answers with. */
export function parameterColumns(): readonly Column[] {
  return PARAMETER_COLUMNS;
}

/** @throws SqlError 001006 for a parameter that is not known, 001008 for a value of another type. */
export function setParameter(set: Map<string, ParameterValue>, name: string, text: string): void {
  const initial = DEFAULTS.get(name);
  if (initial === undefined) throw invalidParameter(name);
  const value = readAs(initial, text);
  if (value === undefined) {
    throw new SqlError(
      "001008",
      "22023",
      `SQL compilation error:\ninvalid value [${text}] for parameter '${name}'`,
    );
  }
  set.set(name, value);
}

function invalidParameter(name: string): SqlError {
  return new SqlError("001006", "42601", `SQL compilation error:\ninvalid parameter '${name}'`);
}

function readAs(initial: ParameterValue, text: string): ParameterValue | undefined {
  if (typeof initial === "string") return text;
  if (typeof initial === "number") return /^[0-9]+$/.test(text) ? Number(text) : undefined;
  const upper = text.toUpperCase();
  return upper === "TRUE" ? true : upper === "FALSE" ? false : undefined;
}
