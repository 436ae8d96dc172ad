import { afterEach, describe, expect, it, vi } from "vitest";
import { deriveOwnerId } from "../../../provider/engine/ownership.js";
import {
  type CallFailure,
  type EngineClient,
  isSecret,
  type Kept,
  protoKey,
  secret,
  special,
  startEngineClient,
  unknown,
} from "../../support/engine-client.js";
import {
  buildSecrets,
  createFixture,
  database,
  destination,
  type Fixture,
  overwrite,
  schema,
} from "../secret-sync/fixture.js";

const urn =
  "urn:pulumi:dev::shop::acme:index:Outer$acme:index:Inner$snowflake-secrets:index:SnowflakeSecretSync::app";
const values = { A: "value-of-a-51c", B: "value-of-b-8d2", C: "value-of-c-77e" };

const clients: EngineClient[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(clients.splice(0).map((client) => client.stop()));
});

async function start(fixture: Fixture, settings: Record<string, unknown> = {}): Promise<EngineClient> {
  const client = await startEngineClient({ settings: { ...fixture.connection, ...settings } });
  clients.push(client);
  return client;
}

/** An account, and a client of a plugin that is configured for it. */
async function open(settings?: Record<string, unknown>): Promise<{ fixture: Fixture; client: EngineClient }> {
  const fixture = await createFixture();
  return { fixture, client: await start(fixture, settings) };
}

/** What a call fails with. */
function failureOf(call: Promise<unknown>): Promise<CallFailure> {
  return call.then(
    () => expect.fail("the call succeeded"),
    (error) => error,
  );
}

/** As a generated SDK sends them. */
function build(secrets: Record<string, unknown>, more: Record<string, unknown> = {}) {
  return {
    secrets: secret(secrets),
    destinationConfig: destination,
    syncOptions: overwrite,
    ...more,
  };
}

/** An `up` of a resource that is not there yet. */
async function create(client: EngineClient, args: Record<string, unknown>): Promise<Kept> {
  const { inputs, failures } = await client.check(urn, {}, args);
  expect(failures).toEqual([]);
  return { ...(await client.create(urn, inputs)), inputs };
}

describe("a SnowflakeSecretSync of the plugin", () => {
  it("answers fingerprints key by key, its key as a secret, and no value", async () => {
    const { client } = await open();
    const { inputs } = await client.check(urn, {}, build(values));
    expect(inputs.secrets).toEqual({
      A: expect.stringMatching(/^[0-9a-f]{32}$/),
      B: expect.stringMatching(/^[0-9a-f]{32}$/),
      C: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(isSecret(inputs.fingerprintKey)).toBe(true);
    expect(JSON.stringify(inputs)).not.toContain("value-of");
    expect(inputs.ownerId).toBe(
      deriveOwnerId({
        organization: "organization",
        project: "shop",
        stack: "dev",
        parentTypes: "acme:index:Outer$acme:index:Inner",
        type: "SnowflakeSecretSync",
        name: "app",
      }),
    );
  });

  it("destroys nothing from a stack that did not write the state", async () => {
    const { fixture, client } = await open();
    const { inputs } = await client.check(urn, {}, build({ A: "value-of-a" }));
    const kept = { inputs, ...(await client.create(urn, inputs)) };
    const copy = urn.replace("urn:pulumi:dev", "urn:pulumi:copy");
    await expect(client.delete(copy, kept)).rejects.toThrow(
      "[UNPROVEN] the state was written by organization/shop/dev/app, and this is organization/shop/copy/app",
    );
    expect(fixture.values()).toEqual({ A: "value-of-a" });
    await client.delete(urn, kept);
    expect(fixture.values()).toEqual({});
  });

  it("tells in a preview of a creation what up would do, and writes nothing", async () => {
    const { fixture, client } = await open();
    const { inputs } = await client.check(urn, {}, build(values));
    const { id, properties } = await client.create(urn, inputs, true);
    expect(id).toBe("");
    expect(properties.managedSecrets).toBe(unknown);
    expect(properties.secrets).toEqual(inputs.secrets);
    expect(client.told).toEqual([{ severity: "info", line: 'app: 3 to create in "APP"."SECRETS"', urn }]);
    expect(fixture.values()).toEqual({});
  });

  it("creates, and says at the resource what was done", async () => {
    const { fixture, client } = await open();
    const kept = await create(client, build(values));
    expect(fixture.values()).toEqual(values);
    expect(kept.properties.syncStatus).toBe("succeeded");
    expect(isSecret(kept.properties.fingerprintKey)).toBe(true);
    expect(JSON.stringify(kept)).not.toContain("value-of");
    expect(client.told).toEqual([{ severity: "info", line: expect.stringMatching(/^app: 3 created/), urn }]);
  });

  it("says key by key what changes", async () => {
    const { client } = await open();
    const kept = await create(client, build({ A: values.A, B: values.B }));
    const next = await client.check(urn, kept.inputs, build({ A: values.A, B: "other", C: values.C }));
    expect(await client.diff(urn, kept, next.inputs)).toEqual({
      changes: true,
      replaces: [],
      detailed: { 'secrets["B"]': "UPDATE", 'secrets["C"]': "ADD", 'secretIds["C"]': "ADD" },
    });
    const without = await client.check(urn, kept.inputs, build({ A: values.A }));
    expect((await client.diff(urn, kept, without.inputs)).detailed).toEqual({
      'secrets["B"]': "DELETE",
      'secretIds["B"]': "DELETE",
    });
  });

  it("says of a replacement only what changes", async () => {
    const { client } = await open();
    const kept = await create(client, build({ A: values.A }));
    const moved = build({ A: values.A }, { destinationConfig: { database, schema: "NEXT" } });
    const { inputs } = await client.check(urn, kept.inputs, moved);
    expect(await client.diff(urn, kept, inputs)).toEqual({
      changes: true,
      replaces: ["destinationConfig"],
      detailed: { 'destinationConfig["schema"]': "UPDATE_REPLACE", 'secretIds["A"]': "UPDATE" },
    });
  });

  it("leaves alone what ignoreChanges put in the place of a value, and never writes it", async () => {
    const { fixture, client } = await open();
    const kept = await create(client, build({ A: values.A, B: values.B }));
    const last = kept.inputs.secrets as Record<string, string>;
    const { inputs } = await client.check(urn, kept.inputs, build({ A: last.A, B: "other" }));
    expect(inputs.secrets).toMatchObject({ A: last.A });
    for (const path of ['secrets["A"]', "secrets.A", "secrets[*]", "secrets", "*"]) {
      const { detailed } = await client.diff(urn, kept, inputs, ["name", path]);
      expect(detailed).toEqual({ 'secrets["B"]': "UPDATE" });
    }
    await client.update(urn, kept, inputs);
    expect(fixture.values()).toEqual({ A: values.A, B: "other" });
  });

  it.each([
    ["its last fingerprint", (print: string) => print, () => undefined],
    [
      "what a refresh put in the place of its fingerprint",
      () => "drifted: not seen",
      (fixture: Fixture) => fixture.control.dropSecret(database, schema, 'A "1"'),
    ],
  ])("refuses a value that is %s, where nothing is ignored", async (_, choose, interfere) => {
    const { fixture, client } = await open();
    const key = 'A "1"';
    const made = await create(client, build({ [key]: values.A, B: values.B }));
    interfere(fixture);
    const kept = { ...made, ...(await client.read(urn, made.id, made)) };
    const last = kept.inputs.secrets as Record<string, string>;
    const news = build({ [key]: choose(last[key] ?? ""), B: values.B });
    const { inputs } = await client.check(urn, kept.inputs, news);
    for (const elsewhere of [[], ['secrets["B"]', 'secrets["A"]', "name", 'syncOptions["A \\"1\\""]']]) {
      await expect(client.diff(urn, kept, inputs, elsewhere)).rejects.toThrow(
        '[INVALID_INPUT] a value is the fingerprint of its own key: secrets["A \\"1\\""]. Fix: give another value. To keep the secret unchanged, add the key to ignoreChanges.',
      );
    }
    expect((await client.diff(urn, kept, inputs, ['secrets["A \\"1\\""]'])).replaces).toEqual([]);
  });

  it.each([
    ["of secrets", (key: string) => build({ A: values.A, [key]: values.B }), "secrets"],
    ["of an argument", (key: string) => build({ A: values.A }, { connection: { [key]: "x" } }), "connection"],
    ["of all arguments", (key: string) => build({ A: values.A }, { [key]: "x" }), undefined],
  ])("refuses the key __proto__ %s, which the wire would lose", async (_, build, where) => {
    const { client } = await open();
    const { failures } = await client.check(urn, {}, build(protoKey));
    const place = where === undefined ? "" : `: ${where}`;
    expect(failures).toEqual([
      {
        property: "",
        reason: expect.stringContaining(
          `[INVALID_INPUT] the key "__proto__" cannot be kept in a Pulumi state${place}. Fix: rename the key.`,
        ),
      },
    ]);
  });

  it("refuses an empty key, with a value and without", async () => {
    const { client } = await open();
    for (const value of [values.A, null]) {
      const { failures } = await client.check(urn, {}, build({ "": value, B: values.B }));
      expect(failures).toEqual([
        { property: "", reason: "secrets: a key is empty. Give each secret a name." },
      ]);
    }
  });

  it("keeps the whole map where ignoreChanges does, and reads no source for it", async () => {
    const { client } = await open();
    vi.stubEnv("PLUGIN_TEST_KEY", "value-of-environment");
    const sources = secret([{ type: "environment", keys: ["PLUGIN_TEST_KEY"] }]);
    const kept = await create(client, build({ A: values.A }, { sources }));
    vi.stubEnv("PLUGIN_TEST_KEY", undefined);
    const { inputs, failures } = await client.check(urn, kept.inputs, {
      ...build({}, { sources }),
      secrets: kept.inputs.secrets,
    });
    expect(failures).toEqual([]);
    const differences = await client.diff(urn, kept, inputs, ["secrets"]);
    expect(differences).toEqual({ changes: false, replaces: [], detailed: {} });
  });

  it("keeps all inputs where ignoreChanges does", async () => {
    const { client } = await open();
    const kept = await create(client, build({ A: values.A }));
    const { inputs, failures } = await client.check(urn, kept.inputs, kept.inputs);
    expect(failures).toEqual([]);
    expect(inputs).toEqual(kept.inputs);
    expect(await client.diff(urn, kept, inputs)).toEqual({ changes: false, replaces: [], detailed: {} });
  });

  it("answers as a secret what the program gave as one, and what repeats it", async () => {
    const { client } = await open();
    const { inputs, properties } = await create(
      client,
      build({ A: values.A }, { description: secret("a private matter") }),
    );
    expect([inputs.description, properties.description, properties.secretSync].map(isSecret)).toEqual([
      true,
      true,
      true,
    ]);
    expect(isSecret(properties.managedSecrets)).toBe(false);
  });

  it("shows what only up knows as unknown, and says so", async () => {
    const { client } = await open();
    const { inputs, failures } = await client.check(urn, {}, build({ A: unknown, B: values.B }));
    expect(failures).toEqual([]);
    expect(inputs.secrets).toMatchObject({ A: unknown });
    await client.create(urn, inputs, true);
    const whole = await client.check(urn, {}, { ...build({}), secrets: secret(unknown) });
    expect(whole.failures).toEqual([]);
    expect(whole.inputs.secrets).toBe(unknown);
  });

  it("refuses bad arguments one by one, without a value", async () => {
    const { client } = await open();
    const { failures } = await client.check(
      urn,
      {},
      build({ A: null, B: 7 }, { nmae: "app", syncOptions: {}, isAutoSyncEnabled: "value-of-flag" }),
    );
    expect(failures).toEqual(
      expect.arrayContaining([
        { property: "", reason: "nmae: there is no such argument. Did you mean name?" },
        { property: "", reason: "isAutoSyncEnabled: must be true or false." },
        { property: "syncOptions.initialSyncBehavior", reason: expect.stringContaining("must be") },
        { property: "secrets.A", reason: expect.stringContaining("it has no value") },
        { property: "secrets.B", reason: "secrets.B: must be a string; it is a number." },
      ]),
    );
    expect(JSON.stringify(failures)).not.toContain("value-of");
  });

  it("refuses an asset where a value is wanted", async () => {
    const { client } = await open();
    const asset = special("c44067f5952c0a294b673a41bacd8c17");
    const { failures } = await client.check(urn, {}, build({ A: asset }));
    expect(failures).toEqual([
      { property: "", reason: expect.stringContaining("an asset is not allowed here") },
    ]);
  });

  it("carries what cannot be read as a change: a warning in a preview, an error in up, which writes nothing", async () => {
    const { fixture, client } = await open();
    const variable = "PLUGIN_TEST_KEY";
    vi.stubEnv(variable, "value-of-environment");
    const args = {
      ...build({}),
      secrets: undefined,
      sources: secret([{ type: "environment", keys: [variable] }]),
    };
    const kept = await create(client, args);
    vi.stubEnv(variable, undefined);
    const { inputs, failures } = await client.check(urn, kept.inputs, args);
    expect(failures).toEqual([]);
    expect(inputs.secrets).toEqual(kept.inputs.secrets);
    // An unknown would be refused by the engine in a real up.
    expect(JSON.stringify(inputs)).not.toContain(unknown);
    expect(Object.values(inputs.notReadable as object)).toEqual([expect.stringContaining("[SOURCE_FAILED]")]);
    expect(await client.diff(urn, kept, inputs)).toMatchObject({ changes: true, replaces: [] });
    await client.update(urn, kept, inputs, true);
    expect(client.told.at(-1)).toEqual({
      severity: "warning",
      line: expect.stringMatching(
        /^app: \[SOURCE_FAILED\].* The preview shows its keys as unchanged; pulumi up would fail\.$/,
      ),
      urn,
    });
    await client.create(urn, inputs, true);
    expect(client.told.at(-1)?.line).toMatch(/The preview does not show its keys; pulumi up would fail\.$/);
    fixture.control.resetCounts();
    // With the variable, and with one way out.
    const once = new RegExp(`SOURCE_FAILED(?!.*Fix:.*Fix:).*${variable}`, "s");
    await expect(client.update(urn, kept, inputs)).rejects.toThrow(once);
    await expect(client.create(urn, inputs)).rejects.toThrow(once);
    expect(fixture.control.statements()).toEqual([]);
    expect(fixture.values()).toEqual({ [variable]: "value-of-environment" });
  });

  it("records what was done of a creation that failed half-way", async () => {
    const { fixture, client } = await open();
    const { inputs } = await client.check(urn, {}, build(values));
    fixture.failNext(/^CREATE SECRET/);
    const failure = await failureOf(client.create(urn, inputs));
    expect(failure.partial?.reasons).toHaveLength(1);
    expect(failure.partial?.properties).toMatchObject({ syncStatus: "failed", ownerId: inputs.ownerId });
    expect(isSecret(failure.partial?.properties.fingerprintKey)).toBe(true);
    const kept = {
      id: failure.partial?.id ?? "",
      properties: failure.partial?.properties ?? {},
      inputs,
    };
    const again = await client.check(urn, inputs, build(values));
    expect((await client.diff(urn, kept, again.inputs)).changes).toBe(true);
    await client.update(urn, kept, again.inputs);
    expect(fixture.values()).toEqual(values);
  });

  it("begins no statement once it is cancelled, and records what was under way", async () => {
    const { fixture, client } = await open({ maxConcurrentStatements: 1 });
    const secrets = buildSecrets(50);
    const { inputs } = await client.check(urn, {}, build(secrets));
    const cancel = () => void client.cancel();
    fixture.control.addFault({
      match: /^CREATE SECRET/,
      effect: { kind: "call", when: "before", call: cancel },
    });
    const failure = await failureOf(client.create(urn, inputs));
    const written = Object.keys(fixture.values());
    expect(written.length).toBeGreaterThan(0);
    expect(written.length).toBeLessThan(50);
    const left = Object.keys(secrets).length - written.length;
    expect(failure.partial?.reasons.join()).toContain(
      `[CANCELLED] ${left} writes were not started, because the run was cancelled: "KEY_`,
    );
    const managed = Object.entries(
      failure.partial?.properties.managedSecrets as Record<string, { state: string }>,
    );
    const recorded = managed.filter(([, { state }]) => state === "synced").map(([name]) => name);
    expect(recorded.sort()).toEqual(written.sort());
    await expect(
      client.check(urn, inputs, build(secrets)).then(({ inputs: next }) => client.create(urn, next)),
    ).rejects.toThrow("CANCELLED");
  });

  it("drops no more once a destroy is cancelled, says it in one line, and the next destroy does the rest", async () => {
    const { fixture, client } = await open({ maxConcurrentStatements: 1 });
    const kept = await create(client, build(buildSecrets(50)));
    const cancel = () => void client.cancel();
    fixture.control.addFault({
      match: /^DROP SECRET/,
      effect: { kind: "call", when: "before", call: cancel },
    });
    const failure = await failureOf(client.delete(urn, kept));
    const left = Object.keys(fixture.values()).length;
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(50);
    expect(failure.message).toMatch(/^\[PARTLY_DONE\] destroy app: \d+ of 50 secrets could not be dropped: /);
    expect(failure.message).toContain(
      `[CANCELLED] ${left} writes were not started, because the run was cancelled: "KEY_`,
    );
    expect(failure.message.match(/KEY_/g)).toHaveLength(5);
    await (await start(fixture)).delete(urn, kept);
    expect(fixture.values()).toEqual({});
  });

  it("shows drift in a refresh, and takes away at the end what is its own", async () => {
    const { fixture, client } = await open();
    const kept = await create(client, build(values));
    fixture.control.dropSecret(database, schema, "B");
    const read = await client.read(urn, kept.id, kept);
    expect(read.inputs.secrets).toEqual({ ...(kept.inputs.secrets as object), B: "drifted: not seen" });
    expect(client.told.at(-1)).toMatchObject({ severity: "warning", urn });
    expect(isSecret(read.inputs.fingerprintKey)).toBe(true);
    expect(isSecret(read.properties.fingerprintKey)).toBe(true);
    await client.delete(urn, { ...kept, ...read });
    expect(fixture.values()).toEqual({});
  });

  it("takes a state of the dynamic resource as it is", async () => {
    const { fixture, client } = await open();
    const kept = await create(client, build(values));
    const __provider = "exports.handler = () => 0;";
    const moved = {
      id: kept.id,
      inputs: { ...kept.inputs, __provider },
      properties: { ...kept.properties, __provider },
    };
    const { inputs } = await client.check(urn, moved.inputs, build(values));
    expect(inputs).not.toHaveProperty("__provider");
    expect((await client.diff(urn, moved, inputs)).changes).toBe(false);
    // What waits for its deletion since then is still called as it was.
    await client.delete(
      "urn:pulumi:dev::shop::pulumi-nodejs:dynamic/snowflake:SnowflakeSecretSync::app",
      moved,
    );
    expect(fixture.values()).toEqual({});
  });
});
