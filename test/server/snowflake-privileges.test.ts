import { randomBytes } from "node:crypto";
import type { Connection } from "snowflake-sdk";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type DemoSeed,
  type SnowflakeServer,
  seedDemo,
  startSnowflakeServer,
} from "../../sdk/snowflake-server/index.js";
import {
  closeDriver,
  connectDriver,
  queryRows,
  refusalOf,
  runStatement,
} from "../support/snowflake/node-driver.js";

const PLACE = { database: "APP", schema: "SECRETS" };
const CREATE = "CREATE SECRET APP.SECRETS.KEY TYPE = GENERIC_STRING SECRET_STRING = 'x'";
const NOT_FOUND = { code: "002003", sqlState: "02000" };
const NOT_FOUND_IN_SHOW = { code: "002043", sqlState: "02000" };
const FORBIDDEN = { code: "003001", sqlState: "42501" };
const EXISTS = { code: "002002", sqlState: "42710" };

let server: SnowflakeServer;
let seed: DemoSeed;
let opened: Connection[];
let sync: Connection;

beforeEach(async () => {
  server = await startSnowflakeServer();
  seed = seedDemo(server.control);
  opened = [];
  sync = await open(seed);
});
afterEach(async () => {
  await Promise.all(opened.map(closeDriver));
  await server.stop();
});

async function open(user: { username: string; password: string; role?: string }): Promise<Connection> {
  const { username, password, role } = user;
  const connection = await connectDriver({
    ...server.connection,
    username,
    password,
    ...(role === undefined ? {} : { role }),
  });
  opened.push(connection);
  return connection;
}

/** A user with a role of its own that has nothing. */
async function openStranger(role = "STRANGER"): Promise<Connection> {
  const password = randomBytes(12).toString("hex");
  server.control.createRole(role);
  server.control.createUser({ name: `${role}_USER`, password, roles: [role] });
  return open({ username: `${role}_USER`, password, role });
}

async function namesOf(connection: Connection, sql: string): Promise<unknown[]> {
  return (await queryRows(connection, sql)).map(({ name }) => name);
}

describe("creating a secret", () => {
  it.each([
    ["USAGE on the database", "USAGE", { database: "APP" }, NOT_FOUND],
    ["USAGE on the schema", "USAGE", PLACE, NOT_FOUND],
    ["CREATE SECRET on the schema", "CREATE SECRET", PLACE, FORBIDDEN],
  ])("needs %s", async (_what, privilege, target, refusal) => {
    server.control.revoke(privilege, target, seed.role);
    expect(await refusalOf(sync, CREATE)).toEqual(refusal);
    server.control.grant(privilege, target, seed.role);
    expect(await queryRows(sync, CREATE)).toEqual([{ status: "Secret KEY successfully created." }]);
  });

  it("needs a place: the name's own, or the session's", async () => {
    const sql = CREATE.replace("APP.SECRETS.", "");
    expect(await refusalOf(sync, sql.replace("KEY", "SECRETS.KEY"))).toEqual({
      code: "090105",
      sqlState: "22000",
    });
    server.control.revoke("USAGE", { database: "APP", schema: "PUBLIC" }, seed.role);
    await queryRows(sync, "USE DATABASE APP");
    expect(await refusalOf(sync, sql)).toEqual({ code: "090106", sqlState: "22000" });
    await queryRows(sync, "USE SCHEMA SECRETS");
    await queryRows(sync, sql);
    expect(server.control.secret("APP", "SECRETS", "KEY")).toMatchObject({ value: "x", owner: seed.role });
  });

  it("over a secret that the role cannot see says that it exists", async () => {
    server.control.putSecret({ ...PLACE, name: "KEY", value: "theirs", owner: "SYSADMIN" });
    expect(await queryRows(sync, "SHOW SECRETS IN SCHEMA APP.SECRETS")).toEqual([]);
    expect(await refusalOf(sync, CREATE)).toEqual(EXISTS);
    expect(await refusalOf(sync, CREATE.replace("CREATE", "CREATE OR REPLACE"))).toEqual(FORBIDDEN);
    expect(server.control.secret("APP", "SECRETS", "KEY")?.value).toBe("theirs");
  });

  it("with OR REPLACE makes a new object: a later time, no grants", async () => {
    await queryRows(sync, CREATE);
    server.control.grant("READ", { ...PLACE, secret: "KEY" }, "PUBLIC");
    const before = server.control.secret("APP", "SECRETS", "KEY");
    await queryRows(sync, CREATE.replace("CREATE", "CREATE OR REPLACE"));
    const after = server.control.secret("APP", "SECRETS", "KEY");
    expect(before?.grants).toHaveLength(1);
    expect(after?.grants).toEqual([]);
    expect(after?.createdOn.getTime()).toBeGreaterThan(before?.createdOn.getTime() ?? Number.NaN);
  });

  it("with IF NOT EXISTS leaves the one that is there", async () => {
    await queryRows(sync, CREATE);
    const again = CREATE.replace("SECRET ", "SECRET IF NOT EXISTS ").replace("'x'", "'y'");
    expect(await queryRows(sync, again)).toEqual([{ status: "KEY already exists, statement succeeded." }]);
    expect(server.control.secret("APP", "SECRETS", "KEY")?.value).toBe("x");
  });

  it("of another type needs that type's properties", async () => {
    const head = "CREATE SECRET APP.SECRETS.P TYPE = PASSWORD";
    expect(await refusalOf(sync, `${head} USERNAME = 'u'`)).toEqual({ code: "002029", sqlState: "42601" });
    expect(await refusalOf(sync, `${head} SECRET_STRING = 'x'`)).toEqual({
      code: "001422",
      sqlState: "22023",
    });
    await queryRows(sync, `${head} USERNAME = 'u' PASSWORD = 'p'`);
    const [row] = await queryRows(sync, "DESC SECRET APP.SECRETS.P");
    expect(row).toMatchObject({ secret_type: "PASSWORD", username: "u" });
  });
});

describe("altering and dropping a secret", () => {
  const STATEMENTS = [
    "ALTER SECRET APP.SECRETS.KEY SET SECRET_STRING = 'y'",
    "ALTER SECRET APP.SECRETS.KEY UNSET COMMENT",
    "DROP SECRET APP.SECRETS.KEY",
  ];

  it.each(STATEMENTS)(
    "is refused without ownership, and says so only of what is visible: %s",
    async (sql) => {
      server.control.putSecret({ ...PLACE, name: "KEY", value: "theirs", owner: "SYSADMIN" });
      expect(await refusalOf(sync, sql)).toEqual(NOT_FOUND);
      server.control.grant("USAGE", { ...PLACE, secret: "KEY" }, seed.role);
      expect(await refusalOf(sync, sql)).toEqual(FORBIDDEN);
      expect(server.control.secret("APP", "SECRETS", "KEY")?.value).toBe("theirs");
    },
  );

  it("keeps grants and creation time, and changes what is set only", async () => {
    await queryRows(sync, `${CREATE} COMMENT = 'c'`);
    server.control.grant("READ", { ...PLACE, secret: "KEY" }, "PUBLIC");
    const before = server.control.secret("APP", "SECRETS", "KEY");
    await queryRows(sync, "ALTER SECRET APP.SECRETS.KEY SET SECRET_STRING = 'y'");
    expect(server.control.secret("APP", "SECRETS", "KEY")).toEqual({
      ...before,
      value: "y",
      properties: { SECRET_STRING: "y" },
      alteredOn: expect.any(Date),
    });
    await queryRows(sync, "ALTER SECRET APP.SECRETS.KEY UNSET COMMENT");
    expect(server.control.secret("APP", "SECRETS", "KEY")?.comment).toBeUndefined();
  });

  it("under IF EXISTS passes over what is not there, or not visible", async () => {
    server.control.putSecret({ ...PLACE, name: "KEY", owner: "SYSADMIN" });
    for (const sql of [
      "DROP SECRET IF EXISTS APP.SECRETS.KEY",
      "ALTER SECRET IF EXISTS APP.SECRETS.NO SET COMMENT = 'c'",
    ]) {
      expect(await queryRows(sync, sql)).toHaveLength(1);
    }
    expect(server.control.secret("APP", "SECRETS", "KEY")).toBeDefined();
  });
});

describe("SHOW SECRETS", () => {
  it("lists only what the role has a privilege on, by inheritance too", async () => {
    server.control.putSecret({ ...PLACE, name: "OURS", owner: seed.role });
    server.control.putSecret({ ...PLACE, name: "READABLE", owner: "SYSADMIN" });
    server.control.putSecret({ ...PLACE, name: "THEIRS", owner: "SYSADMIN" });
    server.control.grant("READ", { ...PLACE, secret: "READABLE" }, seed.role);
    const sql = "SHOW SECRETS IN SCHEMA APP.SECRETS";
    expect(await namesOf(sync, sql)).toEqual(["OURS", "READABLE"]);
    const parent = await openStranger("PARENT");
    expect(await refusalOf(parent, sql)).toEqual(NOT_FOUND_IN_SHOW);
    server.control.grantRole(seed.role, { role: "PARENT" });
    expect(await namesOf(parent, sql)).toEqual(["OURS", "READABLE"]);
    expect(await queryRows(parent, "SELECT IS_ROLE_IN_SESSION('SYNC_ROLE') AS IT")).toEqual([{ IT: true }]);
  });

  it("ignores case in LIKE, and takes account, database and schema as its scope", async () => {
    server.control.createSchema("APP", "MORE", { owner: seed.role });
    server.control.putSecret({ ...PLACE, name: "Api_Key", owner: seed.role });
    server.control.putSecret({ database: "APP", schema: "MORE", name: "APIXKEY", owner: seed.role });
    expect(await namesOf(sync, "SHOW SECRETS LIKE 'api_key' IN ACCOUNT")).toEqual(["APIXKEY", "Api_Key"]);
    expect(await namesOf(sync, "SHOW SECRETS LIKE 'api\\\\_key' IN DATABASE APP")).toEqual(["Api_Key"]);
    expect(await namesOf(sync, "SHOW SECRETS IN SCHEMA APP.MORE")).toEqual(["APIXKEY"]);
    expect(await refusalOf(sync, 'SHOW SECRETS IN SCHEMA APP."secrets"')).toEqual(NOT_FOUND_IN_SHOW);
  });

  it("answers an error over the row cap, and not a part", async () => {
    server.control.setRowCap(3);
    for (const name of ["A1", "A2", "B1"]) server.control.putSecret({ ...PLACE, name, owner: seed.role });
    expect(await namesOf(sync, "SHOW SECRETS IN SCHEMA APP.SECRETS")).toEqual(["A1", "A2", "B1"]);
    server.control.putSecret({ ...PLACE, name: "B2", owner: seed.role });
    expect(await refusalOf(sync, "SHOW SECRETS IN SCHEMA APP.SECRETS")).toEqual({
      code: "090153",
      sqlState: "22000",
    });
    expect(await namesOf(sync, "SHOW SECRETS LIKE 'B%' IN SCHEMA APP.SECRETS")).toEqual(["B1", "B2"]);
  });
});

describe("SHOW DATABASES and SHOW SCHEMAS", () => {
  it("list what the role may see, with what every account has", async () => {
    server.control.createDatabase("HIDDEN");
    expect(await namesOf(sync, "SHOW DATABASES")).toEqual(["APP", "SNOWFLAKE", "SNOWFLAKE_SAMPLE_DATA"]);
    server.control.createSchema("APP", "HIDDEN");
    expect(await namesOf(sync, "SHOW SCHEMAS IN DATABASE APP")).toEqual(["INFORMATION_SCHEMA", "SECRETS"]);
    expect(await refusalOf(sync, "SHOW SCHEMAS IN DATABASE HIDDEN")).toEqual(NOT_FOUND_IN_SHOW);
  });

  it("page through more than the row cap, in the order of names", async () => {
    const names = ["B1", "B2", "C", "a", "é"];
    for (const name of names) server.control.createSchema("APP", name, { owner: seed.role });
    server.control.setRowCap(3);
    expect(await refusalOf(sync, "SHOW SCHEMAS IN DATABASE APP")).toMatchObject({ code: "090153" });
    expect(await refusalOf(sync, "SHOW SCHEMAS IN DATABASE APP LIMIT 4")).toMatchObject({ code: "001008" });
    const found: unknown[] = [];
    for (let from = ""; ; ) {
      const page = await namesOf(sync, `SHOW SCHEMAS IN DATABASE APP LIMIT 2${from}`);
      found.push(...page);
      if (page.length < 2) break;
      from = ` FROM '${String(page.at(-1))}'`;
    }
    expect(found).toEqual(["B1", "B2", "C", "INFORMATION_SCHEMA", "SECRETS", "a", "é"]);
    expect(await namesOf(sync, "SHOW SCHEMAS LIKE 'b_' IN DATABASE APP STARTS WITH 'B' LIMIT 3")).toEqual([
      "B1",
      "B2",
    ]);
  });
});

describe("grants", () => {
  it("decide from the next statement on, and are shown", async () => {
    const admin = await open(server.connection);
    const stranger = await openStranger();
    expect(await refusalOf(stranger, "SHOW GRANTS ON SCHEMA APP.SECRETS")).toEqual(NOT_FOUND);
    await queryRows(admin, "GRANT USAGE ON DATABASE APP TO ROLE STRANGER");
    await queryRows(admin, "GRANT USAGE, CREATE SECRET ON SCHEMA APP.SECRETS TO ROLE STRANGER");
    await queryRows(stranger, CREATE);
    const shown = await queryRows(stranger, "SHOW GRANTS TO ROLE STRANGER");
    expect(shown.map(({ privilege, granted_on, name }) => [privilege, granted_on, name])).toEqual([
      ["USAGE", "DATABASE", "APP"],
      ["USAGE", "SCHEMA", "APP.SECRETS"],
      ["CREATE SECRET", "SCHEMA", "APP.SECRETS"],
      ["OWNERSHIP", "SECRET", "APP.SECRETS.KEY"],
    ]);
    await queryRows(admin, "REVOKE USAGE ON SCHEMA APP.SECRETS FROM ROLE STRANGER");
    expect(await refusalOf(stranger, "DROP SECRET APP.SECRETS.KEY")).toEqual(NOT_FOUND);
  });

  it("are given by the owner, and not by who only uses", async () => {
    expect(await refusalOf(sync, "GRANT USAGE ON SCHEMA APP.SECRETS TO ROLE PUBLIC")).toEqual(FORBIDDEN);
    await queryRows(sync, CREATE);
    await queryRows(sync, "GRANT READ ON SECRET APP.SECRETS.KEY TO ROLE PUBLIC");
    expect(server.control.grantsOn({ ...PLACE, secret: "KEY" })).toMatchObject([
      { privilege: "READ", role: "PUBLIC" },
    ]);
  });

  it("move ownership only with a word on the grants that exist", async () => {
    await queryRows(sync, CREATE);
    await queryRows(sync, "GRANT READ ON SECRET APP.SECRETS.KEY TO ROLE PUBLIC");
    const sql = "GRANT OWNERSHIP ON SECRET APP.SECRETS.KEY TO ROLE SYSADMIN";
    expect(await refusalOf(sync, sql)).toMatchObject({ code: "003036" });
    await queryRows(sync, `${sql} COPY CURRENT GRANTS`);
    expect(server.control.secret("APP", "SECRETS", "KEY")).toMatchObject({
      owner: "SYSADMIN",
      grants: [{ role: "PUBLIC" }],
    });
    expect(await refusalOf(sync, "DROP SECRET APP.SECRETS.KEY")).toEqual(FORBIDDEN);
  });

  it("of roles make roles usable, and never a ring", async () => {
    const admin = await open(server.connection);
    expect(await refusalOf(sync, "USE ROLE SYSADMIN")).toMatchObject({ code: "003013" });
    await queryRows(admin, "GRANT ROLE SYSADMIN TO USER SYNC_USER");
    await queryRows(sync, "USE ROLE SYSADMIN");
    expect(await queryRows(sync, "SELECT CURRENT_ROLE() AS ROLE")).toEqual([{ ROLE: "SYSADMIN" }]);
    const ring = await runStatement(admin, "GRANT ROLE SYSADMIN TO ROLE SYNC_ROLE");
    expect(ring).toMatchObject({ error: { sqlState: "42501" } });
    const members = await queryRows(admin, "SHOW GRANTS OF ROLE SYSADMIN");
    expect(members.map(({ granted_to, grantee_name }) => [granted_to, grantee_name])).toEqual([
      ["ROLE", "ACCOUNTADMIN"],
      ["USER", "SYNC_USER"],
    ]);
  });
});

describe("databases, schemas, roles and warehouses", () => {
  it("are made and dropped by who may", async () => {
    expect(await refusalOf(sync, "CREATE DATABASE D")).toEqual(FORBIDDEN);
    expect(await refusalOf(sync, "CREATE SCHEMA APP.S")).toEqual(FORBIDDEN);
    expect(await refusalOf(sync, "CREATE ROLE R")).toEqual(FORBIDDEN);
    const admin = await open(server.connection);
    await queryRows(admin, "CREATE DATABASE D");
    await queryRows(admin, "CREATE SCHEMA D.S COMMENT = 'c'");
    expect(await refusalOf(admin, "CREATE SCHEMA D.S")).toEqual(EXISTS);
    await queryRows(admin, "CREATE SECRET K TYPE = GENERIC_STRING SECRET_STRING = 'x'");
    expect(server.control.secret("D", "S", "K")?.owner).toBe("ACCOUNTADMIN");
    await queryRows(admin, "DROP SCHEMA D.S");
    expect(await queryRows(admin, "SELECT CURRENT_DATABASE() AS D, CURRENT_SCHEMA() AS S")).toEqual([
      { D: "D", S: null },
    ]);
    await queryRows(admin, "DROP DATABASE D");
    expect(await refusalOf(admin, "DROP DATABASE D")).toEqual(NOT_FOUND);
    await queryRows(admin, "CREATE ROLE R");
    await queryRows(admin, "DROP ROLE R");
  });

  it("tell a query without a running warehouse", async () => {
    const sql = "SELECT 1 AS N FROM TABLE(GENERATOR(ROWCOUNT => 1))";
    expect(await refusalOf(sync, sql)).toEqual({ code: "000606", sqlState: "57P03" });
    expect(await refusalOf(sync, "USE WAREHOUSE NOPE")).toEqual(NOT_FOUND_IN_SHOW);
    await queryRows(sync, "USE WAREHOUSE WH");
    expect(await queryRows(sync, sql)).toEqual([{ N: 1 }]);
    server.control.setWarehouseState("WH", "SUSPENDED");
    expect(await queryRows(sync, "SHOW WAREHOUSES LIKE 'wh'")).toMatchObject([
      { name: "WH", state: "SUSPENDED" },
    ]);
    expect(await queryRows(sync, sql)).toEqual([{ N: 1 }]);
    expect(await queryRows(sync, "SHOW WAREHOUSES")).toMatchObject([{ state: "STARTED" }]);
    server.control.createWarehouse("MANUAL", { state: "SUSPENDED", autoResume: false });
    server.control.grant("USAGE", { warehouse: "MANUAL" }, seed.role);
    await queryRows(sync, "USE WAREHOUSE MANUAL");
    expect(await refusalOf(sync, sql)).toEqual({ code: "000606", sqlState: "57P03" });
    expect(await refusalOf(sync, "ALTER WAREHOUSE MANUAL RESUME")).toEqual(FORBIDDEN);
    const admin = await open(server.connection);
    await queryRows(admin, "ALTER WAREHOUSE MANUAL RESUME");
    expect(await queryRows(sync, sql)).toEqual([{ N: 1 }]);
  });
});
