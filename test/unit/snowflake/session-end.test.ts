import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect as connectSocket, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  type FaultEffect,
  type SnowflakeServer,
  startSnowflakeServer,
} from "../../../sdk/snowflake-server/index.js";
import { findFreePort } from "../../support/network/free-port.js";
import { listen } from "../../support/network/listen.js";
import { makeCertificate } from "../../support/postgres/certificate.js";
import { runScenario } from "./child.js";
import { type Reach, reach } from "./connect.js";

let server: SnowflakeServer;
let plain: Reach;
/** Those that a log-in opened whose answer never arrived. */
let orphans: number;
beforeAll(async () => {
  server = await startSnowflakeServer();
  plain = reach(server);
});
afterAll(() => server.stop());
beforeEach(() => {
  server.control.clearFaults();
  server.control.resetCounts();
  orphans = server.control.counts().openSessions;
});

const always = Number.POSITIVE_INFINITY;

const faults: readonly FaultEffect[] = [{ kind: "hang" }, { kind: "dribble", everyMs: 100 }];

describe("after a log-in that did not succeed a process can end", () => {
  it.each(faults)("with a server that does this: %o", async (effect) => {
    server.control.addFault({ on: "login", times: always, effect });
    expect(await runScenario("log in", plain)).toMatchObject({ code: 0, lines: ["TIMED_OUT", "remains: "] });
    expect(server.control.counts().logins).toBe(1);
  });

  it("with a server that accepts and says nothing", async () => {
    const silent = await listen(createServer());
    expect(await runScenario("log in", { ...plain, port: silent.port })).toMatchObject({
      code: 0,
      lines: ["TIMED_OUT", "remains: "],
    });
    await silent.stop();
  });

  it("with a server that does not get through its TLS handshake", async () => {
    const silent = await listen(createServer());
    const ended = await runScenario("log in", { ...plain, port: silent.port, protocol: "https" });
    expect(ended).toMatchObject({ code: 0, lines: ["TIMED_OUT", "remains: "] });
    await silent.stop();
  });

  it("with nobody there", async () => {
    const ended = await runScenario("log in", { ...plain, port: await findFreePort() });
    expect(ended).toMatchObject({ code: 0, lines: ["UNREACHABLE", "remains: "] });
  });

  it("with a server that always answers 503", async () => {
    server.control.addFault({ on: "login", times: always, effect: { kind: "http-status", status: 503 } });
    expect(await runScenario("log in", plain)).toMatchObject({
      code: 0,
      lines: ["UNREACHABLE", "remains: "],
    });
  });
});

describe("after close a process can end", () => {
  it("with nothing under way", async () => {
    expect(await runScenario("log in, ask, close", plain)).toMatchObject({
      code: 0,
      lines: ["done", "remains: "],
    });
    expect(server.control.counts().openSessions).toBe(orphans);
  });

  const statementFaults: readonly FaultEffect[] = [
    ...faults,
    { kind: "http-status", status: 503 },
    { kind: "http-status", status: 429 },
    { kind: "cut", when: "before" },
  ];

  it.each(statementFaults)("with statements that the driver would send again: %o", async (effect) => {
    server.control.addFault({ times: always, effect });
    expect(await runScenario("log in, ask, close", plain)).toMatchObject({
      code: 0,
      lines: ["TIMED_OUT", "remains: "],
    });
  });

  it("over TLS, where sockets are opened in another way", async () => {
    const folder = mkdtempSync(join(tmpdir(), "session-end-"));
    const { certificateFile, keyFile, text } = await makeCertificate(folder, undefined);
    const front = await listen(
      createTlsServer({ cert: text, key: readFileSync(keyFile) }, (socket) => {
        const inner = connectSocket(server.port, server.host);
        socket.pipe(inner).on("error", () => socket.destroy());
        inner.pipe(socket).on("error", () => inner.destroy());
      }),
    );
    server.control.addFault({ times: always, effect: { kind: "hang" } });
    const ended = await runScenario(
      "log in, ask, close",
      { ...plain, port: front.port, protocol: "https" },
      { env: { NODE_EXTRA_CA_CERTS: certificateFile } },
    );
    await front.stop();
    rmSync(folder, { recursive: true });
    expect(ended).toMatchObject({ code: 0, lines: ["TIMED_OUT", "remains: "] });
  });
});

describe("an interrupt", () => {
  const interrupt = (line: string, kill: (signal: NodeJS.Signals) => void) => {
    if (line === "ready") kill("SIGINT");
  };

  it("logs out and ends the process as the signal would", async () => {
    const ended = await runScenario("hold a session", plain, { onLine: interrupt });
    expect(ended).toMatchObject({ code: null, signal: "SIGINT" });
    expect(server.control.counts()).toMatchObject({ successfulLogins: 1, openSessions: orphans });
  });

  it("keeps an exit code that was set", async () => {
    const ended = await runScenario("hold a session", plain, { onLine: interrupt, env: { EXIT_CODE: "3" } });
    expect(ended).toMatchObject({ code: 3, signal: null });
    expect(server.control.counts().openSessions).toBe(orphans);
  });

  it("in the middle of a hanging log-in ends the process within the 5 s that the engine gives it", async () => {
    server.control.addFault({ on: "login", times: always, effect: { kind: "hang" } });
    let interruptedAt = 0;
    const ended = await runScenario("hang in a log-in", plain, {
      onLine: (line, kill) => {
        interruptedAt = Date.now();
        interrupt(line, kill);
      },
    });
    expect(ended).toMatchObject({ code: null, signal: "SIGINT" });
    expect(Date.now() - interruptedAt).toBeLessThan(5_000);
  });
});
