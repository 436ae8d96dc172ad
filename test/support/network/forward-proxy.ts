import { createServer, type IncomingMessage, request as requestHttp } from "node:http";
import { connect, type Socket } from "node:net";
import { listen } from "./listen.js";

/** A forward proxy as companies have it: what it does not know, it refuses. */
export interface ForwardProxy {
  /** With user and password, where it wants them. */
  readonly url: string;
  /** Host and port, as a text shows them. */
  readonly address: string;
  readonly port: number;
  /** What it was asked to connect to so far, or to forward: `CONNECT acme:443`, `GET http://acme/x`. */
  readonly asked: readonly string[];
  forget(): void;
  /** Answers every request with this status from now on; 0: nothing at all; undefined: as it should. */
  refuseWith(status: number | undefined): void;
  stop(): Promise<void>;
}

export interface ForwardProxyOptions {
  /** By `host:port`, the port of this machine where that server really is. */
  readonly routes: ReadonlyMap<string, number>;
  readonly login?: { readonly user: string; readonly password: string };
}

export async function startForwardProxy({ routes, login }: ForwardProxyOptions): Promise<ForwardProxy> {
  const asked: string[] = [];
  let refusal: number | undefined;

  const judge = ({ headers }: IncomingMessage, target: string): number => {
    if (refusal !== undefined) return refusal;
    const expected = login && `Basic ${Buffer.from(`${login.user}:${login.password}`).toString("base64")}`;
    if (expected !== undefined && headers["proxy-authorization"] !== expected) return 407;
    return routes.has(target) ? 200 : 403;
  };

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://origin-form.invalid");
    asked.push(`${request.method} ${url.origin}${url.pathname}`);
    const status = judge(request, `${url.hostname}:${url.port || 80}`);
    if (status === 0) return;
    if (status !== 200) {
      response.writeHead(status, { "content-type": "text/html" }).end("<h1>Refused by the proxy</h1>");
      return;
    }
    const { "proxy-authorization": _login, "proxy-connection": _connection, ...headers } = request.headers;
    const port = routes.get(`${url.hostname}:${url.port || 80}`);
    const onward = requestHttp(
      { host: "127.0.0.1", port, method: request.method, path: `${url.pathname}${url.search}`, headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on("error", () => response.destroy());
    request.pipe(onward);
  });
  server.on("connect", (request: IncomingMessage, socket: Socket) => {
    const target = request.url ?? "";
    asked.push(`CONNECT ${target}`);
    socket.on("error", () => undefined);
    const status = judge(request, target);
    if (status === 0) return;
    if (status !== 200) {
      socket.end(`HTTP/1.1 ${status} Refused\r\ncontent-length: 7\r\n\r\nrefused`);
      return;
    }
    const onward = connect(routes.get(target) ?? 0, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      socket.pipe(onward).pipe(socket);
    });
    onward.on("error", () => socket.destroy());
    socket.on("close", () => onward.destroy());
  });
  const { port, stop } = await listen(server);
  const secret = login === undefined ? "" : `${login.user}:${encodeURIComponent(login.password)}@`;
  return {
    url: `http://${secret}127.0.0.1:${port}`,
    address: `127.0.0.1:${port}`,
    port,
    asked,
    forget: () => {
      asked.length = 0;
    },
    refuseWith: (status) => {
      refusal = status;
    },
    stop,
  };
}
