import { randomBytes } from "node:crypto";
import type { Connection } from "snowflake-sdk";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  closeDriver,
  connectDriver,
  queryRows,
  refusalOf,
  runStatement,
} from "../support/snowflake/node-driver.js";
import { useDemoAccount } from "../support/snowflake/use-demo-account.js";

const demo = useDemoAccount();
let connection: Connection;

beforeEach(async () => {
  const { username, password, role, warehouse, database, schema } = demo.seed;
  connection = await connectDriver({
    ...demo.server.connection,
    username,
    password,
    role,
    warehouse,
    database,
    schema,
  });
  demo.control.resetCounts();
});
afterEach(async () => {
  demo.control.clearFaults();
  demo.control.setLatencyMs(0);
  demo.control.setRefuseBinds(false);
  await closeDriver(connection);
  demo.dropSecrets();
});

const secret = (name: string) => demo.control.secret("APP", "SECRETS", name);
const CREATE = "CREATE SECRET KEY TYPE = GENERIC_STRING SECRET_STRING = ? COMMENT = ?";

describe("binds", () => {
  it("carry values that never stand in the statement's text", async () => {
    const value = `it's "${randomBytes(8).toString("hex")}" \\ ü😀\n$$`;
    await queryRows(connection, CREATE, [value, "a comment"]);
    expect(secret("KEY")).toMatchObject({ value, comment: "a comment", owner: "SYNC_ROLE" });
    expect(demo.control.statements()).toEqual([
      expect.objectContaining({
        sql: CREATE,
        kind: "CREATE SECRET",
        role: "SYNC_ROLE",
        outcome: "succeeded",
        binds: [
          { type: "TEXT", value },
          { type: "TEXT", value: "a comment" },
        ],
      }),
    ]);
  });

  it("must all be there, be text, and not be null", async () => {
    expect(await refusalOf(connection, CREATE, ["only one"])).toEqual({ code: "002049", sqlState: "42601" });
    expect(await refusalOf(connection, CREATE, [null, "c"])).toEqual({ code: "001008", sqlState: "22023" });
    expect(await refusalOf(connection, CREATE, [5, "c"])).toEqual({ code: "001008", sqlState: "22023" });
    expect(secret("KEY")).toBeUndefined();
  });

  it("are a syntax error in DDL where the server is set to refuse them", async () => {
    demo.control.setRefuseBinds(true);
    expect(await refusalOf(connection, CREATE, ["v", "c"])).toEqual({ code: "001003", sqlState: "42000" });
    expect(await queryRows(connection, "SELECT IS_ROLE_IN_SESSION(?) AS IT", ["SYNC_ROLE"])).toEqual([
      { IT: true },
    ]);
    expect(secret("KEY")).toBeUndefined();
  });
});

describe("rows", () => {
  it("come with the types of their columns", async () => {
    const sql = "SELECT 7 AS N, 'x' AS T, TRUE AS B, NULL AS Z, ? AS P, IS_ROLE_IN_SESSION('NOPE') AS R";
    expect(await queryRows(connection, sql, ["bound"])).toEqual([
      { N: 7, T: "x", B: true, Z: null, P: "bound", R: false },
    ]);
  });

  it("show a secret's creation time, to the millisecond, as a date", async () => {
    await queryRows(connection, CREATE, ["v", "c"]);
    const [row] = await queryRows(connection, "SHOW SECRETS LIKE 'key'");
    const created = secret("KEY")?.createdOn;
    expect(new Date(row?.created_on as Date).getTime()).toBe(created?.getTime());
    expect(JSON.stringify(row?.created_on)).toContain(created?.toISOString().slice(17, 23));
  });
});

describe("sessions", () => {
  it("that expire are renewed by the driver, for statements under way together, too", async () => {
    demo.control.expireSessions();
    const rows = await Promise.all([1, 2, 3].map((number) => queryRows(connection, `SELECT ${number} AS N`)));
    expect(rows).toEqual([[{ N: 1 }], [{ N: 2 }], [{ N: 3 }]]);
    expect(demo.control.counts().statements).toBe(3);
    expect(demo.control.counts().logins).toBe(0);
  });

  it.each(["gone", "master-expired"] as const)("that are %s end the connection", async (how) => {
    demo.control.expireSessions(how);
    expect(await refusalOf(connection, "SELECT 1")).toMatchObject({ code: 407_002 });
    expect(connection.isUp()).toBe(false);
  });

  it("whose renewal meets a fault end the connection: the driver asks once only", async () => {
    demo.control.expireSessions();
    demo.control.addFault({ on: "renewal", effect: { kind: "http-status", status: 503 } });
    expect(await refusalOf(connection, "SELECT 1")).toMatchObject({ code: 407_002 });
    expect(demo.control.counts()).toMatchObject({ renewals: 0, statements: 0 });
  });

  it("that the server does not know are refused with HTTP status 401", async () => {
    demo.control.expireSessions("unauthorized");
    expect(await refusalOf(connection, "SELECT 1")).toMatchObject({ code: 401_004 });
  });

  it("answer a heartbeat", async () => {
    expect(await connection.isValidAsync()).toBe(true);
  });
});

describe("a statement that is sent again", () => {
  it("is applied once when the answer was lost", async () => {
    demo.control.addFault({ match: /CREATE SECRET/, effect: { kind: "cut", when: "after" } });
    expect(await queryRows(connection, CREATE, ["v", "c"])).toEqual([
      { status: "Secret KEY successfully created." },
    ]);
    expect(demo.control.counts().byKind).toEqual({ "CREATE SECRET": 1 });
  });

  it("is applied by the second attempt when the first was lost, or answered with 503", async () => {
    demo.control.addFault({ match: /CREATE SECRET/, effect: { kind: "cut", when: "before" } });
    demo.control.addFault({
      // The position that such an expression keeps is not one of its matches.
      match: /CREATE SECRET/g,
      skip: 1,
      effect: { kind: "http-status", status: 503 },
    });
    await queryRows(connection, CREATE, ["v", "c"]);
    expect(demo.control.statements().map(({ outcome }) => outcome)).toEqual(["lost", "lost", "succeeded"]);
    expect(secret("KEY")?.value).toBe("v");
  }, 20_000);
});

describe("faults", () => {
  it("run the test's own code right before a statement is applied", async () => {
    const rival = (): void =>
      demo.control.putSecret({ database: "APP", schema: "SECRETS", name: "KEY", owner: "SYSADMIN" });
    demo.control.addFault({
      match: /CREATE SECRET/,
      effect: { kind: "call", when: "before", call: rival },
    });
    expect(await refusalOf(connection, CREATE, ["v", "c"])).toEqual({ code: "002002", sqlState: "42710" });
  });

  it("deliver an answer byte by byte", async () => {
    demo.control.addFault({
      match: (subject) => subject.role === "SYNC_ROLE",
      effect: { kind: "dribble", everyMs: 0 },
    });
    expect(await queryRows(connection, "SELECT 1 AS N")).toEqual([{ N: 1 }]);
  });

  it("hang until the statement is canceled, which then ends with an error", async () => {
    demo.control.addFault({ match: /CREATE/, effect: { kind: "hang" } });
    const outcome = await new Promise((done) => {
      const statement = connection.execute({
        sqlText: CREATE,
        binds: ["v", "c"],
        complete: (error) => done(error?.code),
      });
      const cancelWhenThere = (): void => {
        if (demo.control.counts().statements === 0) setTimeout(cancelWhenThere, 5);
        else statement.cancel(() => undefined);
      };
      cancelWhenThere();
    });
    expect(outcome).toBe("000604");
    expect(secret("KEY")).toBeUndefined();
  });
});

describe("several statements in one request", () => {
  const parameters = { MULTI_STATEMENT_COUNT: 3 };

  it("give a result each", async () => {
    const results: unknown[] = [];
    const sqlText = "CREATE SECRET M TYPE = GENERIC_STRING SECRET_STRING = ?; SELECT ? AS N; DROP SECRET M;";
    await new Promise<void>((done, failed) => {
      connection.execute({
        sqlText,
        binds: ["v", "w"],
        parameters,
        complete: (error, statement, rows) => {
          if (error) return failed(error);
          results.push(rows);
          const several = statement as typeof statement & { hasNext(): boolean; NextResult(): void };
          if (several.hasNext()) several.NextResult();
          else done();
        },
      });
    });
    expect(results).toEqual([
      [{ status: "Secret M successfully created." }],
      [{ N: "w" }],
      [{ status: "M successfully dropped." }],
    ]);
    expect(demo.control.statements().map(({ kind }) => kind)).toEqual([
      "CREATE SECRET",
      "SELECT",
      "DROP SECRET",
    ]);
  });

  it("are refused where their number is not the announced one", async () => {
    expect(await refusalOf(connection, "SELECT 1; SELECT 2")).toEqual({ code: "000008", sqlState: "0A000" });
    const outcome = await runStatement(connection, "SELECT 1; SELECT 2", [], { parameters });
    expect(outcome).toMatchObject({ error: { code: "000008" } });
  });

  it("are let through in any number by the session's own parameter", async () => {
    await queryRows(connection, "ALTER SESSION SET MULTI_STATEMENT_COUNT = 0");
    await queryRows(connection, "SELECT 1; SELECT 2");
    expect(demo.control.counts().byKind).toEqual({ "ALTER SESSION": 1, SELECT: 2 });
    expect(await refusalOf(connection, "ALTER SESSION SET NOPE = 1")).toMatchObject({ code: "001006" });
  });

  it("stop at the first that fails, and keep what was done", async () => {
    const sql = "CREATE SECRET M TYPE = GENERIC_STRING SECRET_STRING = 'x'; DROP SECRET NOPE; DROP SECRET M";
    expect(await runStatement(connection, sql, [], { parameters })).toMatchObject({
      error: { code: "002003" },
    });
    expect(secret("M")?.value).toBe("x");
  });
});

describe("a statement that runs on its own", () => {
  it("is asked for until it is done", async () => {
    demo.control.setLatencyMs(30);
    const started = await new Promise<string>((done, failed) => {
      connection.execute({
        sqlText: "SELECT 5 AS N",
        asyncExec: true,
        complete: (error, statement) => (error ? failed(error) : done(statement.getQueryId())),
      });
    });
    const statement = await connection.getResultsFromQueryId({ queryId: started, sqlText: "" });
    const rows = await new Promise((done, failed) => {
      const found: unknown[] = [];
      statement
        .streamRows()
        .on("data", (row) => found.push(row))
        .on("end", () => done(found))
        .on("error", failed);
    });
    expect(rows).toEqual([{ N: 5 }]);
    expect(await connection.getQueryStatus(started)).toBe("SUCCESS");
  });
});

it("counts what is under way together", async () => {
  demo.control.setLatencyMs(50);
  await Promise.all(Array.from({ length: 8 }, (_, index) => queryRows(connection, `SELECT ${index} AS N`)));
  expect(demo.control.counts()).toMatchObject({
    statements: 8,
    byKind: { SELECT: 8 },
    peakConcurrentStatements: 8,
    openSessions: 1,
  });
});
