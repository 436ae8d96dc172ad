import { randomUUID } from "node:crypto";
import type { Catalog } from "./catalog/catalog.js";
import { Authority, activeSecondaryRoles } from "./catalog/privileges.js";
import {
  type Answer,
  describeAnswer,
  multiStatementAnswer,
  resultAnswer,
  sqlErrorAnswer,
} from "./http/answers.js";
import type { Journal } from "./journal.js";
import { Latest } from "./latest.js";
import { LIMITS } from "./limits.js";
import { type ResultSet, weighResult } from "./results.js";
import type { Session } from "./sessions.js";
import { parseStatements } from "./sql/parser.js";
import type { ParsedStatement } from "./sql/statements.js";
import { exceedsLimit, internalError, SqlError, statementNotFound, syntaxError } from "./sql-error.js";
import type { AccountIdentity, Bind, StatementContext } from "./statements/context.js";
import { describe, execute, statementTypeId } from "./statements/execute.js";

/** A statement request, unpacked. */
export interface QueryRequest {
  readonly requestId: string;
  readonly sql: string;
  readonly binds: ReadonlyMap<number, Bind>;
  /** How many statements the text should hold; 0 for any number. */
  readonly statementCount: number;
  /** The most rows of the answer; 0 for any number. */
  readonly rowsPerResult: number;
  /** Whether only the columns and the number of binds are asked for. */
  readonly describeOnly: boolean;
}

/** Settings that a test may change while the server runs. */
export interface QuerySettings {
  rowCap: number;
  refuseBinds: boolean;
}

/** A statement by its id, for those who ask for its answer again, later, or from another session of the same user. */
export interface Query {
  readonly id: string;
  readonly user: string;
  readonly sql: string;
  readonly startedAt: number;
  /** Absent while it runs. */
  readonly end?: {
    readonly at: number;
    readonly answer: Answer;
    readonly outcome: ResultSet | SqlError;
  };
}

/** Applies statements, each request id once, and keeps their answers for those who ask again or later. */
export class Queries {
  readonly #byId = new Latest<Query>(LIMITS.keptQueries, LIMITS.keptQueryCharacters);
  readonly #idByRequest = new Latest<string>(LIMITS.keptQueries);

  constructor(
    readonly catalog: Catalog,
    readonly identity: AccountIdentity,
    readonly journal: Journal,
    readonly settings: QuerySettings,
  ) {}

  /** The answer of an earlier attempt with the same request id, if that one was applied. */
  findRepeated(session: Session, requestId: string): Answer | undefined {
    return this.#byId.get(this.findAnnounced(session, requestId) ?? "")?.end?.answer;
  }

  /** Applies the request's statements and remembers the answer. */
  apply(session: Session, request: QueryRequest, queryId: string = randomUUID()): Answer {
    return this.#run(session, request, queryId);
  }

  /** Answers with an error of the test's making, as if Snowflake had refused the statement. */
  refuse(session: Session, request: QueryRequest, error: SqlError, queryId: string = randomUUID()): Answer {
    this.#record(session, request, queryId, describeText(request.sql), error.code);
    return this.#end(session, request, queryId, sqlErrorAnswer(queryId, error), error);
  }

  /** Notes a request that a fault kept from being applied. */
  recordLost(session: Session, request: QueryRequest): void {
    this.#record(session, request, randomUUID(), describeText(request.sql), "lost");
  }

  /** Makes a query that is not answered yet known by its id and its request. */
  announce(session: Session, request: QueryRequest, queryId: string): void {
    this.#keep(session, request, {
      id: queryId,
      user: session.user,
      sql: request.sql,
      startedAt: Date.now(),
    });
  }

  /** The query that an earlier attempt of this request started. */
  findAnnounced(session: Session, requestId: string): string | undefined {
    return requestId === "" ? undefined : this.#idByRequest.get(requestKey(session, requestId));
  }

  /** A query of the session's user. */
  find(session: Session, queryId: string): Query | undefined {
    const query = this.#byId.get(queryId);
    return query?.user === session.user ? query : undefined;
  }

  /** @throws SqlError 000709 for an id that is not known to this user */
  get(session: Session, queryId: string): Query {
    const query = this.find(session, queryId);
    if (query === undefined) throw statementNotFound(queryId);
    return query;
  }

  clear(): void {
    this.#byId.clear();
    this.#idByRequest.clear();
  }

  #run(session: Session, request: QueryRequest, queryId: string): Answer {
    let statements: ParsedStatement[];
    try {
      statements = parseStatements(request.sql, {
        ignoreCase: session.parameters.get("QUOTED_IDENTIFIERS_IGNORE_CASE") === true,
      });
      requireCount(statements.length, request.statementCount);
      if (this.settings.refuseBinds) refuseBindsInDdl(statements, request.sql);
    } catch (error) {
      const refused = asSqlError(error);
      this.#record(session, request, queryId, describeText(request.sql), refused.code);
      return this.#end(session, request, queryId, sqlErrorAnswer(queryId, refused), refused);
    }
    const [only] = statements;
    if (request.describeOnly && only !== undefined) return this.#describe(session, request, queryId, only);
    if (statements.length === 1 && only !== undefined) return this.#runOne(session, request, queryId, only);
    return this.#runSeveral(session, request, queryId, statements);
  }

  #runOne(session: Session, request: QueryRequest, queryId: string, parsed: ParsedStatement): Answer {
    const outcome = this.#execute(session, request, queryId, parsed);
    session.lastQueryId = queryId;
    return this.#end(session, request, queryId, answerOf(session, queryId, parsed, outcome), outcome);
  }

  /** One after the other; the first that fails ends them, and what was done stays done. */
  #runSeveral(
    session: Session,
    request: QueryRequest,
    queryId: string,
    statements: readonly ParsedStatement[],
  ): Answer {
    const results: { queryId: string; statementTypeId: number }[] = [];
    for (const parsed of statements) {
      const ownId = randomUUID();
      const outcome = this.#execute(session, request, ownId, parsed);
      if (outcome instanceof SqlError) {
        return this.#end(session, request, queryId, sqlErrorAnswer(queryId, outcome), outcome);
      }
      session.lastQueryId = ownId;
      const own = { ...request, requestId: "", sql: parsed.text };
      this.#end(session, own, ownId, answerOf(session, ownId, parsed, outcome), outcome);
      results.push({ queryId: ownId, statementTypeId: statementTypeId(parsed.statement) });
    }
    const answer = multiStatementAnswer(session, queryId, results);
    return this.#end(session, request, queryId, answer, { columns: [], rows: [] });
  }

  /** The first statement's columns and binds; nothing is applied. */
  #describe(session: Session, request: QueryRequest, queryId: string, parsed: ParsedStatement): Answer {
    const outcome = catchSqlError(() => ({
      columns: describe(this.#context(session, request), parsed.statement),
      rows: [],
    }));
    const said = outcome instanceof SqlError ? outcome.code : "described";
    this.#record(session, request, queryId, parsed.statement.kind, said);
    const answer =
      outcome instanceof SqlError
        ? sqlErrorAnswer(queryId, outcome)
        : describeAnswer(session, queryId, outcome, {
            statementTypeId: statementTypeId(parsed.statement),
            bindCount: parsed.bindCount,
          });
    return this.#end(session, request, queryId, answer, outcome);
  }

  #execute(
    session: Session,
    request: QueryRequest,
    queryId: string,
    parsed: ParsedStatement,
  ): ResultSet | SqlError {
    const role = session.role;
    const outcome = catchSqlError(() => {
      const result = limitRows(execute(this.#context(session, request), parsed.statement), request);
      if (weighResult(result) > LIMITS.resultCharacters)
        throw exceedsLimit(`${LIMITS.resultCharacters} characters in a result`);
      return result;
    });
    const said = outcome instanceof SqlError ? outcome.code : "succeeded";
    this.#record(session, { ...request, sql: parsed.text }, queryId, parsed.statement.kind, said, role);
    return outcome;
  }

  #context(session: Session, { binds }: QueryRequest): StatementContext {
    const secondaryRoles = activeSecondaryRoles(this.catalog, session);
    return {
      catalog: this.catalog,
      session,
      authority: new Authority(this.catalog, session.role, secondaryRoles),
      binds,
      identity: this.identity,
      rowCap: this.settings.rowCap,
      findResult: (queryId) => {
        const outcome = this.find(session, queryId)?.end?.outcome;
        return outcome instanceof SqlError ? undefined : outcome;
      },
    };
  }

  #record(
    session: Session,
    { sql, binds }: Pick<QueryRequest, "sql" | "binds">,
    queryId: string,
    kind: string,
    outcome: string,
    role = session.role,
  ): void {
    const ordered = [...binds].sort(([left], [right]) => left - right).map(([, bind]) => bind);
    this.journal.recordStatement({
      sql,
      kind,
      binds: ordered,
      user: session.user,
      role,
      sessionId: session.id,
      queryId,
      outcome,
    });
  }

  #end(
    session: Session,
    request: QueryRequest,
    queryId: string,
    answer: Answer,
    outcome: ResultSet | SqlError,
  ): Answer {
    const { startedAt = Date.now() } = this.#byId.get(queryId) ?? {};
    const end = { at: Date.now(), answer, outcome };
    this.#keep(session, request, { id: queryId, user: session.user, sql: request.sql, startedAt, end });
    return answer;
  }

  #keep(session: Session, { requestId }: QueryRequest, query: Query): void {
    const outcome = query.end?.outcome;
    const rows = outcome === undefined || outcome instanceof SqlError ? 0 : weighResult(outcome);
    this.#byId.set(query.id, query, query.sql.length + rows);
    if (requestId !== "") this.#idByRequest.set(requestKey(session, requestId), query.id);
  }
}

/** Snowflake does not say that a result was cut. Whether it cuts SHOW is not documented; here it does. */
function limitRows(result: ResultSet, { rowsPerResult }: QueryRequest): ResultSet {
  return rowsPerResult === 0 ? result : { ...result, rows: result.rows.slice(0, rowsPerResult) };
}

function answerOf(
  session: Session,
  queryId: string,
  { statement, bindCount }: ParsedStatement,
  outcome: ResultSet | SqlError,
): Answer {
  if (outcome instanceof SqlError) return sqlErrorAnswer(queryId, outcome);
  return resultAnswer(session, queryId, outcome, { statementTypeId: statementTypeId(statement), bindCount });
}

/** A request id stands for one statement of its session. */
export function requestKey(session: Session, requestId: string): string {
  return `${session.id}/${requestId}`;
}

function requireCount(actual: number, wanted: number): void {
  if (wanted === 0 || wanted === actual) return;
  throw new SqlError(
    "000008",
    "0A000",
    `Actual statement count ${actual} did not match the desired statement count ${wanted}.`,
  );
}

/** Some versions of Snowflake are said to take no binds in DDL: then the `?` is a syntax error. */
function refuseBindsInDdl(statements: readonly ParsedStatement[], sql: string): void {
  const refused = statements.find(({ statement, bindCount }) => bindCount > 0 && statement.kind !== "SELECT");
  if (refused === undefined) return;
  const offset = sql.indexOf(refused.text) + Math.max(0, refused.text.indexOf("?"));
  throw syntaxError(1, offset, "?");
}

/** The kind of a text that may not parse. */
function describeText(sql: string): string {
  try {
    return parseStatements(sql)[0]?.statement.kind ?? "UNKNOWN";
  } catch {
    return "UNKNOWN";
  }
}

function catchSqlError(work: () => ResultSet): ResultSet | SqlError {
  try {
    return work();
  } catch (error) {
    return asSqlError(error);
  }
}

/** What is no refusal is a fault of this server: the client hears that, and stderr how. */
function asSqlError(error: unknown): SqlError {
  if (error instanceof SqlError) return error;
  process.stderr.write(`snowflake-server: ${error instanceof Error ? error.stack : String(error)}\n`);
  return internalError();
}
