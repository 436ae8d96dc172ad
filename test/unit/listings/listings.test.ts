import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listSnowflakeDatabases, listSnowflakeSchemas } from "../../../sdk/listings.js";
import { type SnowflakeServer, startSnowflakeServer } from "../../../sdk/snowflake-server/index.js";

describe("the listings of a program", () => {
  let server: SnowflakeServer;
  const before = { ...process.env };

  beforeAll(async () => {
    server = await startSnowflakeServer();
    for (const name of ["b", "A", "SNOWFLAKE"]) server.control.createDatabase(name);
    server.control.createSchema("A", "Z");
    process.env.SNOWFLAKE_HOST = server.host;
    process.env.SNOWFLAKE_PORT = String(server.port);
    process.env.SNOWFLAKE_PROTOCOL = "http";
    process.env.SNOWFLAKE_HOME = "/nonexistent";
    // What `pulumi` hands to a program of the stack's config.
    process.env.PULUMI_CONFIG = JSON.stringify({ "snowflake:account": server.account });
  });
  afterAll(async () => {
    process.env = before;
    await server.stop();
  });

  it("come over config, environment and argument together", async () => {
    const { username, password } = server.connection;
    const connection = { user: username, password };
    expect(await listSnowflakeDatabases(connection)).toEqual(["A", "b"]);
    expect(await listSnowflakeSchemas("A", connection)).toEqual(["PUBLIC", "Z"]);
    expect(server.control.counts().openSessions).toBe(0);
  });

  it("refuse an argument that is none, and a log-in that fails, without showing a value", async () => {
    const password = "pl4nted";
    await expect(listSnowflakeDatabases({ pasword: password } as never)).rejects.toThrow(
      /INVALID_INPUT.*connection\.pasword/,
    );
    const failure = listSnowflakeDatabases({ user: "ADMIN", password });
    await expect(failure).rejects.toMatchObject({ code: "AUTHENTICATION_FAILED" });
    await expect(failure).rejects.not.toThrow(password);
  });
});
