import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { atNight, isNightly } from "../support/nightly.js";
import { type LanguageStage, startLanguageStage } from "../support/pulumi/language-stage.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { buildNodeProject } from "./stage.js";

const values = plantValues("a", "b", "next", "last");

/** Programs with the classes of a module of this package; the values come from the environment. */
const program = (module: string, body: string) => `
const { SnowflakeSecretSync } = require(${JSON.stringify(module)});
const v = JSON.parse(process.env.VALUES);
const sync = (name, secrets, opts, schema = "SECRETS") => new SnowflakeSecretSync(name, {
  secrets,
  destinationConfig: { database: "APP", schema },
  syncOptions: { initialSyncBehavior: "overwrite-destination", keySchema: name.toUpperCase() + "_{{secretKey}}" },
}, opts);
${body}
`;

const dynamicModule = "pulumi-snowflake-secrets";
const pluginModule = "pulumi-snowflake-secrets/plugin";

let stage: LanguageStage;
beforeEach(async () => {
  stage = await startLanguageStage({
    name: "shop",
    plants: Object.values(values),
    files: { "Pulumi.yaml": buildNodeProject("shop"), "index.js": "" },
    env: { VALUES: JSON.stringify(values) },
  });
  stage.project.giveVariables({ VALUES: JSON.stringify(values) });
});
afterEach(() => stage.stop());

const write = (module: string, body: string) => stage.project.write("index.js", program(module, body));
const run: LanguageStage["run"] = (...args) => stage.run(...args);
const urnOf = async (name: string) =>
  (await stage.project.state()).find(({ urn }) => urn.endsWith(`::${name}`))?.urn ?? "";
/** An `up` that must fail. @returns what it printed */
const upRefused = async (...args: readonly string[]) => {
  const { code, shown } = await stage.project.up({ args });
  expect(code, shown).not.toBe(0);
  return shown;
};

describe.each([pluginModule, ...atNight(dynamicModule)])("the options of a resource of %s", (module) => {
  it("retainOnDelete leaves the secrets where they are, and the same place in the program finds its own again", async () => {
    write(module, `sync("app", { A: v.a }, { retainOnDelete: true });`);
    await run("up");
    write(module, "");
    expect((await run("up")).writes).toEqual([]);
    expect(stage.held()).toEqual({ APP_A: values.a });
    write(module, `sync("app", { A: v.a });`);
    await run("up");
  });

  it("a replacement in the same schema drops nothing that the successor wrote", async () => {
    write(module, `sync("app", { A: v.a, B: v.b });`);
    await run("up");
    await run("up", "--replace", await urnOf("app"));
    expect(stage.held()).toEqual({ APP_A: values.a, APP_B: values.b });
    write(module, `sync("app", { A: v.next, B: v.b }, { replaceOnChanges: ["secrets"] });`);
    await run("up");
    expect(stage.held()).toEqual({ APP_A: values.next, APP_B: values.b });
    write(module, `sync("app", { A: v.last, B: v.b }, { deleteBeforeReplace: true });`);
    expect((await run("up", "--replace", await urnOf("app"))).shown).toContain("1 replaced");
    expect(stage.held()).toEqual({ APP_A: values.last, APP_B: values.b });
  });

  it("a rename by an alias writes nothing, and its former name is not free for the same owner", async () => {
    write(module, `sync("app", { A: v.a });`);
    await run("up");
    const renamed = `new SnowflakeSecretSync("shop", {
        name: "app", secrets: { A: v.a }, destinationConfig: { database: "APP", schema: "SECRETS" },
        syncOptions: { initialSyncBehavior: "overwrite-destination", keySchema: "APP_{{secretKey}}" },
      }, { aliases: [{ name: "app" }] });`;
    write(module, renamed);
    const moved = await run("up");
    expect(moved.writes).toEqual([]);
    expect(moved.shown).not.toMatch(/created|deleted|replaced/);
    write(module, `${renamed} sync("app", { B: v.b });`);
    expect(await upRefused()).toContain("two resources have the same owner id");
    write(module, renamed);
  });

  it("a key whose value is undefined is an error and no removal", async () => {
    write(module, `sync("app", { A: v.a, B: v.b });`);
    await run("up");
    write(module, `sync("app", { A: v.a, B: undefined });`);
    expect(await upRefused()).toContain("secrets.B: it has no value (undefined)");
    expect(stage.held()).toEqual({ APP_A: values.a, APP_B: values.b });
  });

  it("the text of Pulumi's unknown values is refused as a value, which up would lose, and an empty key too", async () => {
    write(module, `sync("app", { A: v.a, B: v.b });`);
    await run("up");
    const output = 'require("@pulumi/pulumi").output';
    const text = '"04da6b54-80e4-46f7-96ec-b56ff0331ba9"';
    const refusals = {
      [`{ A: v.a, B: ${text} }`]:
        'app: secrets: the value of "B" is the text that Pulumi uses for unknown values, so Pulumi would lose it. Give another value.',
      [`{ A: v.a, B: ${output}(${text}) }`]: "secrets.B: it has no value",
      [`${output}({ A: v.a, "": v.b })`]: "secrets: a key is empty. Give each secret a name.",
    };
    for (const [wrong, told] of Object.entries(refusals)) {
      write(module, `sync("app", ${wrong});`);
      const { code, shown } = await stage.project.preview();
      expect(code, wrong).not.toBe(0);
      expect(shown).toContain(told);
    }
    expect(stage.held()).toEqual({ APP_A: values.a, APP_B: values.b });
  });

  it("ignoreChanges holds one key or all, and a value that is not known yet leaves the others known", async () => {
    write(module, `sync("app", { A: v.a, B: v.b, C: v.b });`);
    await run("up");
    write(
      module,
      `const web = sync("web", { B: v.b });
       sync("app", { A: v.next, B: v.next, C: web.syncStatus }, { ignoreChanges: ['secrets["A"]'] });`,
    );
    const { shown } = await run("preview");
    expect(shown).toMatch(/~ B *: "[0-9a-f]{32}" => "[0-9a-f]{32}"/);
    expect(shown).toMatch(/~ C *: "[0-9a-f]{32}" => \[unknown\]/);
    expect(shown).toContain("app: 1 to alter, 1 known after up, 1 unchanged");
    expect(shown).not.toMatch(/[~+-] A *:/);
    await run("up");
    const held = { APP_A: values.a, APP_B: values.next, APP_C: "succeeded" };
    expect(stage.held()).toMatchObject(held);

    write(module, `sync("app", { A: v.last, D: v.last }, { ignoreChanges: ["secrets"] });`);
    await run("up");
    expect(stage.held()).toEqual(held);
    write(module, `sync("app", { A: v.last, D: v.last }, { ignoreChanges: ["secrets.A"] }, "PUBLIC");`);
    expect(await upRefused()).toContain(
      '[INVALID_INPUT] a replacement needs values that ignoreChanges ignores: "A"',
    );
    expect(stage.held()).toEqual(held);
    expect(stage.held("PUBLIC")).toEqual({});
    write(module, `sync("app", { A: v.last, D: v.last });`);
    await run("up");
    expect(stage.held()).toEqual({ APP_A: values.last, APP_D: values.last });
  });

  it("names a bad argument by its path and prints no value", async () => {
    write(
      module,
      `new SnowflakeSecretSync("app", { secrets: { A: v.a }, connection: { user: "u", pasword: v.b },
        destinationConfig: { database: "APP", schema: "" }, syncOptions: { initialSyncBehavior: "import-prioritize-source", keySchema: "APP" } });`,
    );
    const { code, shown } = await stage.project.preview();
    expect(code).not.toBe(0);
    for (const told of [
      "destinationConfig.schema: must be the exact name; it is empty.",
      "syncOptions.initialSyncBehavior: importing is impossible",
      "syncOptions.keySchema: it holds {{secretKey}} 0 times",
      "connection.pasword",
    ]) {
      expect(shown).toContain(told);
    }
  });

  it("a stack that makes its own schema comes up in one go, with values that other resources put out", async () => {
    const schemaMaker = await startSchemaMaker();
    write(
      module,
      `const pulumi = require("@pulumi/pulumi");
class Maker extends pulumi.dynamic.Resource {
  constructor(name, props) {
    super({ create: async ({ url }) => ({ id: "made", outs: { out: await (await fetch(url)).text() } }) }, name, { out: undefined, ...props });
  }
}
const made = new Maker("made", { url: "${schemaMaker.url}" });
sync("own", { FROM_RESOURCE: made.out, PLAIN: "plain" }, { dependsOn: made }, "OWN");
sync("late", made.out.apply((value) => ({ LATE: value })), { dependsOn: made }, "OWN");`,
    );
    const preview = await run("preview");
    expect(preview.shown).toContain("own: [NOT_FOUND]");
    expect(preview.shown).toMatch(/secrets +: \{\n +FROM_RESOURCE: \[unknown\]\n +PLAIN +: "[0-9a-f]{32}"/);
    expect(preview.shown).toMatch(/secrets +: \[unknown\]/);
    await run("up");
    expect(stage.held("OWN")).toEqual({
      OWN_FROM_RESOURCE: "made-by-up",
      OWN_PLAIN: "plain",
      LATE_LATE: "made-by-up",
    });
    await run("destroy");
    expect(stage.held("OWN")).toEqual({});
    schemaMaker.stop();
  });

  if (isNightly) {
    it("protect holds off a destroy, and customTimeouts are taken", async () => {
      write(
        module,
        `sync("app", { A: v.a }, { protect: true, customTimeouts: { create: "10m", update: "10m" } });`,
      );
      await run("up");
      const refused = await stage.project.destroy();
      expect(refused.code).not.toBe(0);
      expect(refused.shown).toContain("protect");
      write(module, "");
      expect(await upRefused()).toContain("protect");
      expect(stage.held()).toEqual({ APP_A: values.a });
      write(module, `sync("app", { A: v.a });`);
      await run("up");
      await run("destroy");
      expect(stage.held()).toEqual({});
    });

    it("--target changes only what it names, and --continue-on-error goes on with the others", async () => {
      write(module, `sync("app", { A: v.a }); sync("web", { B: v.b });`);
      await run("up");
      write(module, `sync("app", { A: v.next }); sync("web", { B: v.next });`);
      await run("up", "--target", await urnOf("app"));
      expect(stage.held()).toEqual({ APP_A: values.next, WEB_B: values.b });

      write(
        module,
        `sync("bad", { A: v.a }, {}, "MISSING"); sync("web", { B: v.next }); sync("app", { A: v.next });`,
      );
      expect(await upRefused("--continue-on-error")).toContain("[NOT_FOUND]");
      expect(stage.held()).toEqual({ APP_A: values.next, WEB_B: values.next });
    });

    it("a saved plan is followed, and what is more than it is refused, given a fingerprintKey", async () => {
      const given = (value: string) => `new SnowflakeSecretSync("app", {
        secrets: { A: v.${value} }, fingerprintKey: "a key that the team keeps to itself",
        destinationConfig: { database: "APP", schema: "SECRETS" }, syncOptions: { initialSyncBehavior: "overwrite-destination" },
      });`;
      const plan = `${stage.project.folder}/plan.json`;
      write(module, given("a"));
      await run("preview", "--save-plan", plan);
      await run("up", "--plan", plan);
      expect(stage.held()).toEqual({ A: values.a });
      write(module, given("next"));
      await run("preview", "--save-plan", plan);
      write(module, given("last"));
      await upRefused("--plan", plan);
      expect(stage.held()).toEqual({ A: values.a });
    });
  }
});

/** Makes schema APP.OWN when asked to, as a Snowflake provider in the same stack would. */
async function startSchemaMaker() {
  const { server, seed } = stage;
  const http = createServer((_request, response) => {
    const place = { database: "APP", schema: "OWN" };
    server.control.createSchema(place.database, place.schema);
    for (const privilege of ["USAGE", "CREATE SECRET"]) server.control.grant(privilege, place, seed.role);
    response.end("made-by-up");
  });
  await new Promise<void>((listening) => http.listen(0, "127.0.0.1", listening));
  const { port } = http.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, stop: () => http.close() };
}

describe("a program that changes the module and nothing else", () => {
  it.each([
    // The dynamic provider's text stands in the state, so it is recorded.
    [dynamicModule, pluginModule, "2 unchanged", "1 updated"] as const,
    ...atNight([pluginModule, dynamicModule, "1 updated", "2 unchanged"]),
  ])("moves its syncs from %s to %s and back, and writes nothing", async (from, to, there, back) => {
    write(from, `sync("app", { A: v.a, B: v.b });`);
    await run("up");
    for (const [module, told] of [
      [to, there],
      [from, back],
    ] as const) {
      write(module, `sync("app", { A: v.a, B: v.b });`);
      const moved = await run("up");
      expect(moved.writes).toEqual([]);
      expect(moved.shown).toContain(told);
      expect((await run("refresh")).writes).toEqual([]);
    }
    write(to, `sync("app", { A: v.next });`);
    expect([...(await run("up")).writes].sort()).toEqual(["ALTER SECRET", "DROP SECRET"]);
    expect(stage.held()).toEqual({ APP_A: values.next });
    await run("destroy");
    expect(stage.held()).toEqual({});
  });
});

describe("the classes of the plugin", () => {
  it("serve two accounts in one program, and list what is there", async () => {
    const { server, seed } = stage;
    write(
      pluginModule,
      `const { Provider, listSnowflakeSchemas, listSnowflakeDatabases } = require(${JSON.stringify(pluginModule)});
       const other = new Provider("other", {
         account: ${JSON.stringify(server.account)}, user: ${JSON.stringify(seed.username)}, password: process.env.SNOWFLAKE_PASSWORD,
         role: ${JSON.stringify(seed.role)}, host: ${JSON.stringify(server.host)}, port: ${server.port}, protocol: "http",
         maxConcurrentStatements: 4,
       });
       sync("app", { A: v.a });
       sync("web", { B: v.b }, { provider: other });
       exports.schemas = listSnowflakeSchemas("APP", undefined, { provider: other });
       exports.databases = listSnowflakeDatabases();`,
    );
    await run("up");
    expect(stage.held()).toEqual({ APP_A: values.a, WEB_B: values.b });
    expect(await stage.project.outputs()).toEqual({ databases: ["APP"], schemas: ["SECRETS"] });
    await run("destroy");
    expect(stage.held()).toEqual({});
  });
});
