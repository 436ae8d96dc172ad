import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { QueryRequest } from "../queries.js";
import type { ServerState } from "../server-state.js";
import type { Session } from "../sessions.js";
import { canceled, SqlError } from "../sql-error.js";
import type { Bind } from "../statements/context.js";
import { type Answer, failure, inProgressAnswer, sqlErrorAnswer, success } from "./answers.js";
import { type Delivery, type HttpRequest, isRecord } from "./message.js";
import { withFault } from "./with-fault.js";

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
  if (request.body.asyncExec === true) return { kind: "answer", answer: startAsync(state, session, query) };
  const aborting = new AbortController();
  state.underWay.set(query.requestId, aborting);
  state.journal.statementStarted();
  try {
    const refuseAborted = (): Answer => state.queries.refuse(session, query, canceled());
    await wait(state, aborting.signal);
    if (aborting.signal.aborted) return { kind: "answer", answer: refuseAborted() };
    return await withFault(state, effect, {
      disconnected: request.disconnected,
      apply: () =>
        state.queries.findRepeated(session, query.requestId) ?? state.queries.apply(session, query),
      refuse: ({ code, sqlState = "42000", message }) =>
        state.queries.refuse(session, query, new SqlError(code, sqlState, message)),
      lose: () => state.queries.recordLost(session, query),
      aborted: { signal: aborting.signal, answer: refuseAborted },
    });
  } finally {
    state.journal.statementEnded();
    if (state.underWay.get(query.requestId) === aborting) state.underWay.delete(query.requestId);
  }
}

/** `/queries/<id>/result`: waits a little, then says: ask again. */
export async function handleResult(state: ServerState, session: Session, queryId: string): Promise<Answer> {
  try {
    for (let waited = 0; waited < RESULT_WAIT_MS; waited += RESULT_POLL_MS) {
      const answer = state.queries.result(session, queryId);
      if (answer !== undefined) return answer;
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
  const status = state.queries.status(session, queryId);
  return success({ queries: status === undefined ? [] : [{ id: queryId, status, state: status }] });
}

/** `/queries/v1/abort-request`: the statement under way then answers that it was canceled. */
export function handleAbort(state: ServerState, request: HttpRequest): Answer {
  const { requestId } = request.body;
  const aborting = typeof requestId === "string" ? state.underWay.get(requestId) : undefined;
  if (aborting === undefined)
    return failure("000605", "Identified SQL statement is not currently executing.");
  aborting.abort();
  return success(null);
}

export function sessionExpired(): Answer {
  return failure("390112", "Your session has expired. Please renew its token.");
}

/** Answers at once, and applies the statement after the server's latency. */
function startAsync(state: ServerState, session: Session, query: QueryRequest): Answer {
  const earlier = state.queries.findAnnounced(session, query.requestId);
  if (earlier !== undefined) return inProgressAnswer(earlier);
  const queryId = randomUUID();
  state.queries.announce(session, query.requestId, queryId);
  sleep(state.settings.latencyMs, undefined, { signal: state.stopped }).then(
    () => state.queries.apply(session, query, queryId),
    // The server stops: nobody will ask for the result.
    () => undefined,
  );
  return inProgressAnswer(queryId);
}

async function wait(state: ServerState, aborted: AbortSignal): Promise<void> {
  if (state.settings.latencyMs === 0) return;
  const signal = AbortSignal.any([state.stopped, aborted]);
  // An abort ends the wait early; the caller looks at which it was.
  await sleep(state.settings.latencyMs, undefined, { signal }).catch(() => undefined);
}

function unpackQuery(session: Session, { query, body }: HttpRequest): QueryRequest {
  const parameters = isRecord(body.parameters) ? body.parameters : {};
  const count = parameters.MULTI_STATEMENT_COUNT ?? session.parameters.get("MULTI_STATEMENT_COUNT");
  return {
    requestId: query.get("requestId") ?? "",
    sql: typeof body.sqlText === "string" ? body.sqlText : "",
    binds: unpackBinds(body.bindings),
    statementCount: count === undefined ? 1 : Number(count),
  };
}

function unpackBinds(bindings: unknown): ReadonlyMap<number, Bind> {
  const binds = new Map<number, Bind>();
  if (!isRecord(bindings)) return binds;
  for (const [number, bind] of Object.entries(bindings)) {
    if (!isRecord(bind) || typeof bind.type !== "string") continue;
    binds.set(Number(number), { type: bind.type.toUpperCase(), value: unpackBindValue(bind.value) });
  }
  return binds;
}

function unpackBindValue(value: unknown): Bind["value"] {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.map((item: unknown) => (item === null ? null : String(item)));
  return String(value);
}
