import type { Door, SecretView } from "../door.js";
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

export interface ControlAnswer {
  readonly status: number;
  readonly body: unknown;
}

type Route = (door: Door, body: ControlRequest["body"]) => unknown;

const SESSION_ENDS: readonly SessionEnd[] = ["renewable", "master-expired", "gone", "unauthorized"];

/** By method and path; what a route returns is the answer. */
const ROUTES: ReadonlyMap<string, Route> = new Map<string, Route>([
  ["POST /reset", (door) => done(() => door.reset())],
  ["POST /seed", (door, body) => done(() => parseSeed(JSON.stringify(body))(door))],
  ["GET /secrets", (door) => listSecrets(door)],
  ["GET /statements", (door) => door.statements()],
  ["GET /counts", (door) => door.counts()],
  ["DELETE /counts", (door) => done(() => door.resetCounts())],
  ["POST /faults", (door, body) => done(() => door.addFault(parseFault(body)))],
  ["DELETE /faults", (door) => done(() => door.clearFaults())],
  ["POST /sessions/expire", (door, body) => done(() => door.expireSessions(parseSessionEnd(body)))],
]);

/** What the door says or does for one request. @throws BadRequest, SeedError */
export function answerControl(door: Door, { method, url, body }: ControlRequest): ControlAnswer {
  const [path = ""] = url.split("?");
  const route = ROUTES.get(`${method} ${path}`);
  if (route === undefined) {
    return {
      status: 404,
      body: { error: `There is only ${[...ROUTES.keys(), "GET /healthz"].join(", ")}.` },
    };
  }
  return { status: 200, body: route(door, body) };
}

function done(work: () => void): { readonly done: true } {
  work();
  return { done: true };
}

function listSecrets(door: Door): (SecretView & { database: string; schema: string })[] {
  return door
    .schemas()
    .flatMap(({ database, schema }) =>
      door.secrets(database, schema).map((secret) => ({ database, schema, ...secret })),
    );
}

function parseSessionEnd({ how, ...rest }: ControlRequest["body"]): SessionEnd {
  const found = SESSION_ENDS.find((end) => end === (how ?? "renewable"));
  if (found === undefined || Object.keys(rest).length > 0) {
    throw new BadRequest(400, `Give {"how": …}, one of ${SESSION_ENDS.join(", ")}.`);
  }
  return found;
}
