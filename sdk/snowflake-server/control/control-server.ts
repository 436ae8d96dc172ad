import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ControlApi } from "../control-api.js";
import { open } from "../http/listener.js";
import { BadRequest, parseBody, readBody } from "../http/message.js";
import { LIMITS } from "../limits.js";
import { SeedError } from "../seed-file.js";
import { answerControl, type ControlAnswer } from "./routes.js";

/** A control API over HTTP, for suites in other languages. */
export interface ControlServer {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Opens a server's control API to who has the token, on a port of its own of the loopback address only: past it lie values.
 */
export async function startControlServer(
  control: ControlApi,
  { port, token }: { readonly port: number; readonly token: string },
): Promise<ControlServer> {
  if (token === "") throw new Error("The control API needs a token.");
  const host = "127.0.0.1";
  const opened = await open(
    (message, response) => {
      serve(control, token, message, response).catch((error: unknown) => {
        if (message.errored === null) process.stderr.write(`snowflake-server: ${String(error)}\n`);
        response.destroy();
      });
    },
    { port, host },
  );
  return {
    url: `http://${host}:${opened.port}`,
    stop: () => {
      const closed = new Promise<void>((resolve) => {
        opened.server.close(() => resolve());
      });
      opened.server.closeAllConnections();
      return closed;
    },
  };
}

async function serve(
  control: ControlApi,
  token: string,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { status, body } = await answer(control, token, message);
  const text = Buffer.from(`${JSON.stringify(body)}\n`);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": text.length,
    "cache-control": "no-store",
    // What of a refused body was not read ends with the connection.
    ...(message.complete ? {} : { connection: "close" }),
  });
  response.end(text);
}

async function answer(control: ControlApi, token: string, message: IncomingMessage): Promise<ControlAnswer> {
  const { method = "GET", url = "/" } = message;
  if (method === "GET" && url === "/healthz") return { status: 200, body: { status: "ok" } };
  if (!isToken(message.headers.authorization, token)) {
    return {
      status: 401,
      body: { error: "Send Authorization: Bearer, with the token of this server's start." },
    };
  }
  try {
    const raw = await readBody(message, LIMITS.sessionBodyBytes);
    return answerControl(control, { method, url, body: parseBody(raw, LIMITS.sessionBodyBytes) });
  } catch (error) {
    if (error instanceof BadRequest) return { status: error.status, body: { error: error.message } };
    if (error instanceof SeedError) return { status: 400, body: { error: error.message } };
    throw error;
  }
}

function isToken(header: string | undefined, token: string): boolean {
  const given = Buffer.from(header ?? "");
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
