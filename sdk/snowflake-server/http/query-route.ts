import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { FaultEffect } from "../faults.js";
import { type QueryRequest, requestKey } from "../queries.js";
import type { ServerState } from "../server-state.js";
import type { Session } from "../sessions.js";
import { canceled, SqlError } from "../sql-error.js";
import type { Bind } from "../statements/context.js";
import { type Answer, failure, inProgressAnswer, sqlErrorAnswer, success } from "./answers.js";
import { BadRequest, type Delivery, type HttpRequest, isRecord } from "./message.js";
import { type Application, withFault } from "./with-fault.js";

/** Ask again after this long for a result that is not there yet. */
const RESULT_POLL_MS = 20;
const RESULT_WAIT_MS = 1000;

/** `/queries/v1/query-request` */
export async function handleQuery(
  state: ServerState,
  session: Session,
  request: HttpRequest,
): Promise<Delivery> {
  const query = unpackQuery(session, request);
  const { statementLimit: limit } = state.settings;
  if (typeof limit?.beyond === "number" && state.journal.underWay >= limit.atOnce) {
    state.queries.recordLost(session, query);
    return { kind: "answer", answer: { status: limit.beyond, body: { message: "Too many statements." } } };
  }
  const effect = state.faults.next({
    on: "statement",
    text: query.sql,
    user: session.user,
    role: session.role,
  });
  if (effect?.kind === "expire-session") {
    session.end = "renewable";
    return { kind: "answer", answer: sessionExpired() };
  }
  // A lost connection or an HTTP status is of the request, not of the statement that it starts.
  const hitsRequest = effect?.kind === "cut" || effect?.kind === "http-status";
  if (request.body.asyncExec === true && !hitsRequest) {
    return { kind: "answer", answer: startAsync(state, session, query, effect) };
  }
  const startsAsync = request.body.asyncExec === true;
  return underWay(state, session, query, randomUUID(), (queryId, aborting) =>
    applyWithFault(state, session, query, queryId, effect, {
      disconnected: request.disconnected,
      aborting,
      ...(startsAsync ? { apply: () => startAsync(state, session, query, undefined) } : {}),
    }),
  );
}

/** Counts a statement as under way, and lets an abort by request or by query id reach it. */
async function underWay<Result>(
  state: ServerState,
  session: Session,
  { requestId }: QueryRequest,
  queryId: string,
  work: (queryId: string, aborting: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const aborting = new AbortController();
  const keys = [queryKey(session, queryId), ...(requestId === "" ? [] : [requestKey(session, requestId)])];
  for (const key of keys) state.underWay.set(key, aborting);
  state.journal.statementStarted();
  try {
    return await work(queryId, aborting.signal);
  } finally {
    state.journal.statementEnded();
    for (const key of keys) if (state.underWay.get(key) === aborting) state.underWay.delete(key);
  }
}

/** Any session of the same user may ask for a query by its id. */
function queryKey({ user }: Session, queryId: string): string {
  return `user ${user}/${queryId}`;
}

async function applyWithFault(
  state: ServerState,
  session: Session,
  query: QueryRequest,
  queryId: string,
  effect: FaultEffect | undefined,
  {
    disconnected,
    aborting,
    apply = () =>
      state.queries.findRepeated(session, query.requestId) ?? state.queries.apply(session, query, queryId),
  }: { disconnected: AbortSignal; aborting: AbortSignal; apply?: Application["apply"] },
): Promise<Delivery> {
  const refuseAborted = (): Answer => state.queries.refuse(session, query, canceled(), queryId);
  await wait(state, aborting);
  if (aborting.aborted) return { kind: "answer", answer: refuseAborted() };
  return withFault(state, effect, {
    disconnected,
    apply,
    refuse: ({ code, sqlState = "42000", message }) =>
      state.queries.refuse(session, query, new SqlError(code, sqlState, message), queryId),
    lose: () => state.queries.recordLost(session, query),
    aborted: { signal: aborting, answer: refuseAborted },
  });
}

/** Answers at once; the statement is applied after the server's latency, under its fault. */
function startAsync(
  state: ServerState,
  session: Session,
  query: QueryRequest,
  effect: FaultEffect | undefined,
): Answer {
  const earlier = state.queries.findAnnounced(session, query.requestId);
  if (earlier !== undefined) return inProgressAnswer(earlier);
  const queryId = randomUUID();
  state.queries.announce(session, query, queryId);
  const apply = (): Answer => state.queries.apply(session, query, queryId);
  underWay(state, session, query, queryId, async (_, aborting) => {
    // The client may go: its statement runs on.
    const disconnected = state.stopped;
    await applyWithFault(state, session, query, queryId, effect, { disconnected, aborting, apply });
  }).catch((error: unknown) => {
    process.stderr.write(`snowflake-server: ${error instanceof Error ? error.stack : String(error)}\n`);
  });
  return inProgressAnswer(queryId);
}

/** `/queries/<id>/result`: waits a little, then says: ask again. */
export async function handleResult(state: ServerState, session: Session, queryId: string): Promise<Answer> {
  try {
    for (let waited = 0; waited < RESULT_WAIT_MS; waited += RESULT_POLL_MS) {
      const { end } = state.queries.get(session, queryId);
      if (end !== undefined) return end.answer;
      await sleep(RESULT_POLL_MS, undefined, { signal: state.stopped });
    }
  } catch (error) {
    if (error instanceof SqlError) return sqlErrorAnswer(queryId, error);
    throw error;
  }
  return inProgressAnswer(queryId);
}

/** `/monitoring/queries/<id>` */
export function handleMonitoring(state: ServerState, session: Session, queryId: string): Answer {
  const query = state.queries.find(session, queryId);
  if (query === undefined) return success({ queries: [] });
  const outcome = query.end?.outcome;
  const error = outcome instanceof SqlError ? outcome : undefined;
  const status = outcome === undefined ? "RUNNING" : error === undefined ? "SUCCESS" : "FAILED_WITH_ERROR";
  const rows = outcome === undefined || outcome instanceof SqlError ? 0 : outcome.rows.length;
  return success({
    queries: [
      {
        id: queryId,
        status,
        state: status,
        sqlText: query.sql,
        startTime: query.startedAt,
        endTime: query.end?.at ?? 0,
        ...(error === undefined ? {} : { errorCode: error.code, errorMessage: error.message }),
        stats: { scanBytes: 0, producedRows: rows },
      },
    ],
  });
}

/** `/queries/v1/abort-request`: the statement under way then answers that it was canceled. */
export function handleAbort(state: ServerState, session: Session, request: HttpRequest): Answer {
  const { requestId } = request.body;
  return abort(state, typeof requestId === "string" ? requestKey(session, requestId) : "");
}

/** `/queries/<id>/abort-request` */
export function handleAbortOfQuery(state: ServerState, session: Session, queryId: string): Answer {
  return abort(state, queryKey(session, queryId));
}

function abort(state: ServerState, key: string): Answer {
  const aborting = state.underWay.get(key);
  if (aborting === undefined) {
    return failure("000605", "Identified SQL statement is not currently executing.");
  }
  aborting.abort();
  return success(null);
}

/** 390112: the session's token must be renewed. */
export function sessionExpired(): Answer {
  return failure("390112", "Your session has expired. Please renew its token.");
}

async function wait({ settings, journal, stopped }: ServerState, aborted: AbortSignal): Promise<void> {
  const { latencyMs, statementLimit: limit } = settings;
  if (latencyMs === 0) return;
  const signal = AbortSignal.any([stopped, aborted]);
  const slowness = limit?.beyond === "slow" ? Math.max(1, journal.underWay / limit.atOnce) : 1;
  // An abort ends the wait early; the caller looks at which it was.
  const answerLater = () => sleep(latencyMs * slowness, undefined, { signal }).catch(() => undefined);
  await (limit?.beyond === "queue" ? limit.takeTurns(answerLater) : answerLater());
}

function unpackQuery(session: Session, { query, body }: HttpRequest): QueryRequest {
  const parameters = isRecord(body.parameters) ? body.parameters : {};
  // A parameter of the statement goes before the session's; of both only these two are read here.
  const readCount = (name: "MULTI_STATEMENT_COUNT" | "ROWS_PER_RESULTSET"): number => {
    const count = Number(parameters[name] ?? session.parameters.get(name));
    if (!Number.isInteger(count) || count < 0) throw new BadRequest(400, `${name} is not a number.`);
    return count;
  };
  return {
    requestId: query.get("requestId") ?? "",
    sql: typeof body.sqlText === "string" ? body.sqlText : "",
    binds: unpackBinds(body.bindings),
    statementCount: readCount("MULTI_STATEMENT_COUNT"),
    rowsPerResult: readCount("ROWS_PER_RESULTSET"),
    describeOnly: body.describeOnly === true,
  };
}

function unpackBinds(bindings: unknown): ReadonlyMap<number, Bind> {
  const binds = new Map<number, Bind>();
  if (bindings === undefined || bindings === null) return binds;
  if (!isRecord(bindings)) throw new BadRequest(400, "bindings is not an object.");
  for (const [number, bind] of Object.entries(bindings)) {
    if (!/^[1-9][0-9]{0,5}$/.test(number) || !isRecord(bind) || typeof bind.type !== "string") {
      throw new BadRequest(400, "A bind needs a number, a type and a value.");
    }
    binds.set(Number(number), { type: bind.type.toUpperCase(), value: unpackBindValue(bind.value) });
  }
  return binds;
}

/** Drivers send a text, null, or a list of them; anything else is no bind of the protocol. */
function unpackBindValue(value: unknown): Bind["value"] {
  const isCell = (cell: unknown): cell is string | null => typeof cell === "string" || cell === null;
  if (value === undefined) return null;
  if (isCell(value)) return value;
  if (Array.isArray(value) && value.every(isCell)) return value;
  throw new BadRequest(400, "The value of a bind must be a string, null, or a list of them.");
}
