import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { ServerState } from "../server-state.js";
import { deliver, MalformedBody, readRequest } from "./message.js";
import { route } from "./router.js";

/** Listens on the loopback address; port 0 takes a free one. */
export async function listen(state: ServerState, port: number): Promise<{ server: Server; port: number }> {
  const server = createServer((message, response) => {
    serve(state, message, response).catch((error: unknown) => {
      if (!state.stopped.aborted && !(error instanceof Error && error.name === "AbortError")) {
        // A fault of this server, which a client would only see as a lost connection.
        process.stderr.write(`snowflake-server: ${error instanceof Error ? error.stack : String(error)}\n`);
      }
      response.destroy();
    });
  });
  // Idle connections stay: one closed just as its client writes would look like a fault that no test asked for.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return { server, port: (server.address() as AddressInfo).port };
}

async function serve(state: ServerState, message: IncomingMessage, response: ServerResponse): Promise<void> {
  state.journal.recordHttpRequest();
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  try {
    const request = await readRequest(message, gone.signal);
    // Statements wait on their own, so that an abort can end the wait.
    if (state.settings.latencyMs > 0 && request.path !== "/queries/v1/query-request") {
      await sleep(state.settings.latencyMs, undefined, { signal: state.stopped });
    }
    await deliver(response, await route(state, request), state.stopped);
  } catch (error) {
    if (!(error instanceof MalformedBody)) throw error;
    const answer = {
      status: 400,
      body: { success: false, code: "390400", message: "Bad request", data: null },
    };
    await deliver(response, { kind: "answer", answer }, state.stopped);
  }
}
