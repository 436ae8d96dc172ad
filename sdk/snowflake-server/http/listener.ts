import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { LIMITS } from "../limits.js";
import type { ServerState } from "../server-state.js";
import { BadRequest, deliver, readRequest, readToken } from "./message.js";
import { route } from "./router.js";

/** Where to listen, and the certificate and key (PEM) for HTTPS. */
export interface ListenOptions {
  /** 0 takes a free one. */
  readonly port: number;
  readonly host: string;
  readonly tls?: { readonly cert: string; readonly key: string };
}

/** Answers Snowflake's requests. */
export async function listen(
  state: ServerState,
  options: ListenOptions,
): Promise<{ server: Server; port: number }> {
  const serveRequest: RequestListener = (message, response) => {
    serve(state, message, response).catch((error: unknown) => {
      const isOver = state.stopped.aborted || message.errored !== null || response.destroyed;
      // A fault of this server, which a client would only see as a lost connection.
      if (!isOver && !(error instanceof Error && error.name === "AbortError")) {
        process.stderr.write(`snowflake-server: ${error instanceof Error ? error.stack : String(error)}\n`);
      }
      response.destroy();
    });
  };
  return open(serveRequest, options);
}

/** Opens a port with this server's bounds on connections. */
export async function open(
  listener: RequestListener,
  { port, host, tls }: ListenOptions,
): Promise<{ server: Server; port: number }> {
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  // Long: a connection closed just as its client writes would look like a fault that no test asked for.
  server.keepAliveTimeout = LIMITS.idleSocketMs;
  server.maxConnections = LIMITS.sockets;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  // A connection that cannot be accepted (no file handle left) is one client's trouble, and no end of the server.
  server.on("error", (error) => process.stderr.write(`snowflake-server: ${error.message}\n`));
  return { server, port: (server.address() as AddressInfo).port };
}

async function serve(state: ServerState, message: IncomingMessage, response: ServerResponse): Promise<void> {
  state.journal.recordHttpRequest();
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  try {
    const isKnown = state.sessions.knows(readToken(message) ?? "");
    const maxBodyBytes = isKnown ? LIMITS.sessionBodyBytes : LIMITS.anonymousBodyBytes;
    const request = await readRequest(message, gone.signal, maxBodyBytes);
    // Statements wait on their own, so that an abort can end the wait.
    if (state.settings.latencyMs > 0 && request.path !== "/queries/v1/query-request") {
      await sleep(state.settings.latencyMs, undefined, { signal: state.stopped });
    }
    await deliver(response, await route(state, request), state.stopped);
  } catch (error) {
    if (!(error instanceof BadRequest)) throw error;
    // What is left of the body is not read: the connection ends with the answer.
    response.setHeader("connection", "close");
    const body = { success: false, code: "390400", message: `Bad request: ${error.message}`, data: null };
    await deliver(response, { kind: "answer", answer: { status: error.status, body } }, state.stopped);
  }
}
