import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import type { Answer } from "./answers.js";

/** What a handler wants done with the connection. */
export type Delivery =
  | { readonly kind: "answer"; readonly answer: Answer; readonly everyMs?: number }
  /** For a person's browser. */
  | { readonly kind: "page"; readonly status: number; readonly html: string; readonly location?: string }
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
  /** Where a browser on the client's machine finds this server. */
  readonly origin: string;
  /** An object of JSON, or the fields of a form; an empty one for an empty body. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly clientAddress: string;
  /** Aborted when the client has gone. */
  readonly disconnected: AbortSignal;
}

/** A request that cannot be read, with the HTTP status that says why. */
export class BadRequest extends Error {
  override readonly name = "BadRequest";

  constructor(
    readonly status: 400 | 413,
    message: string,
  ) {
    super(message);
  }
}

/** The token of a request's header, known before its body is read. */
export function readToken(message: IncomingMessage): string | undefined {
  return /^Snowflake Token="([^"]*)"$/.exec(message.headers.authorization ?? "")?.[1];
}

/**
 * Reads a request to its end.
 *
 * @throws BadRequest for a body that is larger than the limit, as it came or unpacked, or no JSON object
 */
export async function readRequest(
  message: IncomingMessage,
  disconnected: AbortSignal,
  maxBodyBytes: number,
): Promise<HttpRequest> {
  const url = parseUrl(message.url ?? "/");
  return {
    method: message.method ?? "GET",
    path: url.pathname.replaceAll(/\/{2,}/g, "/"),
    query: url.searchParams,
    token: readToken(message),
    origin: findOrigin(message),
    body: isForm(message)
      ? Object.fromEntries(new URLSearchParams((await readBody(message, maxBodyBytes)).toString()))
      : parseBody(await readBody(message, maxBodyBytes), maxBodyBytes),
    clientAddress: (message.socket.remoteAddress ?? "").replace(/^::ffff:/, ""),
    disconnected,
  };
}

/** A proxy leads clients here by a name that nobody else knows; what it connects to is this server's own address. */
function findOrigin({ headers: { host }, socket }: IncomingMessage): string {
  const scheme = "encrypted" in socket ? "https" : "http";
  const { localAddress = "", localPort } = socket;
  const address = localAddress.replace(/^::ffff:/, "");
  const own = `${address.includes(":") ? `[${address}]` : address}:${localPort}`;
  return `${scheme}://${host?.endsWith(`:${localPort}`) ? host : own}`;
}

function isForm({ headers }: IncomingMessage): boolean {
  return /^application\/x-www-form-urlencoded\b/.test(headers["content-type"] ?? "");
}

function parseUrl(text: string): URL {
  try {
    return new URL(text.replace(/^\/+/, "/"), "http://localhost");
  } catch {
    throw new BadRequest(400, "The URL cannot be parsed.");
  }
}

/** All bytes of a body. @throws BadRequest */
export async function readBody(message: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** A JSON object, packed or not; an empty one for an empty body. @throws BadRequest */
export function parseBody(raw: Buffer, maxBytes: number): Readonly<Record<string, unknown>> {
  // The bytes tell: one driver compresses without a header, another sets the header without compressing.
  const plain = raw[0] === 0x1f && raw[1] === 0x8b ? unpack(raw, maxBytes) : raw;
  if (plain.length === 0) return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(plain.toString("utf8"));
  } catch {
    throw new BadRequest(400, "The body is not valid JSON.");
  }
  if (!isRecord(parsed)) throw new BadRequest(400, "The body is not a JSON object.");
  return parsed;
}

function unpack(raw: Buffer, maxBytes: number): Buffer {
  try {
    return gunzipSync(raw, { maxOutputLength: maxBytes });
  } catch (error) {
    const isTooLarge = error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
    throw isTooLarge ? tooLarge(maxBytes) : new BadRequest(400, "The body is no gzip.");
  }
}

function tooLarge(maxBytes: number): BadRequest {
  return new BadRequest(413, `The body is larger than this server's limit of ${maxBytes} bytes.`);
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
  if (delivery.kind === "page") {
    const { status, html, location } = delivery;
    response.writeHead(status, {
      "content-type": "text/html; charset=utf-8",
      ...(location === undefined ? {} : { location }),
    });
    response.end(html);
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

/** Whether a JSON value is an object, and no list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A text that is there and not empty: clients send empty ones for what is not set. */
export function optionalText(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
