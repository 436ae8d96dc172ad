import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { startSnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { useDemoAccount } from "../support/snowflake/use-demo-account.js";
import {
  callWire,
  openWire,
  type WireAnswer,
  type WireCall,
  type WireSession,
} from "../support/snowflake/wire-client.js";

const demo = useDemoAccount();

const call = (path: string, options: WireCall = {}): Promise<WireAnswer> =>
  callWire(demo.server, path, options);
const logIn = (): Promise<WireSession> => openWire(demo.server, demo.seed, "databaseName=APP&schemaName=");
const query = (token: string, sqlText: string, requestId: string, more: object = {}): Promise<WireAnswer> =>
  call(`/queries/v1/query-request?requestId=${requestId}`, { token, body: { sqlText, ...more } });

describe("requests", () => {
  it("may be compressed, whatever the header says, and may double a slash", async () => {
    const data = {
      ACCOUNT_NAME: demo.server.account,
      LOGIN_NAME: demo.seed.username,
      PASSWORD: demo.seed.password,
    };
    const raw = gzipSync(JSON.stringify({ data }));
    expect(await call("//session/v1//login-request", { raw })).toMatchObject({ status: 200, success: true });
  });

  it("that are no JSON object are bad requests", async () => {
    for (const text of ["{", "[]", "5"]) {
      const answer = await call("/session/v1/login-request", { raw: Buffer.from(text) });
      expect(answer).toMatchObject({ status: 400, success: false });
    }
  });

  it("to an unknown path are not found, and need a session first", async () => {
    const { token } = await logIn();
    expect(await call("/nowhere", { token })).toMatchObject({ status: 404 });
    expect(await call("/nowhere")).toMatchObject({ status: 401, code: "390104" });
    expect(await call("/session/heartbeat", { token: "invented" })).toMatchObject({
      status: 401,
      code: "390104",
    });
  });

  it("to telemetry are taken from anybody", async () => {
    expect(await call("/telemetry/send", { body: { logs: [] } })).toMatchObject({ success: true });
  });
});

describe("a session's tokens", () => {
  it("are renewed with the master token only, and the old one then counts as expired", async () => {
    const { token, masterToken } = await logIn();
    expect(await call("/session/token-request", { token })).toMatchObject({ success: false, code: "390114" });
    const renewed = await call("/session/token-request", { token: masterToken });
    expect(renewed.data).toMatchObject({ masterToken });
    expect(await query(token, "SELECT 1", "a")).toMatchObject({ success: false, code: "390112" });
    const fresh = String(renewed.data?.sessionToken);
    expect(await query(fresh, "SELECT 1", "a")).toMatchObject({ success: true });
  });

  it("end with the session", async () => {
    const { token, masterToken } = await logIn();
    expect(await call("/session?delete=true", { token })).toMatchObject({ success: true });
    expect(await query(token, "SELECT 1", "a")).toMatchObject({ status: 401, code: "390104" });
    expect(await call("/session/token-request", { token: masterToken })).toMatchObject({ code: "390114" });
  });
});

describe("a request id", () => {
  it("stands for one statement of its session, its error included", async () => {
    const [one, other] = [await logIn(), await logIn()];
    const sql = "CREATE SECRET SECRETS.ONCE TYPE = GENERIC_STRING SECRET_STRING = 'x'";
    const first = await query(one.token, sql, "id-1");
    expect(await query(one.token, sql, "id-1")).toEqual(first);
    expect(await query(one.token, sql, "id-2")).toMatchObject({ code: "002002" });
    const refused = await query(other.token, sql, "id-1");
    expect(refused).toMatchObject({ code: "002002", data: { sqlState: "42710" } });
    expect(await query(other.token, sql, "id-1")).toEqual(refused);
  });

  it("starts a statement that runs on its own only once", async () => {
    const { token } = await logIn();
    demo.control.resetCounts();
    const started = await query(token, "SELECT 1", "async-1", { asyncExec: true });
    const again = await query(token, "SELECT 1", "async-1", { asyncExec: true });
    expect(started).toMatchObject({ success: true, code: "333334" });
    expect(again.data?.queryId).toBe(started.data?.queryId);
    const result = await call(`/queries/${String(started.data?.queryId)}/result`, { token, method: "GET" });
    expect(result.data).toMatchObject({ rowset: [["1"]], returned: 1 });
    expect(demo.control.counts().statements).toBe(1);
  });
});

describe("results", () => {
  it("belong to the user that asked, in any session of that user", async () => {
    const { username, ...rest } = demo.server.connection;
    const [one, again, other] = [
      await logIn(),
      await logIn(),
      await openWire(demo.server, { username, ...rest }),
    ];
    const { data } = await query(one.token, "SELECT 'mine'", "r-1");
    const path = `/queries/${String(data?.queryId)}/result`;
    expect(await call(path, { token: one.token, method: "GET" })).toMatchObject({
      data: { rowset: [["mine"]] },
    });
    expect(await again.call(path, { method: "GET" })).toMatchObject({ data: { rowset: [["mine"]] } });
    expect(await other.call(path, { method: "GET" })).toMatchObject({ success: false, code: "000709" });
  });

  it("say where the session stands after the statement", async () => {
    const { token } = await logIn();
    const { data } = await query(token, "USE SCHEMA SECRETS", "u-1");
    expect(data).toMatchObject({
      finalDatabaseName: "APP",
      finalSchemaName: "SECRETS",
      finalRoleName: "SYNC_ROLE",
    });
  });
});

it("takes the session's role, also where the statement is not in the language, into its record", async () => {
  const { token } = await logIn();
  demo.control.resetCounts();
  expect(await query(token, "SELECT * FROM T", "x-1")).toMatchObject({ success: false, code: "001003" });
  expect(demo.control.statements()).toMatchObject([
    { sql: "SELECT * FROM T", kind: "UNKNOWN", role: "SYNC_ROLE", user: "SYNC_USER", outcome: "001003" },
  ]);
});

it("stops while a client waits for an answer that never comes", async () => {
  const own = await startSnowflakeServer();
  own.control.addFault({ on: "login", effect: { kind: "hang" } });
  const waiting = fetch(`${own.url}/session/v1/login-request`, { method: "POST", body: "{}" }).then(
    () => "answered",
    () => "ended",
  );
  while (own.control.counts().logins === 0) await new Promise((soon) => setTimeout(soon, 5));
  await own.stop();
  expect(await waiting).toBe("ended");
});
