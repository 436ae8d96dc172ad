import type { ServerState } from "../server-state.js";
import type { Session } from "../sessions.js";
import { type Answer, failure, success } from "./answers.js";
import { handleAuthenticatorRequest, handleConsoleLogin, handleSso } from "./browser-route.js";
import { handleLogin, handleRenewal, sessionGone } from "./login-route.js";
import type { Delivery, HttpRequest } from "./message.js";
import {
  handleAbort,
  handleAbortOfQuery,
  handleMonitoring,
  handleQuery,
  handleResult,
  sessionExpired,
} from "./query-route.js";

/** Finds the handler of a request; all but log-in, renewal, telemetry and health need a live session. */
export async function route(state: ServerState, request: HttpRequest): Promise<Delivery> {
  const { method, path } = request;
  if (method === "POST" && path === "/session/v1/login-request") return handleLogin(state, request);
  if (method === "POST" && path === "/session/authenticator-request") {
    return answer(handleAuthenticatorRequest(state, request));
  }
  if (method === "GET" && path === "/console/login") return handleConsoleLogin(state, request);
  if (path === "/sso" && (method === "GET" || method === "POST")) return handleSso(state, request);
  if (method === "POST" && path === "/session/token-request") return handleRenewal(state, request);
  if (method === "POST" && path.startsWith("/telemetry/send")) return answer(success(null));
  if (method === "GET" && path === "/healthz") return answer({ status: 200, body: { status: "ok" } });
  const session = findSession(state, request);
  if ("status" in session) return answer(session);
  if (method === "POST" && path === "/queries/v1/query-request") return handleQuery(state, session, request);
  return answer(await routeInSession(state, session, request));
}

async function routeInSession(state: ServerState, session: Session, request: HttpRequest): Promise<Answer> {
  const { method, path, query } = request;
  const result = /^\/queries\/([^/]+)\/result$/.exec(path)?.[1];
  if (method === "GET" && result !== undefined) return handleResult(state, session, result);
  const monitored = /^\/monitoring\/queries\/([^/]+)$/.exec(path)?.[1];
  if (method === "GET" && monitored !== undefined) return handleMonitoring(state, session, monitored);
  if (method === "POST" && path === "/queries/v1/abort-request") return handleAbort(state, session, request);
  const aborted = /^\/queries\/([^/]+)\/abort-request$/.exec(path)?.[1];
  if (method === "POST" && aborted !== undefined) return handleAbortOfQuery(state, session, aborted);
  if (method === "POST" && path === "/session/heartbeat") return success(null);
  if (method === "POST" && path === "/session" && query.get("delete") === "true") {
    state.sessions.close(session);
    return success(null);
  }
  return { status: 404, body: { success: false, code: "404", message: "Not Found", data: null } };
}

/** The live session of the request's token, or the answer that refuses it. */
function findSession(state: ServerState, { token }: HttpRequest): Session | Answer {
  const session = token === undefined ? undefined : state.sessions.findByToken(token);
  if (session === undefined || session.end === "unauthorized") {
    return failure("390104", "Authentication is required: the session token is not valid.", 401);
  }
  if (session.end === "gone") return sessionGone();
  if (session.end !== undefined || session.token !== token) return sessionExpired();
  return session;
}

function answer(plain: Answer): Delivery {
  return { kind: "answer", answer: plain };
}
