import { afterEach, describe, expect, it, vi } from "vitest";
import { buildConnection } from "../../support/snowflake/connection-argument.js";
import {
  buildSecrets,
  createFixture as createWithOneSchema,
  database,
  destination,
  type Fixture,
  overwrite,
  role,
} from "./fixture.js";

const next = { database, schema: "NEXT" };

/** With a schema to move to. */
async function createFixture(options?: Parameters<typeof createWithOneSchema>[0]): Promise<Fixture> {
  const fixture = await createWithOneSchema(options);
  fixture.addSchema(next.schema);
  return fixture;
}

describe("a changed schema", () => {
  it("fills the new schema before it cleans the old one", async () => {
    const { stack, sync, values, takeWrites } = await createFixture();
    await stack.upOk({ app: sync({ A: "1", B: "1" }) });
    const moved = { app: sync({ A: "1", B: "2" }, { destinationConfig: next }) };
    const preview = await stack.preview(moved);
    expect(preview.changes).toEqual({ app: "replace" });
    expect(preview.lines).toEqual([
      'app: to be dropped in "APP"."SECRETS" once the new schema is filled: "A", "B"',
      "app: to be replaced, because of changes in destinationConfig. Below, Pulumi shows all old outputs as removed, because it does not know the new ones yet.",
      'app: 2 to create in "APP"."NEXT"',
    ]);
    takeWrites();
    const { changes } = await stack.upOk(moved);
    expect(changes).toEqual({ app: "replace" });
    expect([values(), values(next.schema)]).toEqual([{}, { A: "1", B: "2" }]);
    expect(takeWrites()).toEqual(["CREATE SECRET", "CREATE SECRET", "DROP SECRET", "DROP SECRET"]);
    expect((await stack.upOk(moved)).changes).toEqual({ app: "same" });
  });

  it("names what of the old schema would go, up to twenty, or be left behind", async () => {
    const { stack, sync } = await createFixture();
    await stack.upOk({ app: sync(buildSecrets(23)) });
    const moved = sync(buildSecrets(23), { destinationConfig: next });
    expect((await stack.preview({ app: moved })).lines[0]).toMatch(
      /to be dropped in "APP"\."SECRETS" once the new schema is filled: "KEY_0", .*"KEY_19" and 3 more$/,
    );
    const syncOptions = { ...overwrite, disableSecretDeletion: true };
    await stack.upOk({ app: sync(buildSecrets(23), { syncOptions }) });
    const kept = sync(buildSecrets(23), { destinationConfig: next, syncOptions });
    expect((await stack.preview({ app: kept })).lines[0]).toContain(
      "to be kept without the ownership comment in",
    );
  });

  for (let k = 0; k < 3; k += 1) {
    it(`that fails at write ${k + 1} leaves the old place untouched, and the next up resumes`, async () => {
      const { stack, sync, values, failNext } = await createFixture();
      const secrets = buildSecrets(3);
      await stack.upOk({ app: sync(secrets) });
      const before = JSON.stringify(stack.state());
      failNext(/^CREATE SECRET/, { skip: k });
      const moved = { app: sync(secrets, { destinationConfig: next }) };
      const { problems } = await stack.up(moved);
      expect(problems.join()).toMatch(
        /The old schema is as it was\. Then run again: what was written in the new one is written once more\. Details: npx pulumi-snowflake-secrets explain PARTLY_DONE$/,
      );
      expect(JSON.stringify(stack.state())).toBe(before);
      expect(stack.pendingDeletes).toEqual([]);
      expect(values()).toEqual(secrets);
      await stack.upOk(moved);
      expect([values(), values(next.schema)]).toEqual([{}, secrets]);
    });
  }

  it("is refused while auto-sync is off, as the new schema would stay empty; a changed syncTrigger does it", async () => {
    const { stack, sync, values } = await createFixture();
    const off = { isAutoSyncEnabled: false, destinationConfig: next };
    await stack.upOk({ app: sync({ A: "1" }) });
    const preview = await stack.preview({ app: sync({ A: "1" }, off) });
    expect(preview.lines.join()).toContain("[UNPROVEN] auto-sync is off, so the new schema would stay empty");
    const { problems } = await stack.up({ app: sync({ A: "1" }, off) });
    expect(problems.join()).toContain("[UNPROVEN] auto-sync is off");
    expect(values()).toEqual({ A: "1" });
    await stack.upOk({ app: sync({ A: "1" }, { ...off, syncTrigger: "now" }) });
    expect([values(), values(next.schema)]).toEqual([{}, { A: "1" }]);
  });
});

describe("a replacement in the same place", () => {
  it.each([
    ["the program", { replace: true }, []],
    // Its one check knows no predecessor.
    ["--replace", { isReplaceTarget: true }, [expect.stringContaining("but the state is empty")]],
  ])(
    "that %s asks for writes each value under its own mark, and the delete of the old one takes none",
    async (_, options, warnings) => {
      const { stack, sync, values, markOf } = await createFixture();
      await stack.upOk({ app: sync({ A: "1", B: "1" }) });
      const { revision } = stack.state();
      const { changes, lines } = await stack.upOk({ app: sync({ A: "1", B: "1" }, {}, options) });
      expect(changes).toEqual({ app: "replace" });
      expect(lines.filter((line) => line.startsWith("warning"))).toEqual(warnings);
      expect(stack.pendingDeletes).toEqual([]);
      expect(values()).toEqual({ A: "1", B: "1" });
      expect(stack.state().revision).not.toBe(revision);
      expect(markOf("A")?.revision).toBe(stack.state().revision);
      await stack.destroy();
      expect(values()).toEqual({});
    },
  );

  it("that fails half-way is mended by the next up, so that destroy leaves nothing behind", async () => {
    const { stack, sync, values, markOf, failNext } = await createFixture();
    await stack.upOk({ app: sync({ A: "1", B: "1" }) });
    failNext(/^ALTER SECRET .*"B"/);
    expect((await stack.up({ app: sync({ A: "1", B: "1" }, {}, { replace: true }) })).ok).toBe(false);
    expect(markOf("A")?.revision).not.toBe(stack.state().revision);
    await stack.upOk({ app: sync({ A: "1", B: "1" }) });
    expect(markOf("A")?.revision).toBe(stack.state().revision);
    await stack.destroy();
    expect(values()).toEqual({});
  });

  it("with deleteBeforeReplace drops first and creates then; a failure half-way is recorded", async () => {
    const { stack, sync, values, failNext } = await createFixture();
    const program = { app: sync({ A: "1", B: "1" }, {}, { replace: true, deleteBeforeReplace: true }) };
    await stack.upOk({ app: sync({ A: "1", B: "1" }) });
    await stack.upOk(program);
    expect(values()).toEqual({ A: "1", B: "1" });
    failNext(/^CREATE SECRET .*"B"/);
    expect((await stack.up(program)).ok).toBe(false);
    expect(stack.state().managedSecrets).toMatchObject({ A: { state: "synced" }, B: { state: "failed" } });
    await stack.upOk({ app: sync({ A: "1", B: "1" }) });
    expect(values()).toEqual({ A: "1", B: "1" });
  });

  it("with deleteBeforeReplace is refused before the delete where nothing would be written after it", async () => {
    const { stack, sync, values } = await createFixture();
    await stack.upOk({ app: sync({ A: "1" }) });
    const options = { replace: true, deleteBeforeReplace: true };
    const off = await stack.up({ app: sync({ A: "1" }, { isAutoSyncEnabled: false }, options) });
    expect(off.problems.join()).toContain("[UNPROVEN] auto-sync is off");
    const ignored = await stack.up({
      app: sync({ A: "2" }, {}, { ...options, ignoreChanges: ["secrets.A"] }),
    });
    expect(ignored.problems.join()).toContain(
      '[INVALID_INPUT] a replacement needs values that ignoreChanges ignores: "A"',
    );
    expect(values()).toEqual({ A: "1" });
  });

  it("with retainOnDelete leaves what the successor did not take, under its mark", async () => {
    const { stack, sync, values } = await createFixture();
    await stack.upOk({ app: sync({ A: "1" }) });
    await stack.upOk({ app: sync({ A: "1" }, { destinationConfig: next }, { retainOnDelete: true }) });
    expect([values(), values(next.schema)]).toEqual([{ A: "1" }, { A: "1" }]);
  });
});

describe("a move that failed half-way", () => {
  it("is named by the destroy that follows: what it wrote, and no state holds", async () => {
    const { stack, sync, values, failNext } = await createFixture();
    await stack.upOk({ app: sync({ A: "1", B: "1" }) });
    failNext(/^CREATE SECRET .*"B"/);
    const moved = await stack.up({ app: sync({ A: "1", B: "1" }, { destinationConfig: next }) });
    expect(moved.ok).toBe(false);
    expect(values(next.schema)).toEqual({ A: "1" });
    const { ok, lines } = await stack.destroy();
    expect(ok).toBe(true);
    expect(lines.join("\n")).toContain(
      `warning: app: 1 other secret with this sync's owner id was not dropped, because the state does not record it: "APP"."${next.schema}"."A". An interrupted update or another stack wrote it. If no other stack has this sync, run DROP SECRET yourself.`,
    );
    expect([values(), values(next.schema)]).toEqual([{}, { A: "1" }]);
  });
});

describe("a password that is changed together with the schema", () => {
  it("removes the old secrets with the new password, and logs in with the old one never again", async () => {
    const { stack, sync, control, connection, values } = await createFixture();
    await stack.upOk({ app: sync({ A: "1" }) });
    const rotated = `pw-${crypto.randomUUID()}`;
    control.setPassword(String(connection.user), rotated);
    control.resetCounts();
    await stack.upOk({
      app: sync({ A: "1" }, { connection: { ...connection, password: rotated }, destinationConfig: next }),
    });
    expect([values(), values(next.schema)]).toEqual([{}, { A: "1" }]);
    expect(stack.pendingDeletes).toEqual([]);
    expect(control.counts().logins).toBe(control.counts().successfulLogins);
  });

  it("falls back to the connection of the state where the new one cannot do it", async () => {
    const { stack, sync, control, server, values } = await createFixture();
    await stack.upOk({ app: sync({ A: "1" }) });
    control.createRole("NARROW");
    control.grant("OWNERSHIP", next, "NARROW");
    control.grant("USAGE", { database }, "NARROW");
    control.createUser({ name: "NARROW_USER", password: "pw-of-narrow", roles: ["NARROW"] });
    const connection = buildConnection(server, { username: "NARROW_USER", password: "pw-of-narrow" });
    await stack.upOk({ app: sync({ A: "1" }, { connection, destinationConfig: next }) });
    expect([values(), values(next.schema)]).toEqual([{}, { A: "1" }]);
  });
});

describe("another account", () => {
  const createSecondAccount = () => createFixture({ accountName: "SECOND", locator: "ZZ99999" });

  it("replaces: filled there, then removed here with the connection of the state", async () => {
    const { stack, sync, values } = await createFixture();
    const second = await createSecondAccount();
    await stack.upOk({ app: sync({ A: "1" }) });
    const moved = { app: sync({ A: "1" }, { connection: second.connection }) };
    const preview = await stack.preview(moved);
    expect(preview.changes).toEqual({ app: "replace" });
    expect(preview.lines.join("\n")).toContain(
      "the connection reaches AWS_EU_WEST_1.ZZ99999 instead of AWS_EU_WEST_1.XY12345, so the sync is replaced",
    );
    await stack.upOk(moved);
    expect([second.values(), values()]).toEqual([{ A: "1" }, {}]);
    expect(stack.pendingDeletes).toEqual([]);
  });

  describe("that only the environment names, while the state has no credentials for the recorded one", () => {
    const setEnvironment = (fields: Readonly<Record<string, unknown>>) => {
      for (const [field, value] of Object.entries(fields))
        vi.stubEnv(`SNOWFLAKE_${field.toUpperCase()}`, String(value));
    };
    afterEach(() => void vi.unstubAllEnvs());

    async function createMoved() {
      const fixture = await createFixture();
      const second = await createSecondAccount();
      setEnvironment(fixture.connection);
      const program = (args = {}) => ({ app: fixture.sync({ A: "1" }, { connection: undefined, ...args }) });
      await fixture.stack.upOk(program());
      setEnvironment(second.connection);
      return { ...fixture, second, program };
    }

    it.each([
      ["alone", {}],
      ["together with the schema", { destinationConfig: next }],
    ])("is refused before anything is written, %s", async (_, args) => {
      const { stack, program, values, second, connection } = await createMoved();
      second.takeWrites();
      const told =
        "[WRONG_ACCOUNT] the connection leads to another Snowflake account than the one in the state: AWS_EU_WEST_1.ZZ99999 instead of AWS_EU_WEST_1.XY12345.";
      const preview = await stack.preview(program(args));
      expect(preview.ok).toBe(true);
      expect(preview.lines.join("\n")).toContain(`warning: app: ${told}`);
      expect((await stack.up(program(args))).problems.join()).toContain(told);
      expect(second.takeWrites()).toEqual([]);
      expect(values()).toEqual({ A: "1" });
      setEnvironment(connection);
      expect((await stack.upOk(program())).changes).toEqual({ app: "same" });
    });

    it("replaces where the old secrets are left behind anyway", async () => {
      const { stack, program, values, second, connection } = await createMoved();
      const keeping = { syncOptions: { ...overwrite, disableSecretDeletion: true } };
      setEnvironment(connection);
      await stack.upOk(program(keeping));
      setEnvironment(second.connection);
      const { lines } = await stack.upOk(program(keeping));
      expect(lines.join("\n")).toContain('so its ownership comments stay. What is there stays: "A"');
      expect([second.values(), values()]).toEqual([{ A: "1" }, { A: "1" }]);
      expect(stack.pendingDeletes).toEqual([]);
    });

    it("forgets an account that is gone for good, also where two of one URN are in the state", async () => {
      const { stack, program, second, server } = await createMoved();
      // The old one waits for its deletion, as the account went between the two.
      const [kept] = stack.resources.values();
      if (kept === undefined) throw new Error("There is no sync.");
      stack.pendingDeletes.push({ ...kept, name: "app" });
      await server.stop();
      const stuck = await stack.up(program());
      expect(stuck.problems.join()).toContain(
        "run pulumi up (or destroy) once with PULUMI_SNOWFLAKE_SECRETS_FORGET_ACCOUNT=AWS_EU_WEST_1.XY12345",
      );
      expect(second.values()).toEqual({});
      vi.stubEnv("PULUMI_SNOWFLAKE_SECRETS_FORGET_ACCOUNT", "AWS_EU_WEST_1.XY12345");
      const { lines } = await stack.upOk(program());
      expect(lines.join("\n")).toContain(
        'app: account AWS_EU_WEST_1.XY12345 is forgotten (PULUMI_SNOWFLAKE_SECRETS_FORGET_ACCOUNT). What is there stays: "A"',
      );
      expect(second.values()).toEqual({ A: "1" });
      expect(stack.pendingDeletes).toEqual([]);
      vi.stubEnv("PULUMI_SNOWFLAKE_SECRETS_FORGET_ACCOUNT", "");
      expect((await stack.upOk(program())).changes).toEqual({ app: "same" });
    });
  });

  it("is refused on refresh and destroy", async () => {
    const { stack, sync, values } = await createFixture();
    const second = await createSecondAccount();
    await stack.upOk({ app: sync({ A: "1" }) });
    stack.edit({ connection: second.connection });
    expect((await stack.refresh()).problems.join()).toMatch(/^\[WRONG_ACCOUNT\]/);
    expect((await stack.destroy()).problems.join()).toMatch(/^\[WRONG_ACCOUNT\]/);
    expect(values()).toEqual({ A: "1" });
  });

  it("by another name of the same account is no other account", async () => {
    const { stack, sync, connection } = await createFixture();
    await stack.upOk({ app: sync({ A: "1" }) });
    const renamed = { ...connection, account: "XY12345.eu-west-1" };
    const { changes } = await stack.upOk({ app: sync({ A: "1" }, { connection: renamed }) });
    expect(changes).toEqual({ app: "update" });
  });

  it("is not meant by another user or role: that writes nothing", async () => {
    const { stack, sync, server, control, takeWrites } = await createFixture();
    await stack.upOk({ app: sync({ A: "1" }) });
    control.createRole("WIDER");
    control.grantRole(role, { role: "WIDER" });
    control.createUser({ name: "SECOND_USER", password: "pw-of-second", roles: ["WIDER"] });
    takeWrites();
    const connection = buildConnection(server, { username: "SECOND_USER", password: "pw-of-second" });
    const { changes } = await stack.upOk({ app: sync({ A: "1" }, { connection }) });
    expect(changes).toEqual({ app: "update" });
    expect(takeWrites()).toEqual([]);
    expect(destination).toEqual(stack.state().destinationConfig);
  });
});
