import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Postgres, startPostgres } from "../support/postgres/postgres.js";

describe("the PostgreSQL of tests", () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());

  async function query(settings: ConstructorParameters<typeof Client>[0], sql: string): Promise<unknown> {
    const { host, port, database, user, password } = postgres;
    const client = new Client({ ...{ host, port, database, user, password }, ...(settings as object) });
    await client.connect();
    try {
      return (await client.query(sql)).rows[0];
    } finally {
      await client.end();
    }
  }

  it("lets its user in by password, over TLS with its certificate", async () => {
    const ssl = { ca: postgres.certificate, servername: "localhost" };
    const row = await query(
      { ssl },
      "SELECT current_user AS who, current_database() AS place, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
    );

    expect(row).toEqual({ who: postgres.user, place: postgres.database, ssl: true });
  });

  it("refuses a wrong password", async () => {
    await expect(query({ password: "wrong" }, "SELECT 1")).rejects.toMatchObject({ code: "28P01" });
  });

  it("is refused by a client that does not trust its certificate", async () => {
    await expect(query({ ssl: { rejectUnauthorized: true } }, "SELECT 1")).rejects.toMatchObject({
      code: "DEPTH_ZERO_SELF_SIGNED_CERT",
    });
  });

  it("gives the superuser a connection of its own", async () => {
    expect(
      await postgres.adminQuery("SELECT rolname FROM pg_roles WHERE rolname = $1", [postgres.user]),
    ).toEqual([{ rolname: postgres.user }]);
  });
});
