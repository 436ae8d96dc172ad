import { describe, expect, it } from "vitest";
import { buildConnection } from "../../support/snowflake/connection-argument.js";
import {
  createFixture,
  database,
  destination,
  type Fixture,
  overwrite,
  preserve,
  role,
  schema,
} from "./fixture.js";

const takeBack = (name: string) =>
  `GRANT OWNERSHIP ON SECRET "APP"."SECRETS"."${name}" TO ROLE "SYNC_ROLE" COPY CURRENT GRANTS;`;

/** Gives the secrets to a role that ours neither is nor inherits. */
function hide(control: Fixture["control"], ...names: string[]): void {
  control.createRole("ELSEWHERE");
  for (const name of names) control.alterSecret({ ...destination, name }, { owner: "ELSEWHERE" });
}

describe("secrets that were given to a role which ours cannot see", () => {
  const unseen =
    'missing in "APP"."SECRETS" (dropped, or now owned by a role this connection cannot see): "A", "B"';

  it("are named by destroy, and stay", async () => {
    const { stack, sync, values, control } = await createFixture();
    await stack.upOk({ app: sync({ A: "1", B: "1", C: "1" }) });
    hide(control, "A", "B");
    const { ok, lines } = await stack.destroy();
    expect(ok).toBe(true);
    expect(lines).toEqual([
      `warning: app: ${unseen}. If they are there, they stay.`,
      'app: 1 dropped in "APP"."SECRETS"',
    ]);
    expect(values()).toEqual({ A: "1", B: "1" });
  });

  it("are named by each refresh, kept in the record as missing, and still named by destroy", async () => {
    const { stack, sync, control } = await createFixture();
    await stack.upOk({ app: sync({ A: "1", B: "1", C: "1" }) });
    hide(control, "A", "B");
    for (const _ of ["once", "again"]) {
      const { ok, lines } = await stack.refresh();
      expect(ok).toBe(true);
      expect(lines).toEqual([
        'warning: app: drift in "APP"."SECRETS": "A", "B" are missing (dropped, or now owned by a role this connection cannot see). `pulumi up` creates them again.',
      ]);
      const { managedSecrets, secrets } = stack.state();
      expect(managedSecrets).toMatchObject({
        A: { state: "missing", owner: role },
        B: { state: "missing" },
        C: { state: "synced" },
      });
      expect(secrets).toMatchObject({ A: "drifted: not seen", B: "drifted: not seen" });
    }
    expect((await stack.destroy()).lines[0]).toContain(unseen);
  });

  it("fail their CREATE with what they are and how to get them back; then up goes on without a rewrite", async () => {
    const { stack, sync, control, values } = await createFixture();
    const program = { app: sync({ A: "1", C: "1" }) };
    await stack.upOk(program);
    hide(control, "A");
    expect((await stack.preview(program)).lines.join("\n")).toContain(
      '1 secret in "APP"."SECRETS" missing (dropped, or now owned by a role this connection cannot see), would be created again without its former grants: "A"',
    );
    for (const _ of ["once", "again"]) {
      const { problems } = await stack.up(program);
      expect(problems.join()).toContain('"A": [ALREADY_EXISTS]');
      expect(problems.join()).toContain(
        `this sync wrote a secret of that name, and role "SYNC_ROLE" cannot see it any more: its ownership was moved, or somebody made another one. To get it, have its owner run ${takeBack("A")}`,
      );
    }
    control.alterSecret({ ...destination, name: "A" }, { owner: role });
    control.resetCounts();
    await stack.upOk(program);
    expect(control.counts().byKind).not.toHaveProperty("ALTER SECRET");
    expect(values()).toEqual({ A: "1", C: "1" });
    expect(stack.state().managedSecrets.A?.state).toBe("synced");
  });

  it("come back with a refresh once they are seen again", async () => {
    const { stack, sync, control } = await createFixture();
    const program = { app: sync({ A: "1" }) };
    await stack.upOk(program);
    const before = JSON.stringify(stack.state());
    hide(control, "A");
    await stack.refresh();
    control.alterSecret({ ...destination, name: "A" }, { owner: role });
    expect((await stack.refresh()).lines).toEqual([]);
    expect(JSON.stringify(stack.state())).toBe(before);
    expect((await stack.upOk(program)).changes).toEqual({ app: "same" });
  });

  it("are named where the source lacks them now, before they are forgotten", async () => {
    const { stack, sync, control } = await createFixture();
    await stack.upOk({ app: sync({ A: "1", B: "1", C: "1" }) });
    hide(control, "A", "B");
    const program = { app: sync({ C: "1" }) };
    expect((await stack.preview(program)).lines).toContain(`warning: app: ${unseen}`);
    const { lines } = await stack.upOk(program);
    expect(lines).toContain(`warning: app: ${unseen}. They are forgotten now.`);
    expect(Object.keys(stack.state().managedSecrets)).toEqual(["C"]);
  });
});

it("secrets that lost our mark and that the source lacks are named, before they are forgotten", async () => {
  const { stack, sync, control, values } = await createFixture();
  const preserving = (secrets: Record<string, string>) => sync(secrets, { syncOptions: preserve });
  await stack.upOk({ app: preserving({ A: "1", B: "1" }) });
  control.alterSecret({ ...destination, name: "A" }, { comment: undefined });
  const lost =
    'not in the source, and no longer owned by this sync in "APP"."SECRETS" (another type, no ownership comment, or another owner), so not changed: "A"';
  const program = { app: preserving({ B: "1" }) };
  expect((await stack.preview(program)).lines).toContain(`warning: app: ${lost}`);
  const { lines } = await stack.upOk(program);
  expect(lines).toContain(`warning: app: ${lost}. They are forgotten now.`);
  expect(values()).toEqual({ A: "1", B: "1" });
  expect(Object.keys(stack.state().managedSecrets)).toEqual(["B"]);
});

describe("secrets that another role owns now, and ours sees", () => {
  /** As when a role was replaced: the new one owns all, and the user has it. */
  function replaceRole(control: Fixture["control"], ...names: string[]): void {
    control.createRole("NEW_ROLE");
    control.grantRole("NEW_ROLE", { role });
    for (const name of names) control.alterSecret({ ...destination, name }, { owner: "NEW_ROLE" });
  }

  it("need no proof: up goes on, writes nothing, records the new owner, and says so", async () => {
    const { stack, sync, takeWrites, control } = await createFixture();
    const program = { app: sync({ A: "1", B: "1" }) };
    await stack.upOk(program);
    replaceRole(control, "A", "B");
    const preview = await stack.preview(program);
    expect(preview.changes).toEqual({ app: "update" });
    expect(preview.lines).toEqual([
      'app: now owned by another role, which `pulumi up` records, in "APP"."SECRETS": "A", "B"',
    ]);
    takeWrites();
    await stack.upOk(program);
    expect(takeWrites()).toEqual([]);
    expect(stack.state().managedSecrets).toMatchObject({
      A: { owner: "NEW_ROLE", state: "synced" },
      B: { owner: "NEW_ROLE", state: "synced" },
    });
    expect((await stack.upOk(program)).changes).toEqual({ app: "same" });
  });

  it("need no proof where the recorded role is gone for good", async () => {
    const { stack, sync, control, values, addUser } = await createFixture();
    await stack.upOk({ app: sync({ A: "1" }) });
    const connection = addUser("SUCCESSOR");
    control.alterSecret({ ...destination, name: "A" }, { owner: "SUCCESSOR" });
    await stack.upOk({ app: sync({ A: "2" }, { connection }) });
    expect(values()).toEqual({ A: "2" });
    expect(stack.state().managedSecrets.A?.owner).toBe("SUCCESSOR");
  });

  it("are told by a refresh, which records the new owner and shows no change of a value", async () => {
    const { stack, sync, control } = await createFixture();
    const program = { app: sync({ A: "1" }) };
    await stack.upOk(program);
    const { secrets } = stack.state();
    replaceRole(control, "A");
    expect((await stack.refresh()).lines).toEqual([
      'warning: app: drift in "APP"."SECRETS": "A" is owned by another role than before',
    ]);
    expect(stack.state().secrets).toEqual(secrets);
    expect(stack.state().managedSecrets.A).toMatchObject({ owner: "NEW_ROLE", state: "synced" });
    expect((await stack.upOk(program)).changes).toEqual({ app: "same" });
  });

  it("are told once where they stay without a source", async () => {
    const { stack, sync, control } = await createFixture();
    const syncOptions = { ...overwrite, disableSecretDeletion: true };
    await stack.upOk({ app: sync({ A: "1", B: "1" }, { syncOptions }) });
    await stack.upOk({ app: sync({ A: "1" }, { syncOptions }) });
    replaceRole(control, "B");
    expect((await stack.upOk({ app: sync({ A: "1" }, { syncOptions }) })).changes).toEqual({ app: "update" });
    expect(stack.state().managedSecrets.B).toMatchObject({ owner: "NEW_ROLE", state: "kept" });
    expect((await stack.upOk({ app: sync({ A: "1" }, { syncOptions }) })).changes).toEqual({ app: "same" });
  });
});

describe("a secret that was dropped and made again with our comment", () => {
  /** Under the same mark, with a value of theirs. */
  function makeAnew(control: Fixture["control"], name: string): void {
    const before = control.secret(database, schema, name);
    control.dropSecret(database, schema, name);
    control.putSecret({ ...destination, name, value: "theirs", owner: role, comment: before?.comment ?? "" });
  }

  it("under ignoreChanges stays, and is told each time", async () => {
    const { stack, sync, control } = await createFixture();
    await stack.upOk({ app: sync({ A: "1", B: "1" }) });
    makeAnew(control, "A");
    const ignoring = (b: string) => ({ app: sync({ A: "2", B: b }, {}, { ignoreChanges: ["secrets.A"] }) });
    for (const b of ["2", "3"]) {
      expect((await stack.preview(ignoring(b))).lines.join("\n")).toContain(
        'under ignoreChanges, stays although it was changed: "A"',
      );
      await stack.upOk(ignoring(b));
    }
  });

  it("is not seen where the state has no time of creation, which is filled in without a change of its own", async () => {
    const { stack, sync, control } = await createFixture();
    const program = { app: sync({ A: "1", B: "1" }) };
    await stack.upOk(program);
    const recorded = Object.entries(stack.state().managedSecrets);
    const managedSecrets = Object.fromEntries(
      recorded.map(([name, { createdOn: _, ...rest }]) => [name, rest]),
    );
    stack.edit({ managedSecrets });
    makeAnew(control, "A");
    expect((await stack.refresh()).lines).toEqual([]);
    expect((await stack.upOk(program)).changes).toEqual({ app: "same" });
    await stack.upOk({ app: sync({ A: "1", B: "2" }) });
    const createdOn = control.secret(database, schema, "A")?.createdOn.getTime();
    expect(stack.state().managedSecrets.A).toMatchObject({ createdOn });
  });
});

describe("what is read back after the writes", () => {
  const lie = (control: Fixture["control"], after: RegExp, call: () => void) =>
    control.addFault({ match: after, times: 1, effect: { kind: "call", when: "after", call } });

  it("is a failure for a write that did not take, and the next up does it", async () => {
    const { stack, sync, control, values } = await createFixture();
    lie(control, /^CREATE SECRET .*"A"/, () => control.dropSecret(database, schema, "A"));
    const program = { app: sync({ A: "1", B: "1" }) };
    const { problems } = await stack.up(program);
    expect(problems.join()).toContain(
      '"A": [UNPROVEN] Snowflake reported the create as done, but does not show it: "APP"."SECRETS"."A"',
    );
    expect(stack.state()).toMatchObject({
      syncStatus: "failed",
      managedSecrets: { A: { state: "failed" }, B: { state: "synced" } },
    });
    await stack.upOk(program);
    expect(values()).toEqual({ A: "1", B: "1" });
  });

  it("is a failure for a drop that did not take", async () => {
    const { stack, sync, control } = await createFixture();
    await stack.upOk({ app: sync({ A: "1", B: "1" }) });
    const { comment = "", createdOn } = control.secret(database, schema, "B") ?? {};
    if (createdOn === undefined) throw new Error("B was not made.");
    lie(control, /^DROP SECRET .*"B"/, () =>
      control.putSecret({ ...destination, name: "B", value: "1", owner: role, comment, createdOn }),
    );
    const { problems } = await stack.up({ app: sync({ A: "1" }) });
    expect(problems.join()).toContain('"B": [UNPROVEN] Snowflake reported the drop as done');
  });

  it("is no failure where it cannot be read: that is a warning, and a later up fills in the times", async () => {
    const { stack, sync, control, failNext } = await createFixture();
    failNext(/^SHOW SECRETS/, { skip: 1 });
    const { lines } = await stack.upOk({ app: sync({ A: "1" }) });
    expect(lines.join("\n")).toMatch(
      /warning: app: what was written could not be read back: \[STATEMENT_FAILED\]/,
    );
    expect(stack.state().managedSecrets.A).not.toHaveProperty("createdOn");
    expect((await stack.upOk({ app: sync({ A: "1" }) })).changes).toEqual({ app: "same" });
    await stack.upOk({ app: sync({ A: "1", B: "1" }) });
    expect(stack.state().managedSecrets.A?.createdOn).toBe(
      control.secret(database, schema, "A")?.createdOn.getTime(),
    );
  });

  it("costs one statement, and none where nothing was written", async () => {
    const { stack, sync, takeStatements } = await createFixture();
    const shows = () => takeStatements().filter((kind) => kind === "SHOW SECRETS").length;
    await stack.upOk({ app: sync({ A: "1" }) });
    expect(shows()).toBe(2);
    await stack.upOk({ app: sync({ A: "1" }, { description: "changed" }) });
    expect(shows()).toBe(2);
  });
});

describe("a role of every account that owns the secrets", () => {
  it("is not to be granted to another role: the error says to log in with it", async () => {
    const { stack, sync, server, connection } = await createFixture();
    const { username, password } = server.connection;
    const asAdmin = buildConnection(server, { username, password, role: "ACCOUNTADMIN" });
    await stack.upOk({ app: sync({ A: "1" }, { connection: asAdmin }) });
    const { ok, problems } = await stack.up({ app: sync({ A: "2" }, { connection }) });
    expect(ok).toBe(false);
    expect(problems.join()).toContain('"ACCOUNTADMIN" is not active for role "SYNC_ROLE"');
    expect(problems.join()).toContain("log in with that role for this run (connection.role).");
    expect(problems.join()).not.toContain("GRANT ROLE");
  });
});
