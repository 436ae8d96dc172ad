import { createServer } from "node:http";
import { createServer as createMuteServer, type Server } from "node:net";
import { inspect } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { SecretValue } from "../../../provider/core/secret-value.js";
import { fetchClientToken } from "../../../provider/snowflake/driver/client-token.js";
import { type Listening, listen } from "../../support/network/listen.js";

const open: Listening[] = [];
afterEach(() => Promise.all(open.splice(0).map(({ stop }) => stop())));

async function serve(server: Server): Promise<string> {
  const listening = await listen(server);
  open.push(listening);
  return `${listening.url}/token`;
}

/** An identity provider with one answer, and what it is asked. */
async function startProvider(status: number, body: string, headers: Readonly<Record<string, string>> = {}) {
  const asked: string[] = [];
  const url = await serve(
    createServer((request, response) => {
      let text = "";
      request.on("data", (chunk) => (text += chunk));
      request.on("end", () => {
        asked.push(text);
        response.writeHead(status, headers).end(body);
      });
    }),
  );
  return { url, asked };
}

const ask = (tokenRequestUrl: string, more: { role?: string; scope?: string; signal?: AbortSignal } = {}) => {
  const { scope, ...options } = more;
  const client = { clientId: "a client", clientSecret: new SecretValue("s&cret"), tokenRequestUrl };
  return fetchClientToken(
    { kind: "oauth-client-credentials", ...client, ...(scope === undefined ? {} : { scope }) },
    { timeoutMs: 300, ...options },
  ).catch((error: unknown) => {
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/s(&|%26)cret/);
    throw error;
  });
};

describe("the access token of an OAuth client", () => {
  it("is asked for with the scope, or that of the role", async () => {
    const { url, asked } = await startProvider(200, '{"access_token":"t"}');
    expect((await ask(url)).expose()).toBe("t");
    await ask(url, { role: "R" });
    await ask(url, { role: "R", scope: "a b" });
    const own = "grant_type=client_credentials&client_id=a+client&client_secret=s%26cret";
    expect(asked).toEqual([own, `${own}&scope=session%3Arole%3AR`, `${own}&scope=a+b`]);
  });

  it.each<[number, string, string, string]>([
    [400, '{"error":"invalid_scope"}', "AUTHENTICATION_FAILED", "invalid_scope, HTTP 400"],
    [401, '{"error":"invalid_client"}', "AUTHENTICATION_FAILED", "invalid_client, HTTP 401"],
    [403, "<html>", "AUTHENTICATION_FAILED", "HTTP 403"],
    [400, '{"error":"temporarily_unavailable"}', "UNREACHABLE", "temporarily_unavailable, HTTP 400"],
    [404, "", "UNREACHABLE", "HTTP 404"],
    [429, "null", "UNREACHABLE", "HTTP 429"],
    [500, '{"error":"Not a code: s&cret"}', "UNREACHABLE", "(HTTP 500)"],
    [200, "<html>", "UNREACHABLE", "HTTP 200"],
    [200, '{"access_token":""}', "UNREACHABLE", "HTTP 200"],
  ])("is not there after HTTP %d %s: %s", async (status, body, code, told) => {
    const { url } = await startProvider(status, body);
    const error = await ask(url).then(undefined, (thrown) => thrown);
    expect(error).toMatchObject({ code, retryable: code === "UNREACHABLE" });
    expect(error.message).toContain(told);
  });

  it.each([301, 302, 303, 307, 308])(
    "is asked for at no address that a redirect names: HTTP %d",
    async (status) => {
      const other = await startProvider(200, '{"access_token":"t"}');
      const { url } = await startProvider(status, "", { location: other.url });
      await expect(ask(url)).rejects.toMatchObject({ code: "UNREACHABLE" });
      expect(other.asked).toEqual([]);
    },
  );

  it("is given up in time, or with the log-in, and leaves no connection", async () => {
    const closed: Promise<unknown>[] = [];
    const url = await serve(
      createMuteServer((socket) => {
        socket.resume().on("error", () => undefined);
        closed.push(new Promise((resolve) => socket.once("close", resolve)));
      }),
    );
    await expect(ask(url)).rejects.toMatchObject({ code: "TIMED_OUT" });
    await expect(ask(url, { signal: AbortSignal.timeout(50) })).rejects.toBeDefined();
    expect(closed).toHaveLength(2);
    await Promise.all(closed);
  });
});
