import { describe, expect, it } from "vitest";
import { createFixture, database } from "./fixture.js";

/** A schema whose name needs its case, and beside it one that is meant where case is ignored. */
async function createMixedWorld(parameters: Readonly<Record<string, string>>) {
  const fixture = await createFixture({ accountParameters: parameters });
  const { addSchema, put, sync } = fixture;
  const destinationConfig = addSchema("Mixed");
  put("THEIRS", addSchema("MIXED"));
  const program = (secrets: Readonly<Record<string, string>>) => ({
    app: sync(secrets, { destinationConfig }),
  });
  return { ...fixture, program };
}

const ignoringCase = { QUOTED_IDENTIFIERS_IGNORE_CASE: "TRUE" };
const setExact = "ALTER SESSION SET QUOTED_IDENTIFIERS_IGNORE_CASE = FALSE";

describe("a sync, where the account has QUOTED_IDENTIFIERS_IGNORE_CASE = TRUE", () => {
  it("writes, compares and removes names of mixed case exactly, and touches no other schema", async () => {
    const { stack, program, values, takeStatements, control } = await createMixedWorld(ignoringCase);
    expect(await stack.up(program({ apiKey: "1", API_KEY: "2" }))).toMatchObject({ ok: true });
    expect(values("Mixed")).toEqual({ apiKey: "1", API_KEY: "2" });
    takeStatements();

    expect(await stack.up(program({ apiKey: "1", API_KEY: "2" }))).toMatchObject({ ok: true });
    expect(takeStatements().filter((kind) => /SECRET$/.test(kind))).toEqual([]);

    expect(await stack.up(program({ API_KEY: "2" }))).toMatchObject({ ok: true });
    expect(values("Mixed")).toEqual({ API_KEY: "2" });
    expect(await stack.destroy()).toMatchObject({ ok: true });
    expect(values("Mixed")).toEqual({});
    expect(values("MIXED")).toEqual({ THEIRS: "theirs" });
    expect(control.secrets(database, "MIXED")).toHaveLength(1);
  });

  it("sets the session's parameter once a log-in, and not where the account has the default", async () => {
    const ignoring = await createMixedWorld(ignoringCase);
    await ignoring.stack.up(ignoring.program({ apiKey: "1" }));
    const { logins } = ignoring.control.counts();
    expect(ignoring.control.statements().filter(({ sql }) => sql === setExact)).toHaveLength(logins);

    const exact = await createMixedWorld({});
    await exact.stack.up(exact.program({ apiKey: "1" }));
    exact.takeStatements();
    await exact.stack.up(exact.program({ apiKey: "1" }));
    expect(exact.takeStatements()).toEqual(["SELECT", "SHOW SECRETS"]);
  });

  it("sees the parameter on the user, too", async () => {
    const { stack, program, values, control } = await createMixedWorld({});
    control.setParameter("QUOTED_IDENTIFIERS_IGNORE_CASE", "TRUE", "SYNC_USER");
    expect(await stack.up(program({ apiKey: "1" }))).toMatchObject({ ok: true });
    expect([values("Mixed"), values("MIXED")]).toEqual([{ apiKey: "1" }, { THEIRS: "theirs" }]);
  });
});

describe("a sync, whatever else the account sets", () => {
  it.each<Readonly<Record<string, string>>>([
    { ROWS_PER_RESULTSET: "1" },
    { MULTI_STATEMENT_COUNT: "2" },
    { MULTI_STATEMENT_COUNT: "0" },
    { TIMEZONE: "Pacific/Chatham", TIMESTAMP_OUTPUT_FORMAT: "DD/MM", TIMESTAMP_LTZ_OUTPUT_FORMAT: "MON" },
    { DATE_OUTPUT_FORMAT: "DD", TIMESTAMP_INPUT_FORMAT: "DD/MM/YYYY" },
    { STRICT_JSON_OUTPUT: "TRUE", ABORT_DETACHED_QUERY: "TRUE", LOCK_TIMEOUT: "0", AUTOCOMMIT: "FALSE" },
  ])("works the same under %j", async (parameters) => {
    const { stack, program, values, takeStatements, control } = await createMixedWorld(parameters);
    const wanted = { A: "1", B: "2", C: "3" };
    expect(await stack.up(program(wanted))).toMatchObject({ ok: true });
    for (const name of Object.keys(parameters)) control.setParameter(name, undefined);
    takeStatements();
    // Seen without the parameters, every time of creation and every name is the recorded one.
    expect(await stack.up(program(wanted))).toMatchObject({ ok: true });
    expect(takeStatements()).toEqual(["SELECT", "SHOW SECRETS"]);
    for (const [name, value] of Object.entries(parameters)) control.setParameter(name, value);
    expect(await stack.up(program({ A: "1" }))).toMatchObject({ ok: true });
    expect(values("Mixed")).toEqual({ A: "1" });
  });
});
