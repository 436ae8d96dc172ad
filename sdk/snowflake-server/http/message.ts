import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import type { Answer } from "./answers.js";

/** What a handler wants done with the connection. */
export type Delivery =
  | { readonly kind: "answer"; readonly answer: Answer; readonly everyMs?: number }
  /** The connection ends without an answer. */
  | { readonly kind: "cut" };

/** A request without its transport. */
export interface HttpRequest {
  readonly method: string;
  /** Without doubled slashes. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The token between the quotes of `Snowflake Token="…"`. */
  readonly token: string | undefined;
  /** An empty object for an empty body. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly clientAddress: string;
  /** Aborted when the client has gone. */
  readonly disconnected: AbortSignal;
}

/** A body that is no JSON object. */
export class MalformedBody extends Error {
  override readonly name = "MalformedBody";
}

/** Reads a request to its end. @throws MalformedBody */
export async function readRequest(message: IncomingMessage, disconnected: AbortSignal): Promise<HttpRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const url = new URL((message.url ?? "/").replace(/^\/+/, "/"), "http://localhost");
  const authorization = message.headers.authorization ?? "";
  return {
    method: message.method ?? "GET",
    path: url.pathname.replaceAll(/\/{2,}/g, "/"),
    query: url.searchParams,
    token: /^Snowflake Token="([^"]*)"$/.exec(authorization)?.[1],
    body: parseBody(Buffer.concat(chunks)),
    clientAddress: (message.socket.remoteAddress ?? "").replace(/^::ffff:/, ""),
    disconnected,
  };
}

function parseBody(raw: Buffer): Readonly<Record<string, unknown>> {
  // The bytes tell: one driver compresses without a header, another sets the header without compressing.
  const plain = raw[0] === 0x1f && raw[1] === 0x8b ? gunzipSync(raw) : raw;
  if (plain.length === 0) return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(plain.toString("utf8"));
  } catch {
    throw new MalformedBody();
  }
  if (!isRecord(parsed)) throw new MalformedBody();
  return parsed;
}

/** Sends what the handler decided; gives up quietly when the client is gone or the server stops. */
export async function deliver(
  response: ServerResponse,
  delivery: Delivery,
  stopped: AbortSignal,
): Promise<void> {
  if (delivery.kind === "cut") {
    response.destroy();
    return;
  }
  const { status, body } = delivery.answer;
  const text = Buffer.from(JSON.stringify(body));
  // Any other type, and the Node driver would not parse the answer.
  response.writeHead(status, { "content-type": "application/json", "content-length": text.length });
  if (delivery.everyMs === undefined) {
    response.end(text);
    return;
  }
  for (let sent = 0; sent < text.length && !response.destroyed; sent += 1) {
    response.write(text.subarray(sent, sent + 1));
    await sleep(delivery.everyMs, undefined, { signal: stopped });
  }
  response.end();
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A text that is there and not empty: clients send empty ones for what is not set. */
export function optionalText(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
