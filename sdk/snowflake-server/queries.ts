import { randomUUID } from "node:crypto";
import type { Catalog } from "./catalog/catalog.js";
import { Authority } from "./catalog/privileges.js";

import { type Answer, multiStatementAnswer, resultAnswer, sqlErrorAnswer } from "./http/answers.js";
import type { Journal } from "./journal.js";
import type { ResultSet } from "./results.js";
import type { Session } from "./sessions.js";
import { parseStatements } from "./sql/parser.js";
import type { ParsedStatement } from "./sql/statements.js";
import { SqlError, syntaxError } from "./sql-error.js";
import type { AccountIdentity, Bind } from "./statements/context.js";
import { execute } from "./statements/execute.js";

/** A statement request, unpacked. */
export interface QueryRequest {
  readonly requestId: string;
  readonly sql: string;
  readonly binds: ReadonlyMap<number, Bind>;
  /** How many statements the text should hold; 0 for any number. */
  readonly statementCount: number;
}

/** Settings that a test may change while the server runs. */
export interface QuerySettings {
  rowCap: number;
  refuseBinds: boolean;
}

interface Query {
  readonly id: string;
  readonly sessionId: number;
  answer: Answer | undefined;
}

/** Enough for every driver that fetches a result later; older ones are forgotten. */
const KEPT_QUERIES = 2000;

/** Applies statements, each request id once, and keeps their answers for those who ask again or later. */
export class Queries {
  readonly #answers = new Map<string, Query>();
  readonly #byId = new Map<string, Query>();

  constructor(
    readonly catalog: Catalog,
    readonly identity: AccountIdentity,
    readonly journal: Journal,
    readonly settings: QuerySettings,
  ) {}

  /** The answer of an earlier attempt with the same request id, if that one was applied. */
  findRepeated(session: Session, requestId: string): Answer | undefined {
    return this.#answers.get(requestKey(session, requestId))?.answer;
  }

  /** Applies the request's statements and remembers the answer. */
  apply(session: Session, request: QueryRequest, queryId: string = randomUUID()): Answer {
    return this.#remember(session, request.requestId, queryId, this.#run(session, request, queryId));
  }

  /** Answers with an error of the test's making, as if Snowflake had refused the statement. */
  refuse(session: Session, request: QueryRequest, error: SqlError): Answer {
    const queryId = randomUUID();
    this.#record(session, request, queryId, describeText(request.sql), error.code);
    return this.#remember(session, request.requestId, queryId, sqlErrorAnswer(queryId, error));
  }

  /** Notes a request that a fault kept from being applied. */
  recordLost(session: Session, request: QueryRequest): void {
    this.#record(session, request, randomUUID(), describeText(request.sql), "lost");
  }

  /** Makes a query that is not answered yet known by its id and its request. */
  announce(session: Session, requestId: string, queryId: string): void {
    const query = { id: queryId, sessionId: session.id, answer: undefined };
    this.#keep(query);
    if (requestId !== "") keepLatest(this.#answers, requestKey(session, requestId), query);
  }

  /** The query that an earlier attempt of this request started. */
  findAnnounced(session: Session, requestId: string): string | undefined {
    return this.#answers.get(requestKey(session, requestId))?.id;
  }

  /** Its answer, `undefined` while it runs. @throws SqlError for an id that is not known to this session. */
  result(session: Session, queryId: string): Answer | undefined {
    return this.#get(session, queryId).answer;
  }

  /** As `/monitoring/queries` has it. */
  status(session: Session, queryId: string): "RUNNING" | "SUCCESS" | "FAILED_WITH_ERROR" | undefined {
    const query = this.#byId.get(queryId);
    if (query === undefined || query.sessionId !== session.id) return undefined;
    if (query.answer === undefined) return "RUNNING";
    return (query.answer.body as { success: boolean }).success ? "SUCCESS" : "FAILED_WITH_ERROR";
  }

  #run(session: Session, request: QueryRequest, queryId: string): Answer {
    let statements: ParsedStatement[];
    try {
      statements = parseStatements(request.sql);
      requireCount(statements.length, request.statementCount);
      if (this.settings.refuseBinds) refuseBindsInDdl(statements, request.sql);
    } catch (error) {
      const refused = asSqlError(error);
      this.#record(session, request, queryId, describeText(request.sql), refused.code);
      return sqlErrorAnswer(queryId, refused);
    }
    const [only] = statements;
    if (statements.length === 1 && only !== undefined) return this.#runOne(session, request, queryId, only);
    return this.#runSeveral(session, request, queryId, statements);
  }

  #runOne(session: Session, request: QueryRequest, queryId: string, parsed: ParsedStatement): Answer {
    const outcome = this.#execute(session, request, queryId, parsed);
    return outcome instanceof SqlError
      ? sqlErrorAnswer(queryId, outcome)
      : resultAnswer(session, queryId, outcome, parsed.bindCount);
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
      if (outcome instanceof SqlError) return sqlErrorAnswer(queryId, outcome);
      this.#keep({
        id: ownId,
        sessionId: session.id,
        answer: resultAnswer(session, ownId, outcome, parsed.bindCount),
      });
      results.push({ queryId: ownId, statementTypeId: outcome.statementTypeId });
    }
    return multiStatementAnswer(session, queryId, results);
  }

  #execute(
    session: Session,
    request: QueryRequest,
    queryId: string,
    parsed: ParsedStatement,
  ): ResultSet | SqlError {
    const role = session.role;
    let outcome: ResultSet | SqlError;
    try {
      outcome = execute(
        {
          catalog: this.catalog,
          session,
          authority: new Authority(this.catalog, role),
          binds: request.binds,
          identity: this.identity,
          rowCap: this.settings.rowCap,
        },
        parsed.statement,
      );
    } catch (error) {
      outcome = asSqlError(error);
    }
    const said = outcome instanceof SqlError ? outcome.code : "succeeded";
    this.#record(session, { ...request, sql: parsed.text }, queryId, parsed.statement.kind, said, role);
    return outcome;
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

  #remember(session: Session, requestId: string, queryId: string, answer: Answer): Answer {
    const query = { id: queryId, sessionId: session.id, answer };
    this.#keep(query);
    if (requestId !== "") keepLatest(this.#answers, requestKey(session, requestId), query);
    return answer;
  }

  #keep(query: Query): void {
    keepLatest(this.#byId, query.id, query);
  }

  #get(session: Session, queryId: string): Query {
    const query = this.#byId.get(queryId);
    if (query === undefined || query.sessionId !== session.id) {
      throw new SqlError("000709", "02000", `Statement ${queryId} not found`);
    }
    return query;
  }
}

function keepLatest<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.set(key, value);
  const oldest = map.size > KEPT_QUERIES ? map.keys().next().value : undefined;
  if (oldest !== undefined) map.delete(oldest);
}

function requestKey(session: Session, requestId: string): string {
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

function asSqlError(error: unknown): SqlError {
  if (error instanceof SqlError) return error;
  throw error;
}
