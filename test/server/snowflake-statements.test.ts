import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { useDemoAccount } from "../support/snowflake/use-demo-account.js";
import { openWire, type WireAnswer, type WireSession } from "../support/snowflake/wire-client.js";

const demo = useDemoAccount();
let session: WireSession;
let admin: WireSession;

beforeAll(async () => {
  session = await openWire(demo.server, demo.seed, "databaseName=APP&schemaName=SECRETS&warehouse=WH");
  admin = await openWire(demo.server, demo.server.connection);
});
beforeEach(() => {
  demo.control.clearFaults();
  demo.control.setLatencyMs(0);
  demo.control.resetCounts();
  demo.dropSecrets();
});

const secret = (name: string) => demo.control.secret("APP", "SECRETS", name);
const rowType = (answer: WireAnswer) => (answer.data?.rowtype ?? []) as { name: string; type: string }[];
const cells = (answer: WireAnswer) => (answer.data?.rowset ?? []) as (string | null)[][];
const columns = (answer: WireAnswer) => rowType(answer).map(({ name, type }) => `${name} ${type}`);

describe("a statement that is only described", () => {
  const describeOnly = (sql: string, more: object = {}): Promise<WireAnswer> =>
    session.query(sql, { describeOnly: true, ...more });

  it.each([
    ["CREATE SECRET NEW TYPE = GENERIC_STRING SECRET_STRING = ? COMMENT = ?", 2],
    ["ALTER SECRET OLD SET SECRET_STRING = ?", 1],
    ["DROP SECRET OLD", 0],
    ["USE ROLE PUBLIC", 0],
    ["ALTER SESSION SET QUERY_TAG = 'described'", 0],
  ])("is not applied, and tells its binds: %s", async (sql, binds) => {
    demo.putSecret("OLD", "v");
    const answer = await describeOnly(sql);
    expect(answer).toMatchObject({
      success: true,
      data: { numberOfBinds: binds, rowset: [], returned: 0, finalRoleName: demo.seed.role },
    });
    expect(columns(answer)).toEqual(["status text"]);
    expect(answer.data?.metaDataOfBinds).toHaveLength(binds);
    expect(secret("OLD")).toMatchObject({ value: "v" });
    expect(secret("NEW")).toBeUndefined();
    expect(demo.control.statements()).toMatchObject([{ outcome: "described" }]);
  });

  it.each([
    "SELECT 7 AS N, 'x' AS T, TRUE AS B, NULL AS Z, CURRENT_ROLE() AS R, IS_ROLE_IN_SESSION('X') AS I",
    "SHOW SECRETS",
    "SHOW DATABASES",
    "SHOW SCHEMAS IN DATABASE APP",
    "SHOW WAREHOUSES",
    "SHOW ROLES",
    "SHOW GRANTS",
    "SHOW GRANTS TO ROLE SYNC_ROLE",
    "SHOW GRANTS ON SCHEMA APP.SECRETS",
    "SHOW FUTURE GRANTS IN SCHEMA APP.SECRETS",
    "DESCRIBE SECRET OLD",
  ])("has the columns of the one that is applied: %s", async (sql) => {
    demo.putSecret("OLD", "v");
    const [described, applied] = [await describeOnly(sql), await session.query(sql)];
    expect(applied).toMatchObject({ success: true });
    expect(columns(described)).toEqual(columns(applied));
    expect(described.data?.rowset).toEqual([]);
    expect(described.data?.statementTypeId).toBe(applied.data?.statementTypeId);
  });

  it("of which no bind is there yet has a text for each", async () => {
    const answer = await describeOnly("SELECT ? AS A, ? AS B");
    expect(columns(answer)).toEqual(["A text", "B text"]);
    expect(answer.data).toMatchObject({ numberOfBinds: 2 });
  });

  it("is refused as the one that is applied would be", async () => {
    expect(await describeOnly("DROP SECRET")).toMatchObject({ success: false, code: "001003" });
  });
});

describe("the number by which drivers tell a statement's kind", () => {
  it.each([
    ["SELECT 1", 0x1000],
    ["SHOW SECRETS", 0x4400],
    ["SHOW GRANTS", 0x4400],
    ["DESCRIBE SECRET OLD", 0x4500],
    ["USE SCHEMA APP.SECRETS", 0x4300],
    ["USE SECONDARY ROLES ALL", 0x4300],
    ["ALTER SESSION SET QUERY_TAG = 'x'", 0x4100],
    ["BEGIN", 0x5000],
    ["COMMIT", 0x5000],
    ["ALTER SECRET OLD SET COMMENT = 'c'", 0x6000],
    ["CREATE SECRET NEW TYPE = GENERIC_STRING SECRET_STRING = 'x'", 0x6000],
    ["DROP SECRET OLD", 0x6000],
    ["GRANT READ ON SECRET OLD TO ROLE PUBLIC", 0x6000],
  ])("of %s is %i", async (sql, id) => {
    demo.putSecret("OLD");
    expect((await session.query(sql)).data?.statementTypeId).toBe(id);
  });

  it("stands for each of several, too", async () => {
    const parameters = { MULTI_STATEMENT_COUNT: 2 };
    const { data } = await session.query("SELECT 1; SHOW SECRETS", { parameters });
    expect(data).toMatchObject({ statementTypeId: 0xa000, resultTypes: `${0x1000},${0x4400}` });
  });
});

describe("a secret's properties", () => {
  const create = (rest: string): Promise<WireAnswer> =>
    session.query(`CREATE OR REPLACE SECRET S TYPE = ${rest}`);

  it("name an integration that exists, written in quotes for a cloud provider's token", async () => {
    const cloud = "CLOUD_PROVIDER_TOKEN API_AUTHENTICATION = 'my_integration' ENABLED = TRUE";
    expect(await create(cloud)).toMatchObject({ code: "002003", data: { sqlState: "02000" } });
    expect(await create("OAUTH2 API_AUTHENTICATION = my_integration OAUTH_SCOPES = ('a')")).toMatchObject({
      code: "002003",
    });
    expect(
      await admin.query(
        "CREATE SECURITY INTEGRATION my_integration TYPE = API_AUTHENTICATION AUTH_TYPE = OAUTH2 ENABLED = TRUE OAUTH_CLIENT_ID = 'i' OAUTH_ALLOWED_SCOPES = ('a', 'b')",
      ),
    ).toMatchObject({
      success: true,
    });
    for (const rest of [cloud, "OAUTH2 API_AUTHENTICATION = my_integration OAUTH_SCOPES = ('a')"]) {
      expect(await create(rest)).toMatchObject({ success: true });
      const described = await session.query("DESCRIBE SECRET S");
      expect(cells(described)[0]?.at(-1)).toBe("MY_INTEGRATION");
    }
    expect(await session.query("DROP INTEGRATION my_integration")).toMatchObject({ code: "002003" });
    expect(await admin.query("DROP INTEGRATION my_integration")).toMatchObject({ success: true });
  });

  it("tell an expiry as a timestamp, and take no other text for one", async () => {
    demo.control.createIntegration("I");
    const oauth = (expiry: string): Promise<WireAnswer> =>
      create(
        `OAUTH2 API_AUTHENTICATION = I OAUTH_REFRESH_TOKEN = 't' OAUTH_REFRESH_TOKEN_EXPIRY_TIME = '${expiry}'`,
      );
    for (const wrong of ["never", "2030-13-01", "2030-02-30", "2030-01-01 25:00", "1", "2030-01-01T"]) {
      expect(await oauth(wrong)).toMatchObject({ code: "001008", data: { sqlState: "22023" } });
    }
    for (const right of [
      "2030-06-30",
      "2030-06-30 00:00:00",
      "2030-06-30T02:00:00.000+02:00",
      "2030-06-30 02:00 +0200",
    ]) {
      expect(await oauth(right)).toMatchObject({ success: true });
      const described = await session.query("DESC SECRET S");
      const at = rowType(described).findIndex(({ name }) => name === "oauth_refresh_token_expiry_time");
      expect(rowType(described)[at]?.type).toBe("timestamp_ltz");
      expect(cells(described)[0]?.[at]).toBe(`${Date.UTC(2030, 5, 30) / 1000}.000`);
    }
  });

  it.each([
    ["GENERIC_STRING", "SECRET_STRING = 'a'", "SECRET_STRING = 'b'"],
    ["PASSWORD", "USERNAME = 'u' PASSWORD = 'a'", "PASSWORD = 'b'"],
    ["OAUTH2", "API_AUTHENTICATION = I OAUTH_SCOPES = ('a')", "OAUTH_SCOPES = ('b')"],
    ["SYMMETRIC_KEY", "ALGORITHM = GENERIC", "COMMENT = 'b'"],
    ["CLOUD_PROVIDER_TOKEN", "API_AUTHENTICATION = 'I' ENABLED = TRUE", "API_AUTHENTICATION = 'I'"],
    ["JWT_KEY_PAIR", "API_AUTHENTICATION = I PRIVATE_KEY = 'a'", "PRIVATE_KEY = 'b'"],
    ["WORKLOAD_IDENTITY_FEDERATION", "", "COMMENT = 'b'"],
  ])("are created, altered, shown, described and dropped: %s", async (type, properties, change) => {
    await create(`${type} ${properties}`);
    expect(await session.query(`ALTER SECRET S SET ${change}`)).toMatchObject({ success: true });
    for (const sql of ["SHOW SECRETS", "DESC SECRET S"]) {
      const shown = await session.query(sql);
      const at = rowType(shown).findIndex(({ name }) => name === "secret_type");
      expect(cells(shown)[0]?.[at]).toBe(type);
    }
    await session.query("DROP SECRET S");
    expect(secret("S")).toBeUndefined();
  });

  it("lose a comment that is set to NULL, and keep their value", async () => {
    await create("GENERIC_STRING SECRET_STRING = 'v' COMMENT = 'c'");
    expect(await session.query("ALTER SECRET S SET COMMENT = NULL")).toMatchObject({ success: true });
    expect(secret("S")).toMatchObject({ value: "v", comment: undefined });
    await session.query("ALTER SECRET S SET SECRET_STRING = 'w', COMMENT = 'd'");
    expect(secret("S")).toMatchObject({ value: "w", comment: "d" });
  });
});

describe("session parameters", () => {
  it("go back to their default", async () => {
    const tagOf = ({ data }: WireAnswer): unknown =>
      ((data?.parameters ?? []) as { name: string; value: unknown }[]).find(
        ({ name }) => name === "QUERY_TAG",
      )?.value;
    expect(tagOf(await session.query("ALTER SESSION SET QUERY_TAG = 'x', TIMEZONE = 'UTC'"))).toBe("x");
    expect(tagOf(await session.query("ALTER SESSION UNSET QUERY_TAG, TIMEZONE"))).toBe("");
    expect(await session.query("ALTER SESSION UNSET NOPE")).toMatchObject({ code: "001006" });
  });
});

describe("users", () => {
  it("are made in SQL, and log in", async () => {
    expect(await session.query("CREATE USER U PASSWORD = 'p'")).toMatchObject({ code: "003001" });
    await admin.query("CREATE USER U PASSWORD = 'p' DEFAULT_ROLE = SYNC_ROLE DEFAULT_SECONDARY_ROLES = ()");
    await admin.query("GRANT ROLE SYNC_ROLE TO USER U");
    const own = await openWire(demo.server, { username: "U", password: "p" });
    expect(await own.query("SELECT CURRENT_USER(), CURRENT_ROLE(), CURRENT_SECONDARY_ROLES()")).toMatchObject(
      {
        data: { rowset: [["U", "SYNC_ROLE", '{"roles":"","value":"NONE"}']] },
      },
    );
    expect(await admin.query("DROP USER U")).toMatchObject({ success: true });
    expect((await openWire(demo.server, { username: "U", password: "p" })).token).toBe("undefined");
  });
});

describe("a statement that runs on its own", () => {
  const start = async (sql: string, more: object = {}): Promise<string> => {
    const { code, data } = await session.query(sql, { asyncExec: true, ...more });
    expect(code).toBe("333334");
    return String(data?.queryId);
  };
  const statusOf = async (id: string, asker: WireSession = session): Promise<Record<string, unknown>> => {
    const { data } = await asker.call(`/monitoring/queries/${id}`, { method: "GET" });
    const [query = {}] = (data?.queries ?? []) as Record<string, unknown>[];
    return query;
  };
  const endOf = async (id: string): Promise<Record<string, unknown>> => {
    for (;;) {
      const status = await statusOf(id);
      if (status.status !== "RUNNING") return status;
      await new Promise((soon) => setTimeout(soon, 5));
    }
  };

  it("can be read by RESULT_SCAN, with its columns, in another session of the same user only", async () => {
    const id = await start("SELECT 7 AS N, 'x' AS T");
    await endOf(id);
    const again = await openWire(demo.server, demo.seed);
    for (const asker of [session, again]) {
      const scanned = await asker.query(`SELECT * FROM TABLE(RESULT_SCAN('${id}'))`);
      expect(scanned).toMatchObject({ data: { rowset: [["7", "x"]] } });
      expect(columns(scanned)).toEqual(["N fixed", "T text"]);
    }
    expect(await admin.query(`SELECT * FROM TABLE(RESULT_SCAN('${id}'))`)).toMatchObject({ code: "000709" });
    await session.query("SHOW SECRETS");
    expect(columns(await session.query("SELECT * FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))"))).toContain(
      "name text",
    );
  });

  it("tells its status in another session of the same user, and to nobody else", async () => {
    demo.control.addFault({ match: /SELECT 2/, effect: { kind: "hang" } });
    const again = await openWire(demo.server, demo.seed);
    const hanging = await start("SELECT 2");
    expect(await statusOf(hanging, again)).toMatchObject({ id: hanging, status: "RUNNING", endTime: 0 });
    const id = await start("SELECT 1");
    expect(await endOf(id)).toMatchObject({
      status: "SUCCESS",
      sqlText: "SELECT 1",
      stats: { producedRows: 1 },
    });
    expect(await statusOf(id, admin)).toEqual({});
  });

  it("tells the code and message of its error", async () => {
    const id = await start("DROP SECRET NOPE");
    expect(await endOf(id)).toMatchObject({
      status: "FAILED_WITH_ERROR",
      errorCode: "002003",
      errorMessage: expect.stringContaining("does not exist or not authorized"),
    });
    expect(await session.call(`/queries/${id}/result`, { method: "GET" })).toMatchObject({
      success: false,
      code: "002003",
      data: { sqlState: "02000", queryId: id },
    });
  });

  it("is aborted by its id, from any session of the user", async () => {
    demo.control.addFault({ match: /CREATE SECRET/, effect: { kind: "hang" } });
    const id = await start("CREATE SECRET S TYPE = GENERIC_STRING SECRET_STRING = 'x'");
    const again = await openWire(demo.server, demo.seed);
    expect(await admin.call(`/queries/${id}/abort-request`, { body: {} })).toMatchObject({ code: "000605" });
    expect(await again.call(`/queries/${id}/abort-request`, { body: {} })).toMatchObject({ success: true });
    expect(await endOf(id)).toMatchObject({ status: "FAILED_WITH_ERROR", errorCode: "000604" });
    expect(secret("S")).toBeUndefined();
    expect(await again.call(`/queries/${id}/abort-request`, { body: {} })).toMatchObject({ code: "000605" });
  });

  it("meets the faults that other statements meet", async () => {
    demo.control.addFault({
      match: /SELECT 2/,
      effect: { kind: "sql-error", code: "000603", sqlState: "XX000", message: "Internal error." },
    });
    expect(await endOf(await start("SELECT 2"))).toMatchObject({ errorCode: "000603" });
    demo.control.addFault({ match: /SELECT 3/, effect: { kind: "http-status", status: 503 } });
    expect(await session.query("SELECT 3", { asyncExec: true })).toMatchObject({ status: 503 });
    expect(await endOf(await start("SELECT 3"))).toMatchObject({ status: "SUCCESS" });
  });
});
