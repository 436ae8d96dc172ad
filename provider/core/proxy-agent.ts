import { type ClientRequest, Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { Socket } from "node:net";
import { Agent, type AgentConnectOpts } from "agent-base";
import { HttpProxyAgent } from "http-proxy-agent";
import { HttpsProxyAgent } from "https-proxy-agent";
import { ProxyFailure, readNodeCode } from "./network-failure.js";
import { findProxy, type HttpProxy } from "./proxy.js";

/**
 * Takes each request by way of the proxy of its URL, and those without one straight on. What a proxy answers in place of
 * connecting is an error here, and never taken for the server's answer.
 */
export class ProxyAgent extends Agent {
  readonly #direct: { readonly http: HttpAgent; readonly https: HttpsAgent };

  constructor(options: { readonly keepAlive: boolean }) {
    super(options);
    this.#direct = { http: new HttpAgent(options), https: new HttpsAgent(options) };
  }

  override async connect(request: ClientRequest, options: AgentConnectOpts): Promise<Socket | HttpAgent> {
    const protocol = options.secureEndpoint ? "https" : "http";
    const host = options.host?.includes(":") ? `[${options.host}]` : options.host;
    const proxy = findProxy(new URL(`${protocol}://${host}:${options.port}`));
    return proxy === undefined ? this.#direct[protocol] : connectBy(proxy, request, options);
  }

  override destroy(): void {
    this.#direct.http.destroy();
    this.#direct.https.destroy();
    super.destroy();
  }
}

/** Until a proxy has connected to the server, or refused to. */
const connectTimeoutMs = 8_000;

async function connectBy(
  { label, url }: HttpProxy,
  request: ClientRequest,
  options: AgentConnectOpts,
): Promise<Socket> {
  // Node does not tell when a request is given up that has no socket yet, and a silent proxy would keep its own.
  const pending = new AbortController();
  const timer = setTimeout(() => pending.abort(), connectTimeoutMs);
  const { signal } = pending;
  let proxyStatus = 200;
  request.once("proxyConnect", ({ statusCode }: { statusCode: number }) => {
    proxyStatus = statusCode;
  });
  const server = `${options.host}:${options.port}`;
  try {
    const Way = options.secureEndpoint ? HttpsProxyAgent : HttpProxyAgent;
    const socket = await new Way(url.expose(), { signal } as object).connect(request, options);
    if (proxyStatus === 200) return socket;
    socket.destroy();
  } catch (error) {
    throw new ProxyFailure(label, server, { code: signal.aborted ? "ETIMEDOUT" : readNodeCode(error) });
  } finally {
    clearTimeout(timer);
  }
  throw new ProxyFailure(label, server, { proxyStatus });
}
