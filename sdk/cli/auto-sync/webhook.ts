import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import * as z from "zod";
import { parseJson } from "../../../provider/core/json.js";
import { type ListenAddress, type Listener, listen } from "./listener.js";

/** Where to listen, what to refuse, and whom to tell. */
export interface WebhookOptions extends ListenAddress {
  /** The secret key that the webhook was given in Infisical. @default its webhooks are refused */
  readonly secretKey?: string | undefined;
  /** What any other sender gives as its bearer token. @default other senders are refused */
  readonly sharedSecret?: string | undefined;
  /** @default 300_000 */
  readonly maxAgeMs?: number;
  /** @default 65_536 */
  readonly maxBodyBytes?: number;
  readonly onChange: (event: { environment: string | undefined; secretPath: string | undefined }) => void;
  /** A message of another sender; `stack` is the one that it names. @returns false where there is none of that name */
  readonly onMessage?: (stack: string | undefined) => boolean;
  readonly onRefused: (reason: string) => void;
}

const payloadShape = z.object({
  event: z.string(),
  timestamp: z.union([z.number(), z.string()]),
  project: z.object({ environment: z.string().optional(), secretPath: z.string().optional() }).optional(),
});

/** For a request as a whole, however slowly it comes. */
const requestTimeoutMs = 5_000;
const checkIntervalMs = 500;
/** Infisical sends one webhook after the other. */
const maxConnections = 32;

/**
 * Listens for a POST with `authorization: Bearer <shared secret>`, whose `?stack=` may name one stack, and for
 * Infisical's webhook (https://infisical.com/docs/documentation/platform/webhooks): a POST whose header
 * `x-infisical-signature` is `t=<ms>;<HMAC-SHA-256 of the body, hex>`. Whatever is too large, too slow, unsigned,
 * wrongly signed or too old is refused before it is looked at.
 */
export async function listenForWebhooks(options: WebhookOptions): Promise<Listener> {
  // Node looks for requests that are late every 30 s unless it is told otherwise.
  const timeouts = { requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs };
  const settings = { ...timeouts, connectionsCheckingInterval: checkIntervalMs, keepAliveTimeout: 1_000 };
  const server = createServer(settings, (request, response) => {
    receive(options, request)
      .then((verdict) => answer(response, verdict, options))
      .catch(() => answer(response, { status: 400, reason: "unreadable request" }, options));
  });
  server.maxConnections = maxConnections;
  return listen(server, options);
}

interface Verdict {
  readonly status: number;
  readonly reason?: string;
}

async function receive(options: WebhookOptions, request: IncomingMessage): Promise<Verdict> {
  if (request.method !== "POST") return { status: 405, reason: "not a POST" };
  const body = await readBody(request, options.maxBodyBytes ?? 65_536);
  if (body === undefined) return { status: 413, reason: "body too large" };
  if (request.headers["x-infisical-signature"] === undefined) return receiveMessage(options, request);
  const parsedHeader = /^t=(\d{1,16});([0-9a-f]{64})$/.exec(
    String(request.headers["x-infisical-signature"] ?? ""),
  );
  const [, time = "", signature = ""] = parsedHeader ?? [];
  if (options.secretKey === undefined || !isSignedBy(options.secretKey, body, signature))
    return { status: 401, reason: "no valid signature" };
  const payload = payloadShape.safeParse(parseJson(body.toString("utf8")));
  if (!payload.success) return { status: 400, reason: "signed, but not a webhook of Infisical" };
  // The header's time is not signed; the body's is, and the two are the same in every genuine request.
  const signedTime = Number(payload.data.timestamp);
  if (!Number.isFinite(signedTime) || signedTime !== Number(time))
    return { status: 401, reason: "time not signed" };
  if (Math.abs(Date.now() - signedTime) > (options.maxAgeMs ?? 300_000))
    return { status: 401, reason: "too old" };
  if (payload.data.event !== "test") {
    const { environment, secretPath } = payload.data.project ?? {};
    options.onChange({ environment, secretPath });
  }
  return { status: 202 };
}

/** Whether a sender can give the secret in its header (RFC 6750). */
export function isBearerToken(secret: string): boolean {
  return /^[\x21-\x7e]{1,1024}$/.test(secret);
}

/** Its body says nothing: whoever has the secret may have sources looked at, and no more. */
function receiveMessage(
  { sharedSecret, onMessage }: WebhookOptions,
  { headers, url = "/" }: IncomingMessage,
): Verdict {
  const given = /^Bearer (.*)$/i.exec(headers.authorization ?? "")?.[1];
  if (given === undefined || !isBearerToken(given)) return { status: 401, reason: "no valid signature" };
  if (sharedSecret === undefined || !isSame(given, sharedSecret))
    return { status: 401, reason: "wrong shared secret" };
  const stack = new URL(url, "http://localhost").searchParams.get("stack") ?? undefined;
  return onMessage?.(stack) === false ? { status: 404, reason: "no such stack" } : { status: 202 };
}

/** Of hashes, so that neither length nor text can be told from the time. */
function isSame(given: string, expected: string): boolean {
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(given), hash(expected));
}

function isSignedBy(secretKey: string, body: Buffer, signature: string): boolean {
  const expected = createHmac("sha256", secretKey).update(body).digest();
  const given = Buffer.from(signature, "hex");
  return given.length === expected.length && timingSafeEqual(given, expected);
}

async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) return undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function answer(response: ServerResponse, { status, reason }: Verdict, { onRefused }: WebhookOptions): void {
  if (reason !== undefined) onRefused(reason);
  if (response.destroyed) return;
  // Whoever is refused is not told why.
  response.writeHead(status, { "content-type": "text/plain", connection: "close" });
  response.end();
}
