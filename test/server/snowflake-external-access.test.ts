import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { useDemoAccount } from "../support/snowflake/use-demo-account.js";
import { openWire, type WireSession } from "../support/snowflake/wire-client.js";

const demo = useDemoAccount();
let session: WireSession;
let admin: WireSession;

beforeAll(async () => {
  session = await openWire(demo.server, demo.seed, "databaseName=APP&schemaName=SECRETS");
  admin = await openWire(demo.server, demo.server.connection, "databaseName=APP&schemaName=SECRETS");
});
beforeEach(async () => {
  for (const name of ["API_KEY", "Other"]) {
    demo.control.putSecret({ database: "APP", schema: "SECRETS", name, value: "v", owner: demo.seed.role });
  }
  await admin.query(
    "CREATE OR REPLACE NETWORK RULE hosts TYPE = HOST_PORT MODE = EGRESS VALUE_LIST = ('a.example')",
  );
});

const create = "CREATE OR REPLACE EXTERNAL ACCESS INTEGRATION net ALLOWED_NETWORK_RULES = (hosts)";
const list = async () => {
  const { data } = await admin.query("DESCRIBE INTEGRATION net");
  const rows = (data?.rowset ?? []) as (string | null)[][];
  return rows.find(([property]) => property === "ALLOWED_AUTHENTICATION_SECRETS")?.[2];
};

describe("an external access integration", () => {
  it("lists secrets by their exact names, and another list in place of it", async () => {
    const answer = await admin.query(
      `${create} ALLOWED_AUTHENTICATION_SECRETS = (api_key, APP.SECRETS."Other") ENABLED = TRUE COMMENT = 'c'`,
    );
    expect(answer).toMatchObject({ success: true });
    expect(await list()).toBe('[APP.SECRETS.API_KEY,APP.SECRETS."Other"]');
    const alter = "ALTER EXTERNAL ACCESS INTEGRATION net";
    await admin.query(`${alter} SET ALLOWED_AUTHENTICATION_SECRETS = ("APP"."SECRETS"."Other")`);
    expect(await list()).toBe('[APP.SECRETS."Other"]');
    await admin.query(`${alter} UNSET ALLOWED_AUTHENTICATION_SECRETS`);
    expect(await list()).toBeUndefined();
    await admin.query(`${alter} SET ALLOWED_AUTHENTICATION_SECRETS = (all)`);
    expect(await list()).toBe("[ALL]");
  });

  it("keeps the name of a secret that was dropped, and takes none that is not there", async () => {
    await admin.query(`${create} ALLOWED_AUTHENTICATION_SECRETS = (api_key) ENABLED = TRUE`);
    expect(await session.query("DROP SECRET api_key")).toMatchObject({ success: true });
    expect(await list()).toBe("[APP.SECRETS.API_KEY]");
    const again = "ALTER EXTERNAL ACCESS INTEGRATION net SET ALLOWED_AUTHENTICATION_SECRETS = (api_key)";
    expect(await admin.query(again)).toMatchObject({ success: false, code: "002003" });
  });

  it.each([
    ["without the privilege", `${create} ENABLED = TRUE`, "003001"],
    ["without ENABLED", create, "001003"],
    ["of a rule that is not there", `${create.replace("hosts", "others")} ENABLED = TRUE`, "002003"],
  ])("is refused %s", async (why, sql, code) => {
    const asker = why === "without the privilege" ? session : admin;
    expect(await asker.query(sql)).toMatchObject({ success: false, code });
  });
});
