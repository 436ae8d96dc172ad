import { once } from "node:events";
import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { buildSafeCause, type ProviderError } from "../../core/errors.js";
import { parseJson } from "../../core/json.js";
import { buildRefusal, isTlsCode } from "./probe.js";

/** An answer; `body` is undefined where the text is no JSON. */
export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
  readonly body: unknown;
}

/** One HTTPS request of a probe. */
export interface HttpQuestion {
  readonly method: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const maxBodyBytes = 1_000_000;

/**
 * One request on a connection of its own, which ends with it. Redirects are not followed: they would carry the
 * credentials to a place that nobody named. Not by fetch: after an abort that connects once more (seen in Node 20), and
 * the new connection stays.
 *
 * @throws `UNREACHABLE` when no answer came; the signal's own reason when that is aborted.
 */
export async function askHttp(
  url: URL,
  signal: AbortSignal,
  { method, headers, body }: HttpQuestion,
): Promise<HttpAnswer> {
  try {
    const open = url.protocol === "http:" ? requestHttp : requestHttps;
    const request = open(url, {
      method,
      signal,
      agent: false,
      headers: { accept: "application/json", "user-agent": "pulumi-snowflake-secrets", ...headers },
    });
    // Cut off within its answer it may tell twice, and an error that nobody hears would end the process.
    request.on("error", () => undefined);
    request.end(body);
    const [response] = (await once(request, "response")) as [IncomingMessage];
    const text = await readText(response);
    return { status: response.statusCode ?? 0, text, body: parseJson(text) };
  } catch (error) {
    throw signal.aborted ? signal.reason : explain(error, url);
  }
}

/** The field of an object, or undefined. */
export function fieldOf(value: unknown, field: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[field] : undefined;
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    size += chunk.length;
    if (size > maxBodyBytes) throw Object.assign(new Error(), { code: "ANSWER_TOO_LONG" });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function explain(error: unknown, url: URL): ProviderError {
  const cause = buildSafeCause(error);
  const code = cause.code ?? cause.name;
  return buildRefusal("UNREACHABLE", {
    operation: `no answer came (${code})`,
    target: url.host,
    hint: isTlsCode(code)
      ? "the server's certificate was refused: check the address and whatever stands between."
      : "check the address, the network path and the proxy.",
    cause,
  });
}
