import { describe, expect, it } from "vitest";
import { buildSecrets, createFixture, database, destination, overwrite, role, schema } from "./fixture.js";

describe("a sync of the program's values", () => {
  it("says to Snowflake exactly this", async () => {
    const { stack, sync, control } = await createFixture();
    const takeTexts = () => {
      const texts = control.statements().map(({ sql }) => sql.replace(/(?<==)[0-9a-f]{8,32}\b/g, "…"));
      control.resetCounts();
      return texts;
    };
    const mark = "pulumi-snowflake-secrets/1 owner=… revision=… fingerprint=… place=org/proj/dev/app";
    await stack.upOk({ app: sync({ 'A"': "1" }) });
    expect(takeTexts()).toEqual([
      'SELECT CURRENT_ACCOUNT() AS "account", CURRENT_REGION() AS "region", CURRENT_ROLE() AS "role"',
      'SHOW SECRETS IN SCHEMA "APP"."SECRETS"',
      'SHOW GRANTS ON SCHEMA "APP"."SECRETS"',
      `CREATE SECRET "APP"."SECRETS"."A""" TYPE = GENERIC_STRING SECRET_STRING = ? COMMENT = '${mark}'`,
      'SHOW SECRETS IN SCHEMA "APP"."SECRETS"',
    ]);
    await stack.upOk({ app: sync({ 'A"': "2" }) });
    expect(takeTexts()).toEqual([
      `SELECT CURRENT_ACCOUNT() AS "account", CURRENT_REGION() AS "region", CURRENT_ROLE() AS "role", IS_ROLE_IN_SESSION('SYNC_ROLE') AS "role_0"`,
      'SHOW SECRETS IN SCHEMA "APP"."SECRETS"',
      'SHOW SECRETS IN SCHEMA "APP"."SECRETS"',
      `ALTER SECRET "APP"."SECRETS"."A""" SET SECRET_STRING = ? COMMENT = '${mark}'`,
      'SHOW SECRETS IN SCHEMA "APP"."SECRETS"',
    ]);
    await stack.destroy();
    expect(takeTexts().slice(2)).toEqual(['DROP SECRET "APP"."SECRETS"."A"""', "SHOW SECRETS IN ACCOUNT"]);
  });

  it("keeps the grants and the creation time of a secret whose value changes", async () => {
    const { stack, sync, control, values, grantRead } = await createFixture();
    await stack.upOk({ app: sync({ A: "a1" }) });
    grantRead("A");
    const before = control.secret(database, schema, "A");

    await stack.upOk({ app: sync({ A: "a2" }) });
    const after = control.secret(database, schema, "A");
    expect(values()).toEqual({ A: "a2" });
    expect(after?.grants).toEqual(before?.grants);
    expect(after?.grants).toHaveLength(1);
    expect(after?.createdOn).toEqual(before?.createdOn);
  });

  it("costs 2 statements in the preview and in the up of 1,000 unchanged secrets, and 5 in the up of a changed one", async () => {
    const { stack, sync, control } = await createFixture();
    const secrets = buildSecrets(1_000);
    await stack.upOk({ app: sync(secrets) });

    control.resetCounts();
    expect((await stack.preview({ app: sync(secrets) })).changes).toEqual({ app: "same" });
    expect(control.counts()).toMatchObject({ statements: 2, logins: 1 });

    control.resetCounts();
    expect((await stack.upOk({ app: sync(secrets) })).changes).toEqual({ app: "same" });
    expect(control.counts()).toMatchObject({ statements: 2, logins: 1 });

    control.resetCounts();
    await stack.preview({ app: sync({ ...secrets, KEY_7: "changed" }) });
    expect(control.counts()).toMatchObject({ statements: 2, logins: 1 });

    control.resetCounts();
    await stack.upOk({ app: sync({ ...secrets, KEY_7: "changed" }) });
    expect(control.counts()).toMatchObject({ statements: 5, logins: 1 });
  });

  it("costs 3 statements in the preview of a creation, and in its up one more for each secret and one to read back", async () => {
    const { stack, sync, control } = await createFixture();
    await stack.preview({ app: sync(buildSecrets(50)) });
    expect(control.counts()).toMatchObject({ statements: 3, logins: 1 });
    control.resetCounts();
    await stack.upOk({ app: sync(buildSecrets(50)) });
    expect(control.counts()).toMatchObject({ statements: 3 + 50 + 1, logins: 1 });
  });

  it("shares one log-in between several syncs of a stack", async () => {
    const { stack, sync, control } = await createFixture();
    const options = (prefix: string) => ({
      syncOptions: { ...overwrite, keySchema: `${prefix}{{secretKey}}` },
    });
    const program = { a: sync({ K: "1" }, options("A_")), b: sync({ K: "2" }, options("B_")) };
    control.resetCounts();
    await stack.upOk(program);
    expect(control.counts().logins).toBe(1);
  });

  it("moves times and job only when something was written", async () => {
    const { stack, sync } = await createFixture();
    await stack.upOk({ app: sync({ A: "a1" }) });
    const first = stack.state();
    await stack.upOk({ app: sync({ A: "a1" }, { description: "of the team" }) });
    const second = stack.state();
    expect(second.secretSync.description).toBe("of the team");
    expect(second.lastSyncedAt).toBe(first.lastSyncedAt);
    expect(second.lastSyncJobId).toBe(first.lastSyncJobId);
    expect(second.secretSync.updatedAt).toBe(first.secretSync.updatedAt);

    await stack.upOk({ app: sync({ A: "a2" }, { description: "of the team" }) });
    const third = stack.state();
    expect(Date.parse(third.lastSyncedAt ?? "")).toBeGreaterThanOrEqual(Date.parse(first.lastSyncedAt ?? ""));
    expect(third.lastSyncJobId).not.toBe(first.lastSyncJobId);
    expect(third.secretSync.createdAt).toBe(first.secretSync.createdAt);
  });

  it("answers the record in the reference's shape, and what stands under each name", async () => {
    const { stack, sync, server, control } = await createFixture();
    await stack.upOk({ app: sync({ A: "a1" }, { name: "my-sync", description: "d", secretPath: "/app" }) });
    const state = stack.state();
    const account = `${server.identity.region}.${server.identity.locator}`;
    expect(state.secretSync).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      name: "my-sync",
      description: "d",
      isAutoSyncEnabled: true,
      projectId: null,
      folderId: null,
      connectionId: account,
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
      updatedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      syncStatus: "succeeded",
      lastSyncJobId: state.lastSyncJobId,
      lastSyncMessage: null,
      lastSyncedAt: state.lastSyncedAt,
      syncOptions: {
        initialSyncBehavior: "overwrite-destination",
        disableSecretDeletion: false,
        takeOver: [],
      },
      connection: { app: "snowflake", name: server.account, id: account },
      environment: { slug: "dev", name: "dev", id: null },
      folder: { id: null, path: "/app" },
      destination: "snowflake",
      destinationConfig: destination,
    });
    const createdOn = control.secret(database, schema, "A")?.createdOn.getTime();
    const fingerprint = state.secrets.A;
    expect(state.managedSecrets).toEqual({
      A: { sourceKey: "A", source: "program", fingerprint, state: "synced", owner: role, createdOn },
    });
  });

  it("does not see a value that was altered under its mark, and writes all again when rewriteTrigger changes", async () => {
    const { stack, sync, control, values, takeStatements } = await createFixture();
    await stack.upOk({ app: sync({ A: "a1", B: "b1" }) });
    control.alterSecret({ ...destination, name: "A" }, { value: "altered in place" });
    await stack.refresh();
    expect((await stack.upOk({ app: sync({ A: "a1", B: "b1" }) })).changes).toEqual({ app: "same" });
    const before = stack.state().secrets;
    takeStatements();

    await stack.upOk({ app: sync({ A: "a1", B: "b1" }, { rewriteTrigger: 1 }) });
    expect(values()).toEqual({ A: "a1", B: "b1" });
    expect(takeStatements().filter((kind) => kind === "ALTER SECRET")).toHaveLength(2);
    expect(stack.state().secrets.A).not.toBe(before.A);
    expect(stack.state().secrets.B).not.toBe(before.B);
  });

  it("says on a long sync how far it is, at most every two seconds", async () => {
    const { stack, sync, control } = await createFixture();
    control.setLatencyMs(500);
    const started = Date.now();
    const connection = { ...(sync({}).args.connection as object), maxConcurrentStatements: 1 };
    const { lines } = await stack.upOk({ app: sync(buildSecrets(5), { connection }) });
    const progress = lines.filter((line) => /^app: \d of 5 written$/.test(line));
    expect(progress.length).toBeGreaterThanOrEqual(1);
    expect(progress.length).toBeLessThanOrEqual((Date.now() - started) / 2_000);
    expect(lines.at(-1)).toBe("app: 5 created; 5 managed");
  });
});

describe("a server that does not take so many statements at the same time", () => {
  const findWarnings = (lines: readonly string[]) =>
    lines.filter((line) => line.includes("Snowflake did not accept 8 statements at the same time"));

  it.each([429, 503] as const)(
    "gets fewer once it answers HTTP %i, and that is told once",
    async (beyond) => {
      const { stack, sync, control, values, connection } = await createFixture();
      control.setLatencyMs(20);
      control.setStatementLimit({ atOnce: 3, beyond });
      const secrets = buildSecrets(60);
      const { lines } = await stack.upOk({
        app: sync(secrets, { connection: { ...connection, maxConcurrentStatements: 8 } }),
      });
      expect(findWarnings(lines)).toHaveLength(1);
      expect(Object.keys(values())).toHaveLength(60);
      // Eight at the same time would have been refused with every wave.
      const refused = control.statements().filter(({ outcome }) => outcome === "lost");
      expect(refused.length).toBeGreaterThan(0);
      expect(refused.length).toBeLessThan(60 / 3);
    },
  );

  it("gets fewer once it refuses to queue one, which fails and is named", async () => {
    const { stack, sync, control, connection } = await createFixture();
    control.setLatencyMs(20);
    const tooMany = { kind: "sql-error", code: "000625", sqlState: "57014", message: "waiters" } as const;
    control.addFault({ match: /^CREATE SECRET/, skip: 2, times: 1, effect: tooMany });
    const app = sync(buildSecrets(40), { connection: { ...connection, maxConcurrentStatements: 8 } });
    const { lines, problems } = await stack.up({ app });
    expect(findWarnings(lines)).toHaveLength(1);
    expect(problems.join()).toContain("with a lower connection.maxConcurrentStatements");
    expect(control.statements().filter(({ outcome }) => outcome === "000625")).toHaveLength(1);
    await stack.upOk({ app });
  });

  it("that queues, or gets slower, is waited for without a word", async () => {
    const { stack, sync, control, values, connection } = await createFixture();
    control.setLatencyMs(20);
    const given = { connection: { ...connection, maxConcurrentStatements: 8 } };
    control.setStatementLimit({ atOnce: 3, beyond: "queue" });
    const queued = await stack.upOk({ app: sync(buildSecrets(20), given) });
    control.setStatementLimit({ atOnce: 3, beyond: "slow" });
    const slowed = await stack.upOk({ app: sync(buildSecrets(40), given) });
    expect(findWarnings([...queued.lines, ...slowed.lines])).toEqual([]);
    expect(Object.keys(values())).toHaveLength(40);
  });
});

describe("the values", () => {
  it("may be equal under two names without equal fingerprints, and differ by stack", async () => {
    const { stack, sync } = await createFixture();
    await stack.upOk({ app: sync({ A: "same", B: "same" }) });
    const { A, B } = stack.state().secrets;
    expect(A).toMatch(/^[0-9a-f]{32}$/);
    expect(A).not.toBe(B);
  });
});
