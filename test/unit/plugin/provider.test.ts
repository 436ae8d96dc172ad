import { ConfigureRequest } from "@pulumi/pulumi/proto/provider_pb.js";
import { afterEach, describe, expect, it } from "vitest";
import { startPluginServer } from "../../../provider/plugin/server.js";
import {
  type EngineClient,
  isSecret,
  secret,
  startEngineClient,
  unknown,
} from "../../support/engine-client.js";
import { createFixture, database, schema } from "../secret-sync/fixture.js";

const urn = "urn:pulumi:dev::shop::snowflake-secrets:index:SnowflakeSecretSync::app";
const args = {
  secrets: secret({ A: "value-of-a" }),
  destinationConfig: { database, schema },
  syncOptions: { initialSyncBehavior: "overwrite-destination" },
};

const clients: EngineClient[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.stop()));
});

async function start(options: Parameters<typeof startEngineClient>[0] = {}): Promise<EngineClient> {
  const client = await startEngineClient(options);
  clients.push(client);
  return client;
}

describe("a Provider", () => {
  it("answers what is secret as a secret, and fills nothing in", async () => {
    const client = await start();
    const given = { account: "org-acc", user: "me", password: "p", token: "t", port: "443", host: unknown };
    const { inputs, failures } = await client.checkConfig(given);
    expect(failures).toEqual([]);
    expect(Object.keys(inputs).sort()).toEqual(Object.keys(given).sort());
    expect([inputs.password, inputs.token].map(isSecret)).toEqual([true, true]);
    expect([inputs.account, inputs.user, inputs.port, inputs.host]).toEqual([
      "org-acc",
      "me",
      "443",
      unknown,
    ]);
  });

  it("takes numbers as texts, as a stack's config and a generated SDK have them", async () => {
    const client = await start();
    const { failures } = await client.checkConfig({ port: "443", maxConcurrentStatements: "8" });
    expect(failures).toEqual([]);
    const wrong = await client.checkConfig({ port: "ssl", maxConcurrentStatements: "many" });
    expect(wrong.failures.map(({ reason }) => reason)).toEqual([
      "port: must be a port number from 1 to 65535.",
      expect.stringContaining("maxConcurrentStatements: must be"),
    ]);
  });

  it("tells an engine that is too old which one it needs", async () => {
    const client = await start();
    const modern = () =>
      new ConfigureRequest().setAcceptsecrets(true).setSendsOldInputs(true).setSendsOldInputsToDelete(true);
    const lacking = [
      new ConfigureRequest(),
      modern().setAcceptsecrets(false),
      modern().setSendsOldInputs(false),
      modern().setSendsOldInputsToDelete(false),
    ];
    const configure = (request: ConfigureRequest) =>
      new Promise<string>((resolve) =>
        client.raw.configure(request, (error) => resolve(error?.details ?? "configured")),
      );
    expect(await configure(modern())).toBe("configured");
    for (const request of lacking) {
      expect(await configure(request)).toBe(
        "[INVALID_INPUT] this Pulumi is too old for the plugin snowflake-secrets. Fix: use Pulumi 3.200 or later. Details: npx pulumi-snowflake-secrets explain INVALID_INPUT",
      );
    }
  });

  it("refuses a setting that it does not know, without its value", async () => {
    const client = await start();
    const { failures } = await client.checkConfig({ acount: "value-of-a-typo" });
    expect(failures).toEqual([
      { property: "", reason: "acount: there is no such argument. Did you mean account?" },
    ]);
  });

  it.each([
    ["another account", { account: "A" }, { account: "B" }, ["account"]],
    [
      "another account by organization and name",
      { account: "O-A" },
      { organizationName: "O", accountName: "B" },
      ["account", "accountName", "organizationName"],
    ],
    ["the same account in another form", { account: "o-a" }, { organizationName: "O", accountName: "A" }, []],
    ["an account where none was", {}, { account: "B" }, []],
    ["no account where one was", { account: "A" }, {}, []],
    ["an account that only up knows", { account: "A" }, { account: unknown }, []],
    [
      "another user, role and key",
      { account: "A", user: "u", role: "r", privateKey: "k" },
      { account: "A", user: "v", role: "s", privateKey: "l" },
      [],
    ],
  ])("is replaced only for another account that is known: %s", async (_what, olds, news, replaces) => {
    const client = await start();
    const difference = await client.diffConfig(olds, news);
    expect(difference).toMatchObject({ changes: true, replaces });
  });

  it("is the same where nothing differs", async () => {
    const client = await start();
    expect(await client.diffConfig({ account: "A", port: 443 }, { account: "A", port: "443" })).toMatchObject(
      {
        changes: false,
        replaces: [],
      },
    );
  });

  it("by default goes by the stack's config as it is now, and an explicit one by what it was given", async () => {
    const fixture = await createFixture();
    const stale = { ...fixture.connection, password: "rotated away" };
    const client = await start({ settings: stale, stackConfig: fixture.connection });
    const { inputs } = await client.check(urn, {}, args);
    await client.create(urn, inputs);
    expect(fixture.values()).toEqual({ A: "value-of-a" });
    await client.configure(stale, "mine");
    await expect(client.create(urn, inputs)).rejects.toThrow("AUTHENTICATION_FAILED");
  });

  it.each(["default-eu", "default_eu", "defaults", "default-1.2.3"])(
    "of a program never goes by the stack's config, though its name is %s",
    async (name) => {
      const fixture = await createFixture();
      const client = await start({ stackConfig: fixture.connection });
      expect((await client.checkConfig({ account: "other" }, name)).failures).toEqual([]);
      await client.configure({ ...fixture.connection, password: "of another user" }, name);
      const { inputs } = await client.check(urn, {}, args);
      await expect(client.create(urn, inputs)).rejects.toThrow("AUTHENTICATION_FAILED");
    },
  );

  it.each(["default", "default_1_2_3", "default_1_2_3_alpha_7", "default_1_2_3_example.com/plugins"])(
    "of the engine, which names it %s, is told from one of a program that takes this name",
    async (name) => {
      const { connection } = await createFixture();
      const client = await start({ stackConfig: connection });
      const own = { ...connection, version: "1.2.3" };
      expect((await client.checkConfig(own, name)).failures).toEqual([]);
      const [failure] = (await client.checkConfig({ ...connection, user: "SOMEBODY" }, name)).failures;
      expect(failure?.reason).toContain(`a Provider must not be named ${name}`);
    },
  );

  it("for another account than the stack's config goes by what it was registered with", async () => {
    const fixture = await createFixture();
    const client = await start({
      settings: fixture.connection,
      stackConfig: { ...fixture.connection, account: "elsewhere" },
    });
    const { inputs } = await client.check(urn, {}, args);
    await client.create(urn, inputs);
    expect(fixture.values()).toEqual({ A: "value-of-a" });
  });

  it("says in which setting the organization stands, as it is a part of the owner's id", async () => {
    const fixture = await createFixture();
    const ids: unknown[] = [];
    for (const settings of [fixture.connection, { ...fixture.connection, organization: "acme" }]) {
      const client = await start({ settings });
      ids.push((await client.check(urn, {}, args)).inputs.ownerId);
    }
    expect(ids[0]).not.toBe(ids[1]);
  });
});

describe("a plugin that engines attach to", () => {
  it("serves a preview and then an up in one process, each with a memory of its own", async () => {
    const fixture = await createFixture();
    const server = await startPluginServer({ version: "1.2.3" });
    const settings = fixture.connection;
    const preview = await startEngineClient({ server, settings });
    const seen = await preview.check(urn, {}, args);
    await preview.create(urn, seen.inputs, true);
    await preview.stop();
    const up = await startEngineClient({ server, settings });
    // What the preview held is gone with it.
    await expect(up.create(urn, seen.inputs)).rejects.toThrow("INTERNAL");
    const { inputs } = await up.check(urn, {}, args);
    await up.create(urn, inputs);
    expect(up.told.at(-1)).toMatchObject({ line: expect.stringContaining("1 created"), urn });
    await up.stop();
    await server.end();
    expect(fixture.values()).toEqual({ A: "value-of-a" });
  });
});

describe("a function", () => {
  it("lists databases and schemas by the provider's settings", async () => {
    const fixture = await createFixture();
    const client = await start({ settings: fixture.connection });
    const databases = await client.invoke("snowflake-secrets:index:listSnowflakeDatabases", {});
    expect(databases).toEqual({ databases: [database] });
    const schemas = await client.invoke("snowflake-secrets:index:listSnowflakeSchemas", { database });
    expect(schemas).toEqual({ schemas: expect.arrayContaining([schema]) });
  });

  it("refuses an argument that it does not know, and a function that is none", async () => {
    const client = await start();
    await expect(
      client.invoke("snowflake-secrets:index:listSnowflakeSchemas", { databse: "APP" }),
    ).rejects.toThrow(/database: must be.*databse: there is no such argument/);
    await expect(client.invoke("snowflake-secrets:index:listTables", {})).rejects.toThrow("no such function");
  });
});
