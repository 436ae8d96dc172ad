import { createHmac } from "node:crypto";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Listener } from "../../../../sdk/cli/auto-sync/listener.js";
import { listenForWebhooks } from "../../../../sdk/cli/auto-sync/webhook.js";

const secretKey = "whsec";
const sharedSecret = "a-shared-secret";
let listener: Listener;
let changes: unknown[];
let refused: string[];
let messages: (string | undefined)[];

beforeEach(async () => {
  changes = [];
  refused = [];
  messages = [];
  listener = await listenForWebhooks({
    host: "127.0.0.1",
    port: 0,
    secretKey,
    sharedSecret,
    maxBodyBytes: 2_000,
    onChange: (event) => changes.push(event),
    onMessage: (stack) => {
      messages.push(stack);
      return stack !== "nope";
    },
    onRefused: (reason) => refused.push(reason),
  });
});
afterEach(() => listener.close());

function buildBody(more: Record<string, unknown> = {}): string {
  const project = { environment: "dev", secretPath: "/app" };
  return JSON.stringify({ event: "secrets.modified", project, timestamp: Date.now(), ...more });
}

async function send(
  body: string,
  { time, key = secretKey, header }: { time?: number; key?: string; header?: string } = {},
) {
  const stamp = time ?? (JSON.parse(body) as { timestamp: number }).timestamp;
  const signature = header ?? `t=${stamp};${createHmac("sha256", key).update(body).digest("hex")}`;
  const response = await fetch(listener.url, {
    method: "POST",
    headers: { "x-infisical-signature": signature },
    body,
  });
  return { status: response.status, text: await response.text() };
}

describe("the webhook", () => {
  it("takes a signed change, and says where it was", async () => {
    expect(await send(buildBody())).toEqual({ status: 202, text: "" });
    expect(changes).toEqual([{ environment: "dev", secretPath: "/app" }]);
  });

  it("takes Infisical's test without acting on it", async () => {
    expect((await send(buildBody({ event: "test" }))).status).toBe(202);
    expect(changes).toEqual([]);
  });

  it("refuses another key, no signature, and a signature of another form, without telling why", async () => {
    const body = buildBody();
    expect(await send(body, { key: "another" })).toEqual({ status: 401, text: "" });
    for (const header of ["", "t=1;", `t=1;${"0".repeat(64)}`, "sha256=00", `t=1;${"0".repeat(63)}`]) {
      expect((await send(body, { header })).status).toBe(401);
    }
    expect(changes).toEqual([]);
  });

  it("refuses an old request, and one that was given a new time without the key", async () => {
    const old = buildBody({ timestamp: Date.now() - 301_000 });
    expect((await send(old)).status).toBe(401);
    expect((await send(old, { time: Date.now() })).status).toBe(401);
    expect((await send(buildBody({ timestamp: Date.now() + 301_000 }))).status).toBe(401);
    expect(refused).toEqual(["too old", "time not signed", "too old"]);
    expect(changes).toEqual([]);
  });

  it("refuses a body that is too large, with and without a length, and anything but a POST", async () => {
    expect((await send(buildBody({ filler: "x".repeat(3_000) }))).status).toBe(413);
    const stream = new ReadableStream({
      start: (controller) => {
        for (let i = 0; i < 10; i += 1) controller.enqueue(new TextEncoder().encode("x".repeat(1_000)));
        controller.close();
      },
    });
    const request = { method: "POST", body: stream, duplex: "half" } as RequestInit;
    const outcome = await fetch(listener.url, request).then(
      ({ status }) => status,
      () => "cut",
    );
    expect([413, "cut"]).toContain(outcome);
    expect((await fetch(listener.url)).status).toBe(405);
    expect(changes).toEqual([]);
  });

  it("takes a message with the shared secret, for one stack or for all, and no other", async () => {
    const post = (query: string, authorization: string) =>
      fetch(listener.url + query, { method: "POST", headers: { authorization }, body: "ignored" });
    expect((await post("", `Bearer ${sharedSecret}`)).status).toBe(202);
    expect((await post("?stack=dev", `bearer ${sharedSecret}`)).status).toBe(202);
    expect(messages).toEqual([undefined, "dev"]);
    expect((await post("?stack=nope", `Bearer ${sharedSecret}`)).status).toBe(404);
    messages.length = 0;
    for (const wrong of [
      "Bearer another",
      "Bearer ",
      sharedSecret,
      `Basic ${sharedSecret}`,
      `Bearer ${secretKey}`,
    ]) {
      expect((await post("", wrong)).status).toBe(401);
    }
    expect(messages).toEqual([]);
  });

  it("refuses each kind of sender whose secret is not set", async () => {
    await listener.close();
    const none = { host: "127.0.0.1", port: 0, onChange: () => changes.push({}), onRefused: () => undefined };
    listener = await listenForWebhooks({ ...none, sharedSecret });
    expect((await send(buildBody(), { key: "" })).status).toBe(401);
    await listener.close();
    listener = await listenForWebhooks({ ...none, secretKey });
    const headers = { authorization: "Bearer undefined" };
    expect((await fetch(listener.url, { method: "POST", headers })).status).toBe(401);
    expect(changes).toEqual([]);
  });

  it("refuses what is signed and no webhook", async () => {
    expect((await send(JSON.stringify({ timestamp: 1 }))).status).toBe(400);
  });

  const openSocket = async (text: string) => {
    const socket = connect(Number(new URL(listener.url).port), "127.0.0.1");
    const ended = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    socket.on("error", () => undefined);
    await new Promise((resolve) => socket.once("connect", resolve));
    socket.write(text);
    return { socket, ended };
  };

  it("cuts a body off that comes byte by byte, some 5 s after it began", async () => {
    const head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n";
    const { socket, ended } = await openSocket(head);
    const started = performance.now();
    const timer = setInterval(() => socket.write("x"), 100);
    await ended;
    clearInterval(timer);
    expect(performance.now() - started).toBeGreaterThan(4_000);
    expect(performance.now() - started).toBeLessThan(9_000);
    expect(changes).toEqual([]);
  });

  it("bounds how many connections are open at once", async () => {
    const open = await Promise.all(Array.from({ length: 40 }, () => openSocket("")));
    let closed = 0;
    for (const { ended } of open) void ended.then(() => (closed += 1));
    await expect.poll(() => closed).toBe(8);
    for (const { socket } of open) socket.destroy();
  });

  it("does not wait for a sender that never ends when it is closed", async () => {
    const { ended } = await openSocket("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nx");
    await new Promise((resolve) => setTimeout(resolve, 50));
    await listener.close();
    await ended;
    expect(changes).toEqual([]);
  });
});
