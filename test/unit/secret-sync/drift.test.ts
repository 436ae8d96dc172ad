import { describe, expect, it } from "vitest";
import { createFixture, database, destination, type Fixture, overwrite, role, schema } from "./fixture.js";

const otherMark = `pulumi-snowflake-secrets/1 owner=${"1".repeat(32)} revision=00000000 fingerprint=${"0".repeat(32)} place=elsewhere`;
const options = { syncOptions: { ...overwrite, keySchema: "P_{{secretKey}}" } };

interface Drift {
  readonly what: string;
  readonly interfere: (fixture: Fixture) => void;
  /** What a refresh says of the secret, and has in the place of its fingerprint. */
  readonly told: string;
  readonly state: string;
  /** @default "drifted" */
  readonly managed?: string;
  readonly previewed: string;
}

const drifts: readonly Drift[] = [
  {
    what: "dropped",
    interfere: ({ control }) => control.dropSecret(database, schema, "P_A"),
    told: '"P_A" is missing (dropped, or now owned by a role this connection cannot see). `pulumi up` creates it again.',
    state: "drifted: not seen",
    managed: "missing",
    previewed: "would be created again",
  },
  {
    what: "re-created by hand",
    interfere: ({ put }) => put("P_A"),
    told: '"P_A" has lost its ownership comment',
    state: "drifted: no ownership comment",
    previewed: "without an ownership comment, would be written again",
  },
  {
    what: "re-created under its mark",
    interfere: ({ control, put }) =>
      put("P_A", { comment: control.secret(database, schema, "P_A")?.comment ?? "" }),
    told: '"P_A" was dropped and created again by someone else',
    state: "drifted: recreated",
    previewed: "recreated by someone else, would be written again",
  },
  {
    what: "without its mark",
    interfere: ({ control }) => control.alterSecret({ ...destination, name: "P_A" }, { comment: undefined }),
    told: '"P_A" has lost its ownership comment',
    state: "drifted: no ownership comment",
    previewed: "without an ownership comment, would be written again",
  },
  {
    what: "of another type",
    interfere: ({ put }) => put("P_A", { type: "PASSWORD" }),
    told: '"P_A" has another type',
    state: "drifted: another type",
    previewed: "recreated by someone else as another type, would be replaced and lose its grants",
  },
];

describe.each(drifts)(
  "a secret that is $what",
  ({ interfere, told, state, managed = "drifted", previewed }) => {
    /** As a sync of two secrets has left them, but for the drift of one. */
    async function createDrifted() {
      const fixture = await createFixture();
      const program = { app: fixture.sync({ A: "1", B: "1" }, options) };
      await fixture.stack.upOk(program);
      const { secrets, managedSecrets } = fixture.stack.state();
      interfere(fixture);
      return { ...fixture, program, before: secrets, fingerprint: managedSecrets.P_A?.fingerprint };
    }

    it("shows in a refresh as a change of its key, and up repairs it", async () => {
      const { stack, program, before, fingerprint, values } = await createDrifted();
      expect((await stack.refresh()).lines).toEqual([`warning: app: drift in "APP"."SECRETS": ${told}`]);
      expect(stack.state().secrets).toEqual({ ...before, A: state });
      expect(stack.state().managedSecrets).toMatchObject({
        P_A: { state: managed, fingerprint },
        P_B: { state: "synced" },
      });
      expect(stack.resources.get("app")?.inputs.secrets).toEqual(stack.state().secrets);
      expect(stack.resources.get("app")?.inputs).not.toHaveProperty("managedSecrets");
      expect((await stack.upOk(program)).changes).toEqual({ app: "update" });
      expect(values()).toEqual({ P_A: "1", P_B: "1" });
      expect(stack.state().secrets).toEqual(before);
      expect((await stack.upOk(program)).changes).toEqual({ app: "same" });
    });

    it("shows in preview --refresh, and is repaired by up --refresh", async () => {
      const { stack, program, before, values } = await createDrifted();
      const preview = await stack.preview(program, { refresh: true });
      expect(preview).toMatchObject({ ok: true, changes: { app: "update" } });
      expect(stack.state().secrets).toEqual(before);
      expect((await stack.up(program, { refresh: true })).problems).toEqual([]);
      expect(values()).toEqual({ P_A: "1", P_B: "1" });
      expect(stack.state().secrets).toEqual(before);
    });

    it("is told by the preview and repaired by up without a refresh too", async () => {
      const { stack, program, values } = await createDrifted();
      const { lines, changes } = await stack.preview(program);
      expect(changes).toEqual({ app: "update" });
      expect(lines.join("\n")).toMatch(new RegExp(`${previewed}.*: "P_A"`));
      await stack.upOk(program);
      expect(values()).toEqual({ P_A: "1", P_B: "1" });
      expect((await stack.upOk(program)).changes).toEqual({ app: "same" });
    });
  },
);

describe("a secret that another owner has marked since", () => {
  it("shows in a refresh, and is refused by up", async () => {
    const { stack, sync, control, values } = await createFixture();
    const program = { app: sync({ A: "1" }) };
    await stack.upOk(program);
    control.alterSecret({ ...destination, name: "A" }, { value: "theirs", comment: otherMark });
    await stack.refresh();
    expect(stack.state().secrets.A).toBe("drifted: another owner");
    expect((await stack.up(program)).problems.join()).toContain("belongs to elsewhere");
    expect(values()).toEqual({ A: "theirs" });
  });
});

it("a refresh without drift changes nothing", async () => {
  const { stack, sync } = await createFixture();
  await stack.upOk({ app: sync({ A: "1", constructor: "2" }) });
  const before = JSON.stringify([...stack.resources]);
  await stack.refresh();
  expect(JSON.parse(JSON.stringify([...stack.resources]))).toEqual(JSON.parse(before));
});

it("how the sync is reached now is told by a refresh, and is no change by itself", async () => {
  const { stack, sync, connection } = await createFixture();
  const setAccount = (account: unknown) => {
    process.env.SNOWFLAKE_ACCOUNT = String(account);
  };
  const { account, ...rest } = connection;
  const program = { app: sync({ A: "1" }, { connection: rest }) };
  try {
    setAccount(account);
    await stack.upOk(program);
    expect(stack.state().connectionInfo).toMatchObject({ name: account });
    setAccount("XY12345.eu-west-1");
    expect((await stack.upOk(program)).changes).toEqual({ app: "same" });
    expect((await stack.refresh()).lines).toEqual([]);
    expect(stack.state().connectionInfo).toMatchObject({
      name: "XY12345.eu-west-1",
      account: "AWS_EU_WEST_1.XY12345",
    });
    expect(stack.state().secretSync.connection.name).toBe("XY12345.eu-west-1");
    expect((await stack.upOk(program)).changes).toEqual({ app: "same" });
  } finally {
    delete process.env.SNOWFLAKE_ACCOUNT;
  }
});

it("a secret that stays without a source says nothing of a key when it is gone", async () => {
  const { stack, sync, control } = await createFixture();
  const syncOptions = { ...options.syncOptions, disableSecretDeletion: true };
  await stack.upOk({ app: sync({ A: "1", constructor: "1" }, { syncOptions }) });
  await stack.upOk({ app: sync({ A: "1" }, { syncOptions }) });
  expect(stack.state().managedSecrets.P_constructor?.state).toBe("kept");
  control.alterSecret({ ...destination, name: "P_constructor" }, { comment: undefined });
  await stack.refresh();
  expect(Object.keys(stack.state().secrets)).toEqual(["A"]);
});

it("a secret that waits to be dropped under a former name says nothing of its key when it is gone", async () => {
  const { stack, sync, control } = await createFixture();
  await stack.upOk({ app: sync({ A: "1" }, options) });
  const waiting = {
    isAutoSyncEnabled: false,
    syncOptions: { ...options.syncOptions, keySchema: "Q_{{secretKey}}" },
  };
  await stack.upOk({ app: sync({ A: "1" }, waiting) });
  expect(stack.state().managedSecrets).toMatchObject({
    P_A: { state: "waiting" },
    Q_A: { state: "waiting" },
  });
  const before = stack.state().secrets;
  control.dropSecret(database, schema, "P_A");
  await stack.refresh();
  expect(stack.state().secrets).toEqual(before);
  expect(stack.state().managedSecrets).toMatchObject({
    P_A: { state: "missing" },
    Q_A: { state: "waiting" },
  });
});

it("a difference that is asked of inputs from the state, after check, needs no values", async () => {
  const { stack, sync, control } = await createFixture();
  await stack.upOk({ app: sync({ A: "1" }) });
  control.dropSecret(database, schema, "A");
  const program = { app: sync({ A: "2" }) };
  const { changes, problems, lines } = await stack.up(program, { refreshAfterCheck: true });
  expect(problems).toEqual([]);
  expect(lines.join()).not.toContain("INTERNAL");
  expect(changes).toEqual({ app: "update" });
});

describe("a role that sees less than the recorded owner role", () => {
  it("gets an error on refresh, up and destroy, and a warning instead of creations in the preview", async () => {
    const { stack, sync, control, values, addUser } = await createFixture();
    await stack.upOk({ app: sync({ A: "1" }) });
    const connection = addUser("NARROW");
    const program = { app: sync({ A: "1", B: "1" }, { connection }) };

    const preview = await stack.preview(program);
    expect(preview.lines).toHaveLength(1);
    expect(preview.lines[0]).toMatch(/^warning: app: \[UNPROVEN\].*GRANT ROLE "SYNC_ROLE" TO ROLE "NARROW";/);
    expect((await stack.up(program)).problems.join()).toMatch(/^\[UNPROVEN\]/);
    stack.edit({ connection });
    expect((await stack.refresh()).problems.join()).toMatch(/^\[UNPROVEN\]/);
    expect((await stack.destroy()).problems.join()).toMatch(/^\[UNPROVEN\]/);
    expect(values()).toEqual({ A: "1" });

    control.grantRole(role, { role: "NARROW" });
    await stack.upOk(program);
    expect(values()).toEqual({ A: "1", B: "1" });
    expect(stack.state().managedSecrets).toMatchObject({ A: { owner: role }, B: { owner: "NARROW" } });
  });
});

describe("a database or schema that is gone", () => {
  it.each([
    ["schema", (control: Fixture["control"]) => control.dropSchema(database, schema)],
    ["database", (control: Fixture["control"]) => control.dropDatabase(database)],
  ])("is an error on refresh and up, not a plan of creations: %s", async (what, drop) => {
    const { stack, sync, control } = await createFixture();
    await stack.upOk({ app: sync({ A: "1" }) });
    drop(control);
    expect((await stack.refresh()).problems.join()).toContain(
      `[NOT_FOUND] ${what} does not exist, or role "SYNC_ROLE"`,
    );
    expect((await stack.up({ app: sync({ A: "1" }) })).problems.join()).toContain("[NOT_FOUND]");
    const preview = await stack.preview({ app: sync({ A: "1" }) });
    expect(preview).toMatchObject({ ok: true });
    expect(preview.lines.join()).toMatch(
      /^warning: app: \[NOT_FOUND\].*`pulumi up` fails with this error\.$/,
    );
  });
});
