import { describe, expect, it } from "vitest";
import { buildSecrets, createFixture, database, overwrite, preserve, role, schema } from "./fixture.js";

describe("names that the source lacks", () => {
  it("are dropped under overwrite-destination, with a warning that lists each foreign one", async () => {
    const { stack, sync, values, put } = await createFixture();
    for (const name of ["OLD_1", "OLD_2"]) put(name);
    const program = { app: sync({ A: "1" }) };
    const { lines } = await stack.preview(program);
    expect(lines.join("\n")).toContain(
      'warning: app: 2 secrets in "APP"."SECRETS" not in the source, would be dropped (overwrite-destination): "OLD_1", "OLD_2"',
    );
    const { lines: told } = await stack.upOk(program);
    expect(told).toContain('app: 1 created, 2 dropped ("OLD_1", "OLD_2"); 1 managed');
    expect(values()).toEqual({ A: "1" });
  });

  it("stay with disableSecretDeletion, are told beside changes, and go when it is off again", async () => {
    const { stack, sync, values } = await createFixture();
    const keep = { ...overwrite, disableSecretDeletion: true };
    await stack.upOk({ app: sync({ A: "1", B: "1" }, { syncOptions: keep }) });
    const { lines } = await stack.preview({ app: sync({ A: "2" }, { syncOptions: keep }) });
    expect(lines.join("\n")).toContain('not in the source, stays (disableSecretDeletion): "B"');
    await stack.upOk({ app: sync({ A: "2" }, { syncOptions: keep }) });
    expect(values()).toEqual({ A: "2", B: "1" });
    expect(stack.state().managedSecrets.B).toMatchObject({ state: "kept", sourceKey: "B" });
    const quiet = await stack.preview({ app: sync({ A: "2" }, { syncOptions: keep }) });
    expect(quiet).toMatchObject({ changes: { app: "same" }, lines: [] });

    await stack.upOk({ app: sync({ A: "2" }, { syncOptions: overwrite }) });
    expect(values()).toEqual({ A: "2" });
    expect(stack.state().managedSecrets).not.toHaveProperty("B");
  });
});

describe("a changed key schema", () => {
  it("writes the new names before it drops the old ones", async () => {
    const { stack, sync, values, takeWrites } = await createFixture();
    const options = (keySchema: string) => ({ syncOptions: { ...preserve, keySchema } });
    await stack.upOk({ app: sync({ A: "1", B: "1" }, options("X_{{secretKey}}")) });
    takeWrites();
    await stack.upOk({ app: sync({ A: "1", B: "1" }, options("Y_{{secretKey}}")) });
    expect(values()).toEqual({ Y_A: "1", Y_B: "1" });
    expect(takeWrites()).toEqual(["CREATE SECRET", "CREATE SECRET", "DROP SECRET", "DROP SECRET"]);
    expect(Object.keys(stack.state().managedSecrets)).toEqual(["Y_A", "Y_B"]);
  });

  it("keeps the old name of a key whose new name could not be written, and drops it next time", async () => {
    const { stack, sync, values, failNext } = await createFixture();
    const options = (keySchema: string) => ({ syncOptions: { ...overwrite, keySchema } });
    await stack.upOk({ app: sync({ A: "1", B: "1" }, options("X_{{secretKey}}")) });
    failNext(/^CREATE SECRET .*"Y_A"/);
    const program = { app: sync({ A: "1", B: "1" }, options("Y_{{secretKey}}")) };
    const { problems } = await stack.up(program);
    expect(values()).toEqual({ X_A: "1", Y_B: "1" });
    expect(problems.join()).toMatch(/"X_A": \[UNPROVEN\] the secret was not dropped/);
    await stack.upOk(program);
    expect(values()).toEqual({ Y_A: "1", Y_B: "1" });
  });

  it("names in the preview what goes under its former name, up to twenty", async () => {
    const { stack, sync } = await createFixture();
    const options = (keySchema: string) => ({ syncOptions: { ...preserve, keySchema } });
    await stack.upOk({ app: sync(buildSecrets(22), options("X_{{secretKey}}")) });
    const { lines } = await stack.preview({ app: sync(buildSecrets(22), options("Y_{{secretKey}}")) });
    expect(lines).toContainEqual(
      expect.stringMatching(
        /^app: from an earlier run or under a former name, would be dropped in "APP"\."SECRETS": "X_KEY_0", .* and 2 more$/,
      ),
    );
  });
});

describe("a source", () => {
  it("with a key whose value is undefined is an error, not a removal", async () => {
    const { stack, sync, values } = await createFixture();
    await stack.upOk({ app: sync({ A: "1", B: "1" }) });
    for (const operation of [stack.preview.bind(stack), stack.up.bind(stack)]) {
      const { problems } = await operation({ app: sync({ A: "1", B: undefined }) });
      expect(problems.join()).toContain(
        "property secrets.B value {<nil>} has a problem: secrets.B: it has no value",
      );
    }
    expect(values()).toEqual({ A: "1", B: "1" });
  });

  it.each([
    ["an empty map", {}, undefined],
    ["no secrets and an empty list of sources", undefined, []],
    ["no secrets and only the word that there are some", undefined, [{ type: "program" }]],
    [
      "a prefix of the environment that nothing has",
      undefined,
      [{ type: "environment", prefix: "NOTHING_HAS_THIS_" }],
    ],
  ])("that comes back empty never empties the schema: %s", async (_, secrets, sources) => {
    const { stack, sync, values } = await createFixture();
    await stack.upOk({ app: sync({ A: "1" }) });
    const { problems } = await stack.up({ app: sync(secrets, sources === undefined ? {} : { sources }) });
    expect(problems.join()).toContain("[SOURCE_FAILED]");
    expect(values()).toEqual({ A: "1" });
  });

  it("may be empty where allowEmpty says so", async () => {
    const { stack, sync, values } = await createFixture();
    await stack.upOk({ app: sync({ A: "1" }) });
    await stack.upOk({ app: sync({}, { sources: [{ type: "program", allowEmpty: true }] }) });
    expect(values()).toEqual({});
  });

  it("that fails leaves everything as it is; the preview warns and shows its keys as unknown", async () => {
    const { stack, sync, values } = await createFixture();
    process.env.SYNC_TEST_B = "from the environment";
    const sources = [{ type: "environment", keys: ["SYNC_TEST_B"] }];
    await stack.upOk({ app: sync({ A: "1" }, { sources }) });
    expect(values()).toEqual({ A: "1", SYNC_TEST_B: "from the environment" });
    delete process.env.SYNC_TEST_B;
    const preview = await stack.preview({ app: sync({ A: "2" }, { sources }) });
    expect(preview.ok).toBe(true);
    expect(preview.lines.join("\n")).toMatch(
      /warning: app: \[SOURCE_FAILED\].*The preview shows its keys as unknown/,
    );
    const shown = preview.inputs.app?.secrets as Record<string, string>;
    expect(shown.SYNC_TEST_B).toBe("04da6b54-80e4-46f7-96ec-b56ff0331ba9");
    expect(shown.A).toMatch(/^[0-9a-f]{32}$/);
    const { problems } = await stack.up({ app: sync({ A: "2" }, { sources }) });
    expect(problems.join()).toContain("[SOURCE_FAILED]");
    expect(values()).toEqual({ A: "1", SYNC_TEST_B: "from the environment" });
  });

  it("that comes later wins where two have the same key, and the state says which one", async () => {
    const { stack, sync, values } = await createFixture();
    process.env.SYNC_TEST_A = "from the environment";
    const sources = [{ type: "environment", prefix: "SYNC_TEST_" }];
    await stack.upOk({ app: sync(undefined, { sources }) });
    expect(values()).toEqual({ A: "from the environment" });
    await stack.upOk({ app: sync({ A: "from the program" }, { sources }) });
    expect(values()).toEqual({ A: "from the program" });
    expect(stack.state().managedSecrets.A?.source).toBe("program");
    delete process.env.SYNC_TEST_A;
  });
});

describe("maxRemovals", () => {
  const limited = (maxRemovals: unknown) => ({ syncOptions: { ...overwrite, maxRemovals } });
  const refusal =
    '[REMOVAL_LIMIT] this update would drop 2 secrets, and syncOptions.maxRemovals allows 1. Fix: to drop them, set maxRemovals to 2 or more. To keep them, add them to their source again. The secrets are "B", "C".';

  it("refuses an up that would drop more, before it writes; the preview warns", async () => {
    const { stack, sync, values, takeWrites } = await createFixture();
    await stack.upOk({ app: sync({ A: "1", B: "1", C: "1" }, limited(1)) });
    const program = { app: sync({ A: "2" }, limited(1)) };
    expect((await stack.preview(program)).lines).toContain(
      `warning: app: ${refusal} \`pulumi up\` fails with this error.`,
    );
    takeWrites();
    expect((await stack.up(program)).problems).toEqual([
      `${refusal} Details: npx pulumi-snowflake-secrets explain REMOVAL_LIMIT`,
    ]);
    expect(takeWrites()).toEqual([]);
    expect(values()).toEqual({ A: "1", B: "1", C: "1" });
    await stack.upOk({ app: sync({ A: "2" }, limited(2)) });
    expect(values()).toEqual({ A: "2" });
  });

  it("names ten of many, after the way out", async () => {
    const { stack, sync } = await createFixture();
    const names = Array.from({ length: 25 }, (_, n) => `K_${String(n).padStart(2, "0")}`);
    await stack.upOk({ app: sync({ A: "1", ...Object.fromEntries(names.map((name) => [name, "1"])) }) });
    const { problems } = await stack.up({ app: sync({ A: "1" }, limited(1)) });
    const message = problems.join();
    expect(message).toContain('"K_09" and 15 more');
    expect(message).not.toContain("K_10");
    expect(message.indexOf("set maxRemovals to 25 or more")).toBeLessThan(message.indexOf("K_00"));
  });

  it("of 0 lets nothing go but by destroy, and foreign ones count", async () => {
    const { stack, sync, control, values, put } = await createFixture();
    await stack.upOk({ app: sync({ A: "1" }, limited(0)) });
    put("STRAY");
    expect((await stack.up({ app: sync({ A: "2" }, limited(0)) })).problems.join()).toContain('"STRAY"');
    control.dropSecret(database, schema, "STRAY");
    expect((await stack.destroy()).ok).toBe(true);
    expect(values()).toEqual({});
  });
});

describe("destroy", () => {
  it("tells a secret of another type from one without our mark", async () => {
    const { stack, sync, control } = await createFixture();
    await stack.upOk({ app: sync({ A: "1" }) });
    const comment = control.secret(database, schema, "A")?.comment ?? "";
    control.putSecret({ database, schema, name: "A", type: "SYMMETRIC_KEY", comment, owner: role });
    const { lines, ok } = await stack.destroy();
    expect(ok).toBe(true);
    expect(lines[0]).toBe(
      'warning: app: not dropped, because someone changed their type: "A". If they are yours, drop them yourself.',
    );
    expect(control.secret(database, schema, "A")?.type).toBe("SYMMETRIC_KEY");
  });

  it("drops only what is ours, and says what it leaves", async () => {
    const { stack, sync, control, values, put } = await createFixture();
    put("THEIRS");
    await stack.upOk({ app: sync({ A: "1", B: "1" }, { syncOptions: preserve }) });
    control.alterSecret({ database, schema, name: "B" }, { comment: undefined });
    const { lines, ok } = await stack.destroy();
    expect(ok).toBe(true);
    expect(lines).toEqual([
      'warning: app: not dropped, because they have lost their ownership comments: "B"',
      'app: 1 dropped in "APP"."SECRETS"',
    ]);
    expect(values()).toEqual({ B: "1", THEIRS: "theirs" });
  });

  it("with disableSecretDeletion leaves the secrets and takes our mark off them", async () => {
    const { stack, sync, control, values } = await createFixture();
    const syncOptions = { ...overwrite, disableSecretDeletion: true };
    await stack.upOk({ app: sync({ A: "1" }, { syncOptions }) });
    const { lines } = await stack.destroy();
    expect(lines).toEqual(['app: 1 kept without the ownership comment in "APP"."SECRETS"']);
    expect(values()).toEqual({ A: "1" });
    expect(control.secret(database, schema, "A")?.comment).toBeUndefined();
  });

  it("that fails half-way keeps the resource, names each secret, and finishes when run again", async () => {
    const { stack, sync, values, failNext } = await createFixture();
    await stack.upOk({ app: sync({ A: "1", B: "1" }) });
    failNext(/^DROP SECRET .*"A"/);
    const first = await stack.destroy();
    expect(first.problems.join()).toMatch(/^\[PARTLY_DONE\] destroy app: 1 of 2.*"A": \[STATEMENT_FAILED\]/);
    expect(values()).toEqual({ A: "1" });
    expect((await stack.destroy()).ok).toBe(true);
    expect(values()).toEqual({});
    expect(stack.resources.size).toBe(0);
  });

  it("of a sync that never wrote anything passes where the schema is not there", async () => {
    const { stack, sync, control } = await createFixture();
    await stack.upOk({ app: sync({ A: "1" }, { isAutoSyncEnabled: false }) });
    control.dropSchema(database, schema);
    const { ok, lines } = await stack.destroy();
    expect(ok).toBe(true);
    expect(lines.join()).toContain("nothing was ever written");
  });

  it("does not take a dropped schema for proof that the secrets are gone", async () => {
    const { stack, sync, control } = await createFixture();
    await stack.upOk({ app: sync({ A: "1" }) });
    control.dropSchema(database, schema);
    const { problems } = await stack.destroy();
    expect(problems.join()).toContain("[NOT_FOUND] schema does not exist, or role");
    expect(stack.resources.size).toBe(1);
  });
});

describe("a schema with more secrets than one listing shows", () => {
  it("is handled by the key schema's prefix, and refused without one", async () => {
    const { stack, sync, control, values, put } = await createFixture();
    for (let i = 0; i < 12; i += 1) put(`OTHER_${i}`);
    control.setRowCap(10);
    const refused = await stack.up({ app: sync({ A: "1" }) });
    expect(refused.problems.join()).toContain(
      "[UNPROVEN] the schema holds more secrets than Snowflake lists",
    );
    const options = { syncOptions: { ...overwrite, keySchema: "P_{{secretKey}}" } };
    await stack.upOk({ app: sync({ A: "1", B: "1" }, options) });
    await stack.upOk({ app: sync({ A: "2" }, options) });
    expect(Object.keys(values())).toHaveLength(13);
    expect(values().P_A).toBe("2");
  });

  it("does not lose sight of names outside the prefix that we wrote before", async () => {
    const { stack, sync, control, values, put } = await createFixture();
    await stack.upOk({ app: sync({ A: "1", B: "1" }, { syncOptions: preserve }) });
    for (let i = 0; i < 12; i += 1) put(`OTHER_${i}`);
    control.setRowCap(10);
    expect((await stack.refresh()).ok).toBe(true);
    expect(Object.keys(stack.state().managedSecrets)).toEqual(["A", "B"]);
    const options = { syncOptions: { ...preserve, keySchema: "P_{{secretKey}}" } };
    await stack.upOk({ app: sync({ A: "1", B: "1" }, options) });
    expect(Object.keys(values()).filter((name) => !name.startsWith("OTHER_"))).toEqual(["P_A", "P_B"]);
    expect((await stack.destroy()).ok).toBe(true);
    expect(Object.keys(values())).toHaveLength(12);
  });
});
