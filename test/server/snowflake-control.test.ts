import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ControlServer, startControlServer } from "../../sdk/snowflake-server/control/control-server.js";
import { type SnowflakeServer, seedDemo, startSnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { openWire } from "../support/snowflake/wire-client.js";

const token = "a-token-of-the-test";
const user = { username: "SYNC_USER", password: "a-password-of-the-test" };

let server: SnowflakeServer;
let control: ControlServer;

beforeAll(async () => {
  server = await startSnowflakeServer({
    seed: (control) => void seedDemo(control, { password: user.password }),
  });
  control = await startControlServer(server.control, { port: 0, token });
});
afterAll(() => Promise.all([server.stop(), control.stop()]));
beforeEach(() => server.control.reset());

async function ask(
  route: string,
  { body, authorization = `Bearer ${token}` }: { body?: unknown; authorization?: string } = {},
): Promise<{ status: number; body: unknown }> {
  const [method = "GET", path = "/"] = route.split(" ");
  const response = await fetch(`${control.url}${path}`, {
    method,
    headers: { authorization },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

const DONE = { status: 200, body: { done: true } };
const CREATE = "CREATE SECRET APP.SECRETS.KEY TYPE = GENERIC_STRING SECRET_STRING = 'v' COMMENT = 'c'";

describe("the control API", () => {
  it.each(["", "Bearer", "Bearer wrong", `Basic ${token}`, token])(
    "opens to nobody without the token: %j",
    async (authorization) => {
      expect(await ask("GET /secrets", { authorization })).toMatchObject({ status: 401 });
      expect(await ask("POST /reset", { authorization })).toMatchObject({ status: 401 });
      expect(await ask("GET /healthz", { authorization })).toEqual({ status: 200, body: { status: "ok" } });
    },
  );

  it("is not on Snowflake's own port, and needs a token to be opened at all", async () => {
    const response = await fetch(`${server.url}/secrets`, { headers: { authorization: `Bearer ${token}` } });
    expect(response.status).toBe(401);
    await expect(startControlServer(server.control, { port: 0, token: "" })).rejects.toThrow("token");
  });

  it("shows secrets with their values, statements and counts", async () => {
    const session = await openWire(server, user);
    await session.query(CREATE);
    expect(await ask("GET /secrets")).toMatchObject({
      status: 200,
      body: [
        { database: "APP", schema: "SECRETS", name: "KEY", value: "v", comment: "c", owner: "SYNC_ROLE" },
      ],
    });
    expect(await ask("GET /statements")).toMatchObject({
      body: [{ sql: CREATE, kind: "CREATE SECRET", outcome: "succeeded" }],
    });
    expect(await ask("GET /counts")).toMatchObject({ body: { statements: 1, logins: 1 } });
    expect(await ask("DELETE /counts")).toEqual(DONE);
    expect(await ask("GET /counts")).toMatchObject({ body: { statements: 0, openSessions: 1 } });
  });

  it("makes faults and takes them away", async () => {
    const session = await openWire(server, user);
    const effect = { kind: "sql-error", code: "000603", message: "Internal error." };
    expect(await ask("POST /faults", { body: { match: "select 1", times: "always", effect } })).toEqual(DONE);
    expect(await session.query("SELECT 1")).toMatchObject({ code: "000603" });
    expect(await session.query("SELECT 2")).toMatchObject({ success: true });
    expect(await ask("DELETE /faults")).toEqual(DONE);
    expect(await session.query("SELECT 1")).toMatchObject({ success: true });
  });

  it("ends sessions", async () => {
    const session = await openWire(server, user);
    expect(await ask("POST /sessions/expire")).toEqual(DONE);
    expect(await session.query("SELECT 1")).toMatchObject({ code: "390112" });
    expect(await ask("POST /sessions/expire", { body: { how: "gone" } })).toEqual(DONE);
    expect(await session.query("SELECT 1")).toMatchObject({ code: "390111" });
  });

  it("sets everything back to the start, and adds to it", async () => {
    const session = await openWire(server, user);
    await session.query(CREATE);
    server.control.setLatencyMs(1);
    expect(await ask("POST /reset")).toEqual(DONE);
    expect(await ask("GET /secrets")).toMatchObject({ body: [] });
    expect(await ask("GET /counts")).toMatchObject({ body: { statements: 0, openSessions: 0 } });
    expect(await session.query("SELECT 1")).toMatchObject({ status: 401 });
    const secret = { database: "APP", schema: "SECRETS", name: "SEEDED", value: "s" };
    expect(await ask("POST /seed", { body: { secrets: [secret] } })).toEqual(DONE);
    const again = await openWire(server, user);
    expect(await again.query(CREATE)).toMatchObject({ success: true });
    expect(server.control.secrets("APP", "SECRETS").map(({ name }) => name)).toEqual(["SEEDED", "KEY"]);
  });

  it.each<[string, unknown, string]>([
    ["POST /faults", {}, "effect is"],
    ["POST /faults", { effect: { kind: "call" } }, "effect is"],
    ["POST /faults", { match: "(", effect: { kind: "hang" } }, "regular expression"],
    ["POST /faults", { time: 1, effect: { kind: "hang" } }, "Unknown keys of a fault: time"],
    ["POST /faults", { times: -1, effect: { kind: "hang" } }, "times"],
    ["POST /faults", { effect: { kind: "http-status", status: 200 } }, "effect is"],
    ["POST /sessions/expire", { how: "softly" }, "renewable"],
    ["POST /seed", { secrets: [{ name: "K" }] }, "seed.secrets[0] needs database"],
    ["POST /seed", { users: [{ name: "U", pasword: "geheim" }] }, "unknown keys: pasword"],
    ["POST /seed", { secrets: [{ database: "NO", schema: "NO", name: "K" }] }, "no object named NO"],
  ])("refuses what it does not understand: %s %j", async (route, body, text) => {
    const answer = await ask(route, { body });
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body)).toContain(text);
    expect(JSON.stringify(answer.body)).not.toContain("geheim");
  });

  it("says which routes there are", async () => {
    const answer = await ask("GET /nowhere");
    expect(answer.status).toBe(404);
    expect(JSON.stringify(answer.body)).toContain("GET /secrets");
  });
});
