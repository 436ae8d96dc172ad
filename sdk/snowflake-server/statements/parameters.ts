import { SqlError } from "../sql-error.js";

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

/** Every parameter with its default. */
export function listDefaults(): readonly (readonly [name: string, initial: ParameterValue])[] {
  return [...DEFAULTS];
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
