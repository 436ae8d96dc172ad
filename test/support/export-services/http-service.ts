import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { listen } from "../network/listen.js";

/** How a service behaves towards every request, in place of answering it. */
export type Misbehaviour = "silence" | "dribble" | "redirect" | "unavailable" | "no json";

/** A service on this machine that answers in JSON. */
export interface HttpService {
  readonly url: string;
  /** Connections that are open now. */
  readonly openSockets: number;
  readonly requests: readonly { readonly method: string; readonly path: string; readonly body: string }[];
  misbehave(how: Misbehaviour | undefined): void;
  /** Answers every request, or those for one path, with this; undefined: as the service does. */
  answerWith(answer: ServiceAnswer | undefined, path?: string): void;
  stop(): Promise<void>;
}

export interface ServiceAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface ServiceRequest {
  readonly method: string;
  readonly url: URL;
  readonly contentType: string;
  readonly authorization: string;
  readonly body: string;
}

/** Starts a service on a free port; `answer` plays it. */
export async function startHttpService(
  answer: (request: ServiceRequest) => ServiceAnswer,
): Promise<HttpService> {
  const requests: { method: string; path: string; body: string }[] = [];
  const timers = new Set<NodeJS.Timeout>();
  let misbehaviour: Misbehaviour | undefined;
  let fixed: { readonly answer: ServiceAnswer; readonly path: string | undefined } | undefined;

  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const url = new URL(request.url ?? "/", "http://127.0.0.1");
      requests.push({ method: request.method ?? "", path: url.pathname, body });
      if (misbehaviour !== undefined) {
        misbehaveTowards(response, misbehaviour, timers);
        return;
      }
      const isHere = fixed?.path === undefined || fixed.path === url.pathname;
      const given =
        (isHere ? fixed?.answer : undefined) ??
        answer({
          method: request.method ?? "",
          url,
          contentType: request.headers["content-type"] ?? "",
          authorization: request.headers.authorization ?? "",
          body,
        });
      response.writeHead(given.status, { "content-type": "application/json" });
      response.end(JSON.stringify(given.body));
    });
  });
  const listening = await listen(server);
  return {
    url: listening.url,
    get openSockets() {
      return listening.openSockets;
    },
    requests,
    misbehave: (how) => {
      misbehaviour = how;
    },
    answerWith: (answered, path) => {
      fixed = answered && { answer: answered, path };
    },
    stop: () => {
      for (const timer of timers) clearInterval(timer);
      return listening.stop();
    },
  };
}

function misbehaveTowards(response: ServerResponse, how: Misbehaviour, timers: Set<NodeJS.Timeout>): void {
  switch (how) {
    case "silence":
      return;
    case "dribble": {
      response.writeHead(200, { "content-type": "application/json" });
      timers.add(setInterval(() => response.write(" "), 500));
      return;
    }
    case "redirect":
      response.writeHead(302, { location: "http://127.0.0.1:9/elsewhere" }).end();
      return;
    case "unavailable":
      response.writeHead(503).end("<html>busy</html>");
      return;
    case "no json":
      response.writeHead(200, { "content-type": "text/html" }).end("<html>Welcome</html>");
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
