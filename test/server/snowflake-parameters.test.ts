import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type SnowflakeServer, seedDemo, startSnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { openWire } from "../support/snowflake/wire-client.js";

const user = { username: "SYNC_USER", password: "a-password-of-the-test" };
const alias = 'SELECT CURRENT_ROLE() AS "role"';
const ignoreCase = "QUOTED_IDENTIFIERS_IGNORE_CASE";
let server: SnowflakeServer;

beforeAll(async () => {
  server = await startSnowflakeServer({
    accountParameters: { TIMEZONE: "Europe/Vienna" },
    seed: (control) => void seedDemo(control, { password: user.password }),
  });
});
afterAll(() => server.stop());
beforeEach(() => server.control.reset());

const columnOf = (answer: unknown) =>
  (answer as { data: { rowtype: { name: string }[] } }).data.rowtype.map(({ name }) => name);

it("a new session has its user's parameters, then its account's, and sets and unsets its own", async () => {
  const before = await openWire(server, user);
  server.control.setParameter(ignoreCase, "TRUE");
  expect(columnOf(await before.query(alias))).toEqual(["role"]);
  const session = await openWire(server, user);
  expect(columnOf(await session.query(alias))).toEqual(["ROLE"]);
  await session.query(`ALTER SESSION SET ${ignoreCase} = FALSE`);
  expect(columnOf(await session.query(alias))).toEqual(["role"]);
  await session.query(`ALTER SESSION UNSET ${ignoreCase}`);
  expect(columnOf(await session.query(alias))).toEqual(["ROLE"]);
  server.control.setParameter(ignoreCase, "FALSE", user.username);
  expect(columnOf(await (await openWire(server, user)).query(alias))).toEqual(["role"]);
});

it("a session that ignores case takes quoted names, aliases and IDENTIFIER's text in upper case", async () => {
  server.control.setParameter(ignoreCase, "TRUE");
  const session = await openWire(server, user);
  await session.query(`CREATE SECRET "app"."secrets"."key" TYPE = GENERIC_STRING SECRET_STRING = 'v'`);
  await session.query(`ALTER SECRET IDENTIFIER('"app"."secrets"."Key"') SET COMMENT = 'c'`);
  expect(server.control.secrets("APP", "SECRETS")).toMatchObject([{ name: "KEY", comment: "c" }]);
});

it("cuts a result at ROWS_PER_RESULTSET, and tells its parameters at log-in", async () => {
  const session = await openWire(server, user);
  expect(await session.query("SHOW SCHEMAS IN DATABASE APP")).toMatchObject({ data: { returned: 2 } });
  await session.query("ALTER SESSION SET ROWS_PER_RESULTSET = 1");
  expect(await session.query("SHOW SCHEMAS IN DATABASE APP")).toMatchObject({
    data: {
      returned: 1,
      parameters: expect.arrayContaining([{ name: "TIMEZONE", value: "Europe/Vienna" }]),
    },
  });
});

it("refuses a parameter or a value that it does not know", () => {
  expect(() => server.control.setParameter("NOT_A_PARAMETER", "1")).toThrow("invalid parameter");
  expect(() => server.control.setParameter(ignoreCase, "MAYBE")).toThrow("invalid value");
});
