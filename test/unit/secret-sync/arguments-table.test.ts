import { describe, expect, it } from "vitest";
import { buildSchema } from "../../../provider/plugin/schema/index.js";
import { isReplacedBy, type SyncArgument } from "../../../provider/secret-sync/changes.js";
import { createFixture, database, overwrite } from "./fixture.js";

interface Row {
  readonly args: Record<string, unknown>;
  readonly writes: string[];
  /** @default "update" */
  readonly change?: "replace";
}

/** For each argument a change, and what it does to Snowflake beside the record. */
const table: Record<SyncArgument, Row> = {
  name: { args: { name: "other-name" }, writes: [] },
  description: { args: { description: "another" }, writes: [] },
  connection: { args: { connection: { warehouse: "WH" } }, writes: [] },
  environment: { args: { environment: "other" }, writes: ["CREATE SECRET", "DROP SECRET"] },
  secretPath: { args: { secretPath: "/other" }, writes: [] },
  sources: { args: { sources: [{ type: "program" }] }, writes: [] },
  secrets: { args: { secrets: { A: "2" } }, writes: ["ALTER SECRET"] },
  typedSecrets: {
    args: {
      secrets: { A: "1", B: "2" },
      typedSecrets: { PAIR: { type: "password", username: "A", password: "B" } },
    },
    writes: ["CREATE SECRET", "DROP SECRET"],
  },
  destinationConfig: {
    args: { destinationConfig: { database, schema: "NEXT" } },
    writes: ["CREATE SECRET", "DROP SECRET"],
    change: "replace",
  },
  syncOptions: {
    args: { syncOptions: { ...overwrite, keySchema: "n_{{secretKey}}" } },
    writes: ["CREATE SECRET", "DROP SECRET"],
  },
  isAutoSyncEnabled: { args: { isAutoSyncEnabled: false }, writes: [] },
  syncTrigger: { args: { syncTrigger: 2 }, writes: [] },
  rewriteTrigger: { args: { rewriteTrigger: 2 }, writes: ["ALTER SECRET"] },
  fingerprintKey: { args: { fingerprintKey: "another key, of 32 bytes or more" }, writes: ["ALTER SECRET"] },
};

describe("what a change of each argument does", () => {
  it.each(Object.entries(table))("%s", async (_argument, { args, writes, change = "update" }) => {
    const { stack, sync, connection, addSchema, takeWrites } = await createFixture();
    addSchema("NEXT");
    const base = { syncOptions: { ...overwrite, keySchema: "{{environment}}_{{secretKey}}" } };
    await stack.upOk({ app: sync({ A: "1" }, base) });
    const program = {
      app: sync(
        { A: "1" },
        {
          ...base,
          ...args,
          connection: { ...connection, ...(args.connection as object | undefined) },
        },
      ),
    };
    const expected = { app: change };
    expect((await stack.preview(program)).changes).toEqual(expected);
    takeWrites();
    expect((await stack.upOk(program)).changes).toEqual(expected);
    expect(takeWrites()).toEqual(writes);
    expect((await stack.upOk(program)).changes).toEqual({ app: "same" });
  });
});

describe("the documentation of the arguments", () => {
  const { inputProperties } =
    buildSchema("1.2.3").resources["snowflake-secrets:index:SnowflakeSecretSync"] ?? {};

  it("names exactly the arguments of the table", () => {
    expect(Object.keys(inputProperties ?? {}).sort()).toEqual(Object.keys(table).sort());
  });

  it("says of each that replaces that it does, and of no other", () => {
    const replacing = Object.entries(inputProperties ?? {})
      .filter(([, { description = "" }]) => /\breplaces\b/.test(description))
      .map(([argument]) => argument);
    // Another account replaces, too: whether the connection leads to one, only Snowflake can tell.
    expect(replacing.sort()).toEqual(["connection", "destinationConfig"]);
    expect((Object.keys(table) as SyncArgument[]).filter(isReplacedBy)).toEqual(["destinationConfig"]);
  });
});
