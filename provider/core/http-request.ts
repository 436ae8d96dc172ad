import { once } from "node:events";
import { type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { parseJson } from "./json.js";
import { ProxyFailure } from "./network-failure.js";
import { findProxy } from "./proxy.js";

/** An answer; `body` is undefined where the text is no JSON. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: unknown;
}

/** What a TLS connection is made with beside Node's own; all in PEM. */
export interface TlsSettings {
  /** Certificates of the authorities to trust in place of Node's own. */
  readonly ca?: string;
  /** This client's own certificate, and its key. */
  readonly cert?: string;
  readonly key?: string;
  /** The name that the server's certificate must have in place of the URL's. */
  readonly servername?: string;
}

/** One request over HTTP. */
export interface HttpQuestion {
  readonly method: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly tls?: TlsSettings;
}

/**
 * One request on a connection of its own, which ends with it, by way of the proxy of its URL. Redirects are not followed:
 * they would carry the credentials to a place that nobody named. Not by fetch: after an abort that connects once more
 * (seen in Node 20), and the new connection stays; and it knows no proxy there.
 *
 * @throws what `readNetworkFailure` reads, when no answer came; the signal's own reason when that is aborted;
 *   INVALID_INPUT for the address of a proxy that is none
 */
export async function askHttp(
  url: URL,
  signal: AbortSignal,
  { method, headers, body, tls }: HttpQuestion,
  maxBodyBytes = Number.POSITIVE_INFINITY,
): Promise<HttpAnswer> {
  const proxy = findProxy(url);
  const agent = proxy === undefined ? false : await loadProxyAgent();
  try {
    const open = url.protocol === "http:" ? requestHttp : requestHttps;
    const request = open(url, {
      method,
      signal,
      agent,
      ...tls,
      headers: { accept: "application/json", "user-agent": "pulumi-snowflake-secrets", ...headers },
    });
    // Cut off within its answer it may tell twice, and an error that nobody hears would end the process.
    request.on("error", () => undefined);
    request.end(body);
    const [response] = (await once(request, "response")) as [IncomingMessage];
    const status = response.statusCode ?? 0;
    // Over plain HTTP a proxy answers in the server's place; this status is a proxy's alone.
    if (proxy !== undefined && status === 407)
      throw new ProxyFailure(proxy.label, url.host, { proxyStatus: status });
    const text = await readText(response, maxBodyBytes);
    return { status, headers: response.headers, text, body: parseJson(text) };
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  }
}

async function loadProxyAgent() {
  const { ProxyAgent } = await import("./proxy-agent.js");
  return new ProxyAgent({ keepAlive: false });
}

async function readText(response: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    size += chunk.length;
    if (size > maxBytes) throw Object.assign(new Error(), { code: "ANSWER_TOO_LONG" });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
