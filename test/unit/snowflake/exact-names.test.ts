import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { buildText } from "../../../provider/core/secret-content.js";
import { SecretValue } from "../../../provider/core/secret-value.js";
import { listSchemaNames } from "../../../provider/snowflake/catalog.js";
import { openSession, type SnowflakeSession } from "../../../provider/snowflake/driver/session.js";
import {
  buildCreateSecret,
  buildDropSecret,
  buildSessionContext,
  buildShowDatabases,
  buildShowSecrets,
  buildWhoAmI,
} from "../../../provider/snowflake/statements.js";
import { type SnowflakeServer, startSnowflakeServer } from "../../../sdk/snowflake-server/index.js";
import { connect, reach } from "./connect.js";

const mixed = { database: "App", schema: "Secrets" };
let server: SnowflakeServer;
let session: SnowflakeSession;

beforeAll(async () => {
  server = await startSnowflakeServer({
    accountParameters: { QUOTED_IDENTIFIERS_IGNORE_CASE: "TRUE" },
    seed: (control) => {
      for (const [database, schema] of [
        ["App", "Secrets"],
        ["APP", "SECRETS"],
      ] as const) {
        control.createDatabase(database);
        control.createSchema(database, schema);
        control.putSecret({ database, schema, name: `IN_${schema}`, value: "v" });
      }
    },
  });
});
afterAll(() => server.stop());
beforeEach(() => server.control.reset());
afterEach(() => session.close());

async function logIn(maxConcurrentStatements = 4): Promise<void> {
  session = await openSession(connect(reach(server), { maxConcurrentStatements }), {
    isSafeToPrint: () => true,
  });
}

const sent = () => server.control.statements().map(({ sql }) => sql.replace(/ .*/s, ""));

describe("a session of an account that ignores the case of quoted names", () => {
  it.each([1, 4])(
    "finds by exact names with %d statements at once, whichever is asked for first",
    async (count) => {
      await logIn(count);
      const [secrets, [who]] = await Promise.all([
        session.execute(buildShowSecrets(mixed)),
        session.execute(buildWhoAmI(["ACCOUNTADMIN"])),
      ]);
      expect(secrets.map(({ name }) => name)).toEqual(["IN_Secrets"]);
      expect(who).toMatchObject({ account: "XY12345", role: "ACCOUNTADMIN", role_0: true });
      expect(sent().filter((verb) => verb === "ALTER")).toHaveLength(1);
    },
  );

  it("tells no failure of a read that was sent before names were exact", async () => {
    server.control.dropDatabase("APP");
    await logIn();
    const [, secrets] = await Promise.all([
      session.execute(buildSessionContext()),
      session.execute(buildShowSecrets(mixed)),
    ]);
    expect(secrets.map(({ name }) => name)).toEqual(["IN_Secrets"]);
  });

  it("sends nothing that changes something before names are exact", async () => {
    await logIn();
    const secret = { content: buildText(new SecretValue("w")), comment: "c" };
    await Promise.all([
      session.execute(buildCreateSecret(mixed, "Own", secret)),
      session.execute(buildDropSecret(mixed, "IN_Secrets")),
    ]);
    expect(server.control.secrets("App", "Secrets").map(({ name }) => name)).toEqual(["Own"]);
    expect(server.control.secrets("APP", "SECRETS").map(({ name }) => name)).toEqual(["IN_SECRETS"]);
    expect(sent().slice(0, 3)).toEqual(["SELECT", "ALTER", "SELECT"]);
  });

  it("lists the schemas of a database by its exact name, and databases without a question", async () => {
    await logIn();
    await session.execute(buildShowDatabases({ limit: 10 }));
    expect(sent()).toEqual(["SHOW"]);
    expect(await listSchemaNames(session, "App")).toEqual(["PUBLIC", "Secrets"]);
  });

  it("refuses everything that needs exact names where its parameter stays as it is, and asks again", async () => {
    await logIn();
    server.control.addFault({
      match: /^ALTER SESSION/,
      times: 1,
      effect: { kind: "sql-error", code: "003001", sqlState: "42501", message: "no" },
    });
    const refused = await Promise.allSettled([
      session.execute(buildWhoAmI([])),
      session.execute(buildShowSecrets(mixed)),
      session.execute(buildDropSecret(mixed, "IN_Secrets")),
    ]);
    for (const outcome of refused) {
      expect(outcome).toMatchObject({
        status: "rejected",
        reason: {
          code: "STATEMENT_FAILED",
          message: expect.stringMatching(
            /^\[STATEMENT_FAILED\] parameter QUOTED_IDENTIFIERS_IGNORE_CASE is TRUE/,
          ),
          cause: { code: "003001" },
        },
      });
    }
    expect(sent()).not.toContain("DROP");
    expect(await session.execute(buildShowSecrets(mixed))).toHaveLength(1);
  });
});
