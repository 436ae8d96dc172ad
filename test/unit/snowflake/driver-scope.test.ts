import { once } from "node:events";
import { type ClientRequest, createServer, get, type IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { DriverScope } from "../../../provider/snowflake/driver/scope.js";
import { listen } from "../../support/network/listen.js";

describe("the scope of a call of the driver", () => {
  let port: number;
  beforeAll(async () => {
    // Begins to answer at once, and ends when it is told.
    const server = createServer((request, response) => {
      response.write("begun");
      finish.set(request.url ?? "", () => response.end());
    });
    const listening = await listen(server);
    port = listening.port;
    return () => listening.stop();
  });
  const finish = new Map<string, () => void>();

  const ask = async (scope: DriverScope, path: string): Promise<[ClientRequest, IncomingMessage]> => {
    const request = scope.run(() => get({ host: "127.0.0.1", port, path }));
    request.on("error", () => undefined);
    const [response] = (await once(request, "response")) as [IncomingMessage];
    return [request, response];
  };

  const closed = (request: ClientRequest) => new Promise<void>((done) => request.once("close", done));

  it("ends requests to Snowflake, its own and those of the scopes within it", async () => {
    const session = new DriverScope();
    const [own] = await ask(session, "/session/v1/login-request?requestId=1");
    const [inner] = await ask(new DriverScope(session), "/queries/v1/query-request?requestId=2");
    const closing = [own, inner].map(closed);
    session.end();
    await Promise.all(closing);
    expect([own, inner].map((request) => request.destroyed)).toEqual([true, true]);
  });

  it("lets an inner scope end alone", async () => {
    const session = new DriverScope();
    const [, response] = await ask(session, "/queries/kept/result");
    const inner = new DriverScope(session);
    const [ended] = await ask(inner, "/queries/ended/result");
    const closing = closed(ended);
    inner.end();
    await closing;
    finish.get("/queries/kept/result")?.();
    response.resume();
    await once(response, "end");
    expect(response.complete).toBe(true);
    session.end();
  });

  it("cancels what is begun after its end, in the way after which the driver does not try again", async () => {
    const session = new DriverScope();
    session.end();
    const request = session.run(() => get({ host: "127.0.0.1", port, path: "/queries/late/result" }));
    const error = await new Promise((failed) => request.once("error", failed));
    expect(error).toMatchObject({ code: "ERR_CANCELED" });
  });

  it("does not cut off what all sessions of the process share", async () => {
    const session = new DriverScope();
    const [, response] = await ask(session, "/ocsp_response_cache.json");
    session.end();
    finish.get("/ocsp_response_cache.json")?.();
    response.resume();
    await once(response, "end");
    expect(response.complete).toBe(true);
  });

  it("stops the driver's timers, those that run and those that come later", async () => {
    const session = new DriverScope();
    const fired: string[] = [];
    session.run(() => setTimeout(() => fired.push("before"), 20));
    session.end();
    session.run(() => setTimeout(() => fired.push("after"), 20));
    await sleep(100);
    expect(fired).toEqual([]);
  });
});
