import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { startSnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { LIMITS } from "../../sdk/snowflake-server/limits.js";
import { type Session, Sessions } from "../../sdk/snowflake-server/sessions.js";
import { SessionParameters } from "../../sdk/snowflake-server/statements/parameters.js";
import { useDemoAccount } from "../support/snowflake/use-demo-account.js";
import { callWire, openWire, type WireSession } from "../support/snowflake/wire-client.js";

const MEBIBYTE = 1024 * 1024;
const CONTEXT = {
  user: "ADMIN",
  role: "ACCOUNTADMIN",
  secondaryRoles: "ALL",
  clientAddress: "127.0.0.1",
  database: undefined,
  schema: undefined,
  warehouse: undefined,
} as const;
const patience = { timeout: 5_000, interval: 25 };
const OWN_WORDS = { success: false, code: "000002", data: { sqlState: "0A000" } };

const demo = useDemoAccount();
let session: WireSession;

beforeAll(async () => {
  demo.control.grant("USAGE", { warehouse: demo.seed.warehouse }, "PUBLIC");
  session = await openWire(demo.server, demo.seed, "databaseName=APP&schemaName=SECRETS&warehouse=WH");
});

/** What the server still answers after a request that was meant to end it. */
async function expectAlive(): Promise<void> {
  const health = await fetch(`${demo.server.url}/healthz`);
  expect(await health.json()).toEqual({ status: "ok" });
  expect(await session.query("SELECT 1 AS N")).toMatchObject({ data: { rowset: [["1"]] } });
}

describe("a request's body", () => {
  it.each([
    ["as it comes", () => Buffer.alloc(LIMITS.anonymousBodyBytes + 1, " ")],
    ["unpacked", () => gzipSync(Buffer.alloc(300 * MEBIBYTE))],
  ])("is bounded before log-in, %s", async (_, raw) => {
    const before = process.memoryUsage().rss;
    const answer = await callWire(demo.server, "/session/v1/login-request", { raw: raw() });
    expect(answer).toMatchObject({ status: 413, success: false });
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * MEBIBYTE);
    await expectAlive();
  });

  it("may be larger in a session, up to a bound", async () => {
    const value = "x".repeat(2 * MEBIBYTE);
    const bindings = { 1: { type: "TEXT", value } };
    expect(await session.query("SELECT ? AS V", { bindings })).toMatchObject({ data: { rowset: [[value]] } });
    const raw = gzipSync(Buffer.alloc(LIMITS.sessionBodyBytes + 1, " "));
    expect(await session.call("/queries/v1/query-request", { raw })).toMatchObject({ status: 413 });
    await expectAlive();
  });

  it.each([
    ["broken gzip", Buffer.from([0x1f, 0x8b, 1, 2, 3])],
    ["a bind that is an object", JSON.stringify({ bindings: { 1: { type: "TEXT", value: { a: 1 } } } })],
    ["a bind that is a number", JSON.stringify({ bindings: { 1: { type: "FIXED", value: 1 } } })],
    ["a bind without a type", JSON.stringify({ bindings: { 1: { value: "x" } } })],
    ["binds that are a list", JSON.stringify({ bindings: [] })],
    ["no number of statements", JSON.stringify({ parameters: { MULTI_STATEMENT_COUNT: "many" } })],
  ])("that is %s is a bad request", async (_, text) => {
    const answer = await session.call("/queries/v1/query-request", { raw: Buffer.from(text) });
    expect(answer).toMatchObject({ status: 400, success: false, code: "390400" });
    await expectAlive();
  });

  it("that stops halfway, and an address that is none, end nothing but their connection", async () => {
    for (const text of [
      "POST /session/v1/login-request HTTP/1.1\r\nhost: x\r\ncontent-length: 500\r\n\r\n{",
      "GET //[ HTTP/1.1\r\nhost: x\r\n\r\n",
      "NONSENSE\r\n\r\n",
    ]) {
      const socket = connect(demo.server.port, demo.server.host);
      await new Promise<void>((sent) => socket.end(text, () => sent()));
      await new Promise<void>((closed) => socket.resume().once("close", () => closed()));
    }
    await expectAlive();
  });
});

describe("a statement", () => {
  it.each([false, true])(
    "that generates too many rows is refused, asynchronous or not: %s",
    async (asyncExec) => {
      const sql = "SELECT 1 FROM TABLE(GENERATOR(ROWCOUNT => 99999999999))";
      const started = await session.query(sql, { asyncExec });
      const refused = asyncExec
        ? await session.call(`/queries/${String(started.data?.queryId)}/result`, { method: "GET" })
        : started;
      expect(refused).toMatchObject(OWN_WORDS);
      expect(refused.message).toContain("This is not Snowflake's answer.");
      await expectAlive();
    },
  );

  it("whose rows are many and long is refused", async () => {
    const sql = `SELECT '${"x".repeat(MEBIBYTE / 2)}' FROM TABLE(GENERATOR(ROWCOUNT => ${LIMITS.generatedRows}))`;
    expect(await session.query(sql)).toMatchObject(OWN_WORDS);
    await expectAlive();
  });

  it("with a literal of 20 MB is refused, and takes no multiple of it", async () => {
    const before = process.memoryUsage().rss;
    expect(await session.query(`SELECT '${"x".repeat(20 * MEBIBYTE)}'`)).toMatchObject(OWN_WORDS);
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * MEBIBYTE);
    await expectAlive();
  });

  it("beside too many others is refused", async () => {
    const parameters = { MULTI_STATEMENT_COUNT: 0 };
    const sql = "SELECT 1;".repeat(LIMITS.statementsPerRequest + 1);
    expect(await session.query(sql, { parameters })).toMatchObject(OWN_WORDS);
    expect(await session.query(sql.slice(9), { parameters })).toMatchObject({ success: true });
    await expectAlive();
  });

  it("with a LIKE of many wildcards against a long name answers at once", async () => {
    const name = "A".repeat(255);
    demo.control.putSecret({ database: "APP", schema: "SECRETS", name, owner: demo.seed.role });
    const started = performance.now();
    expect(await session.query(`SHOW SECRETS LIKE '${"%A".repeat(30)}%B'`)).toMatchObject({
      data: { returned: 0 },
    });
    expect(performance.now() - started).toBeLessThan(2000);
    demo.control.dropSecret("APP", "SECRETS", name);
  });
});

describe("what is kept", () => {
  it("of statements is the latest ones, and their counts go on", async () => {
    const own = await startSnowflakeServer();
    const { username, password } = own.connection;
    const admin = await openWire(own, { username, password });
    const value = randomBytes(512 * 1024).toString("hex");
    const bindings = { 1: { type: "TEXT", value } };
    const runs = Math.ceil(LIMITS.journalCharacters / value.length) + 4;
    for (let run = 0; run < runs; run += 1) await admin.query("SELECT ?", { bindings });
    expect(own.control.counts()).toMatchObject({ statements: runs, byKind: { SELECT: runs } });
    const kept = own.control.statements();
    expect(kept.length).toBeLessThan(runs);
    expect(kept.length * value.length).toBeLessThanOrEqual(LIMITS.journalCharacters);
    await own.stop();
  });

  it("of sessions ends with their tokens: 390112, renewable until the master token is over", async () => {
    const own = await startSnowflakeServer({ tokenValiditySeconds: 0.2, masterTokenValiditySeconds: 0.6 });
    const { username, password } = own.connection;
    const admin = await openWire(own, { username, password });
    expect(await admin.query("SELECT 1")).toMatchObject({ success: true });
    await expect.poll(async () => (await admin.query("SELECT 1")).code, patience).toBe("390112");
    const renewed = await callWire(own, "/session/token-request", { token: admin.masterToken });
    expect(renewed.data).toMatchObject({ validityInSecondsST: 0.2, validityInSecondsMT: 0.6 });
    await expect.poll(() => own.control.counts().openSessions, patience).toBe(0);
    expect(await callWire(own, "/session/token-request", { token: admin.masterToken })).toMatchObject({
      code: "390114",
    });
    expect(await admin.query("SELECT 1")).toMatchObject({ status: 401, code: "390104" });
    await own.stop();
  });

  it("of sessions is bounded: the one used longest ago goes first", () => {
    const sessions = new Sessions({ tokenSeconds: 60, masterSeconds: 60 });
    const open = (): Session => sessions.open({ ...CONTEXT, parameters: new SessionParameters() });
    const [first, second] = [open(), open()];
    for (let opened = 2; opened < LIMITS.sessions; opened += 1) open();
    expect(sessions.findByToken(first.token)).toBe(first);
    open();
    expect(sessions.count).toBe(LIMITS.sessions);
    expect(sessions.findByToken(first.token)).toBe(first);
    expect(sessions.findByToken(second.token)).toBeUndefined();
    expect(sessions.findByMasterToken(second.masterToken)).toBeUndefined();
  });

  it("of connections is bounded: one too many is closed, and the others go on", async () => {
    const sockets = await Promise.all(
      Array.from({ length: LIMITS.sockets + 20 }, async () => {
        const socket = connect(demo.server.port, demo.server.host).on("error", () => undefined);
        await new Promise((settled) => socket.once("connect", settled).once("close", settled));
        return socket;
      }),
    );
    await expect.poll(() => sockets.some(({ destroyed }) => destroyed), patience).toBe(true);
    for (const socket of sockets) socket.destroy();
    await expectAlive();
  });
});
