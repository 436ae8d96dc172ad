import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Monitor } from "./monitor.js";
import { closeServer, explainListen, type WebhookListener } from "./webhook.js";

/** Answers `GET` on `/healthz`, `/readyz`, `/metrics` and `/status`; nothing can be changed there. */
export async function serveMonitor(
  monitor: Monitor,
  address: { readonly host: string; readonly port: number },
): Promise<WebhookListener> {
  const answers: Readonly<Record<string, () => Promise<Answer>>> = {
    "/healthz": async () => ({ text: "ok\n" }),
    "/readyz": async () => (monitor.isReady() ? { text: "ok\n" } : { status: 503, text: "starting\n" }),
    "/metrics": () => monitor.renderMetrics(),
    "/status": async () => ({
      type: "application/json",
      text: JSON.stringify({ stacks: monitor.statuses() }),
    }),
  };
  const server = createServer({ requestTimeout: 5_000, headersTimeout: 5_000 }, (request, response) => {
    const path = (request.url ?? "/").split("?")[0] ?? "/";
    const answer = Object.hasOwn(answers, path) && request.method === "GET" ? answers[path] : undefined;
    const asked = answer === undefined ? Promise.resolve({ status: 404, text: "" }) : answer();
    asked
      .catch((): Answer => ({ status: 500, text: "" }))
      .then(({ status = 200, type = "text/plain", text }: Answer) => {
        response.writeHead(status, { "content-type": type }).end(text);
      });
  });
  server.maxConnections = 32;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(explainListen(error, address)));
    server.listen(address.port, address.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://${address.host}:${port}/`, close: () => closeServer(server) };
}

interface Answer {
  readonly status?: number;
  readonly type?: string;
  readonly text: string;
}
