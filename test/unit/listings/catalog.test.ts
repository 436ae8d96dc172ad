import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SecretValue } from "../../../provider/core/secret-value.js";
import { listDatabaseNames, listSchemaNames } from "../../../provider/snowflake/catalog.js";
import { openSession, type SnowflakeSession } from "../../../provider/snowflake/driver/session.js";
import type { Statement } from "../../../provider/snowflake/statements.js";
import { type SnowflakeServer, startSnowflakeServer } from "../../../sdk/snowflake-server/index.js";

// A to Z is by code unit: capitals first, prefixes before what they begin.
const names = ["A", "AB", "ABC", "B", "B%", "B'Q", "B\\", "Z", "a", "ab", "é"];
let server: SnowflakeServer;
let session: SnowflakeSession;

beforeAll(async () => {
  server = await startSnowflakeServer();
  for (const name of [...names, "SNOWFLAKE", "SNOWFLAKE_SAMPLE_DATA"]) server.control.createDatabase(name);
  for (const name of names) server.control.createSchema("A", name);
  const { account, username, password, role } = server.connection;
  session = await openSession({
    account,
    username,
    authentication: { kind: "password", password: new SecretValue(password) },
    role,
    host: server.host,
    port: server.port,
    protocol: "http",
    maxConcurrentStatements: 4,
  });
});
afterAll(async () => {
  await session.close();
  await server.stop();
});
beforeEach(() => server.control.resetCounts());

describe("the listings", () => {
  it("give databases A to Z without Snowflake's own, in one statement", async () => {
    expect(await listDatabaseNames(session)).toEqual(names);
    expect(server.control.statements()).toHaveLength(1);
  });

  it("give the schemas of a database A to Z without INFORMATION_SCHEMA", async () => {
    expect(await listSchemaNames(session, "A")).toEqual([...names, "PUBLIC"].sort());
  });

  it.each([2, 3, 4, 5, 11, 12, 13, 14])("lose and double nothing in pages of %i", async (pageSize) => {
    expect(await listDatabaseNames(session, { pageSize })).toEqual(names);
  });

  it("go past the row cap of the server", async () => {
    server.control.setRowCap(5);
    expect(await listDatabaseNames(session, { pageSize: 5 })).toEqual(names);
    server.control.setRowCap(10_000);
  });

  it("start over when an object that a page hangs on is dropped in between", async () => {
    let dropped = false;
    const racing = {
      execute: async (statement: Statement) => {
        const rows = await session.execute(statement);
        if (!dropped) {
          dropped = true;
          server.control.dropDatabase("ABC");
        }
        return rows;
      },
    };
    expect(await listDatabaseNames(racing, { pageSize: 3 })).toEqual(names.filter((name) => name !== "ABC"));
    server.control.createDatabase("ABC");
  });

  it("give up where objects keep coming and going", async () => {
    let page = 0;
    const restless = {
      execute: async () => {
        page += 1;
        return [{ name: `X${page}` }, { name: `Y${page}` }];
      },
    };
    await expect(listDatabaseNames(restless, { pageSize: 2 })).rejects.toMatchObject({
      code: "UNPROVEN",
      retryable: true,
    });
  });

  it("say which database is not there", async () => {
    await expect(listSchemaNames(session, "GONE")).rejects.toMatchObject({
      code: "NOT_FOUND",
      target: '"GONE"',
    });
  });
});
