import { SqlError } from "../sql-error.js";

/** The value of a session parameter. */
export type ParameterValue = string | number | boolean;

/** The session parameters this server knows, with what they are until set. */
const DEFAULTS: ReadonlyMap<string, ParameterValue> = new Map<string, ParameterValue>([
  ["AUTOCOMMIT", true],
  ["CLIENT_PREFETCH_THREADS", 4],
  ["CLIENT_SESSION_KEEP_ALIVE", false],
  ["CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY", 3600],
  ["CLIENT_TELEMETRY_ENABLED", false],
  ["MULTI_STATEMENT_COUNT", 1],
  ["PYTHON_CONNECTOR_QUERY_RESULT_FORMAT", "json"],
  ["GO_QUERY_RESULT_FORMAT", "json"],
  ["QUERY_CONTEXT_CACHE_SIZE", 0],
  ["QUERY_TAG", ""],
  ["STATEMENT_TIMEOUT_IN_SECONDS", 172_800],
  ["TIMESTAMP_LTZ_OUTPUT_FORMAT", ""],
  ["TIMESTAMP_OUTPUT_FORMAT", "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM"],
  ["TIMEZONE", "Etc/UTC"],
]);

/** All parameters of a session as answers carry them; Node cannot read a timestamp without TIMEZONE. */
export function listParameters(
  set: ReadonlyMap<string, ParameterValue>,
): { name: string; value: ParameterValue }[] {
  return [...DEFAULTS].map(([name, value]) => ({ name, value: set.get(name) ?? value }));
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

/** @throws SqlError 001006 for a parameter that is not known. */
export function unsetParameter(set: Map<string, ParameterValue>, name: string): void {
  if (!DEFAULTS.has(name)) throw invalidParameter(name);
  set.delete(name);
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
