import { createServer } from "node:http";
import { type ListenAddress, type Listener, listen } from "./listener.js";
import type { Monitor } from "./monitor.js";

/** Answers `GET` on `/healthz`, `/readyz`, `/metrics` and `/status`; nothing can be changed there. */
export function serveMonitor(monitor: Monitor, address: ListenAddress): Promise<Listener> {
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
  return listen(server, address);
}

interface Answer {
  readonly status?: number;
  readonly type?: string;
  readonly text: string;
}
