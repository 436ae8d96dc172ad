import type { ControlApi, SecretView } from "../control-api.js";
import { BadRequest } from "../http/message.js";
import { parseSeed } from "../seed-file.js";
import type { SessionEnd } from "../sessions.js";
import { parseFault } from "./fault.js";

/** A request past the token, its body a JSON object. */
export interface ControlRequest {
  readonly method: string;
  readonly url: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The HTTP status and JSON body of an answer. */
export interface ControlAnswer {
  readonly status: number;
  readonly body: unknown;
}

type Route = (control: ControlApi, body: ControlRequest["body"]) => unknown;

const SESSION_ENDS: readonly SessionEnd[] = ["renewable", "master-expired", "gone", "unauthorized"];

/** By method and path; what a route returns is the answer. */
const ROUTES: ReadonlyMap<string, Route> = new Map<string, Route>([
  ["POST /reset", (control) => done(() => control.reset())],
  ["POST /seed", (control, body) => done(() => parseSeed(JSON.stringify(body))(control))],
  ["GET /secrets", (control) => listSecrets(control)],
  ["GET /statements", (control) => control.statements()],
  ["GET /counts", (control) => control.counts()],
  ["DELETE /counts", (control) => done(() => control.resetCounts())],
  ["POST /faults", (control, body) => done(() => control.addFault(parseFault(body)))],
  ["DELETE /faults", (control) => done(() => control.clearFaults())],
  ["POST /sessions/expire", (control, body) => done(() => control.expireSessions(parseSessionEnd(body)))],
]);

/** What the control API says or does for one request. @throws BadRequest, SeedError */
export function answerControl(control: ControlApi, { method, url, body }: ControlRequest): ControlAnswer {
  const [path = ""] = url.split("?");
  const route = ROUTES.get(`${method} ${path}`);
  if (route === undefined) {
    return {
      status: 404,
      body: { error: `There is only ${[...ROUTES.keys(), "GET /healthz"].join(", ")}.` },
    };
  }
  return { status: 200, body: route(control, body) };
}

function done(work: () => void): { readonly done: true } {
  work();
  return { done: true };
}

function listSecrets(control: ControlApi): (SecretView & { database: string; schema: string })[] {
  return control
    .schemas()
    .flatMap(({ database, schema }) =>
      control.secrets(database, schema).map((secret) => ({ database, schema, ...secret })),
    );
}

function parseSessionEnd({ how, ...rest }: ControlRequest["body"]): SessionEnd {
  const found = SESSION_ENDS.find((end) => end === (how ?? "renewable"));
  if (found === undefined || Object.keys(rest).length > 0) {
    throw new BadRequest(400, `Give {"how": …}, one of ${SESSION_ENDS.join(", ")}.`);
  }
  return found;
}
