import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type LanguageStage, startLanguageStage } from "../support/pulumi/language-stage.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { buildPluginLines, pluginFolder } from "../support/pulumi/plugin.js";

const values = plantValues("a", "b", "next");

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
    files: {
      "Pulumi.yaml": `name: shop\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n${buildPluginLines(pluginFolder)}`,
      "index.js": "",
    },
    env: { VALUES: JSON.stringify(values) },
  });
  stage.project.giveVariables({ VALUES: JSON.stringify(values) });
});
afterEach(() => stage.stop());

const write = (module: string, body: string) => stage.project.write("index.js", program(module, body));
const run = async (command: "up" | "preview" | "refresh" | "destroy", ...args: string[]) => {
  stage.takeWrites();
  const { code, shown } = await stage.project[command]({ args });
  expect(code, shown).toBe(0);
  return { shown, writes: stage.takeWrites() };
};

describe.each([dynamicModule, pluginModule])("the options of a resource of %s", (module) => {
  it("protect holds off a destroy, and customTimeouts are taken", async () => {
    write(
      module,
      `sync("app", { A: v.a }, { protect: true, customTimeouts: { create: "10m", update: "10m" } });`,
    );
    await run("up");
    const refused = await stage.project.destroy();
    expect(refused.code).not.toBe(0);
    expect(refused.shown).toContain("protect");
    expect(stage.held()).toEqual({ APP_A: values.a });
    write(module, `sync("app", { A: v.a });`);
    await run("up");
    await run("destroy");
    expect(stage.held()).toEqual({});
  });

  it("retainOnDelete leaves the secrets where they are", async () => {
    write(module, `sync("app", { A: v.a }, { retainOnDelete: true });`);
    await run("up");
    write(module, "");
    expect((await run("up")).writes).toEqual([]);
    expect(stage.held()).toEqual({ APP_A: values.a });
  });

  it("--target changes only what it names, and --continue-on-error goes on with the others", async () => {
    write(module, `sync("app", { A: v.a }); sync("web", { B: v.b });`);
    await run("up");
    write(module, `sync("app", { A: v.next }); sync("web", { B: v.next });`);
    const [urn = ""] = (await stage.project.state())
      .map(({ urn }) => urn)
      .filter((each) => each.endsWith("::app"));
    await run("up", "--target", urn);
    expect(stage.held()).toEqual({ APP_A: values.next, WEB_B: values.b });

    write(
      module,
      `sync("bad", { A: v.a }, {}, "MISSING"); sync("web", { B: v.next }); sync("app", { A: v.next });`,
    );
    const { code, shown } = await stage.project.up({ args: ["--continue-on-error"] });
    expect(code).not.toBe(0);
    expect(shown).toContain("[NOT_FOUND]");
    expect(stage.held()).toEqual({ APP_A: values.next, WEB_B: values.next });
    await run("destroy");
  });

  it("--replace fills before it cleans, and a rename by an alias writes nothing", async () => {
    write(module, `sync("app", { A: v.a });`);
    await run("up");
    const [{ urn = "" } = {}] = await stage.project.state();
    await run("up", "--replace", urn);
    expect(stage.held()).toEqual({ APP_A: values.a });

    write(
      module,
      `new SnowflakeSecretSync("shop", {
        name: "app", secrets: { A: v.a }, destinationConfig: { database: "APP", schema: "SECRETS" },
        syncOptions: { initialSyncBehavior: "overwrite-destination", keySchema: "APP_{{secretKey}}" },
      }, { aliases: [{ name: "app" }] });`,
    );
    const renamed = await run("up");
    expect(renamed.writes).toEqual([]);
    expect(renamed.shown).not.toMatch(/created|deleted|replaced/);
    await run("destroy");
    expect(stage.held()).toEqual({});
  });

  it("a key whose value is undefined is an error and no removal", async () => {
    write(module, `sync("app", { A: v.a, B: v.b });`);
    await run("up");
    for (const nothing of ["undefined", 'require("@pulumi/pulumi").output(undefined)']) {
      write(module, `sync("app", { A: v.a, B: ${nothing} });`);
      const { code, shown } = await stage.project.up();
      expect(code, nothing).not.toBe(0);
      expect(shown).toContain("secrets.B: it has no value (undefined)");
      expect(stage.held()).toEqual({ APP_A: values.a, APP_B: values.b });
    }
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
      [`${output}({ A: v.a, B: ${text} })`]: "secrets.B: it has no value",
      '{ A: v.a, "": undefined }': "app: secrets: a key is empty. Give each secret a name.",
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

  it("ignoreChanges holds one key, and a value that is not known yet leaves the others known", async () => {
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
    expect(shown).toContain("app: 1 to alter, 1 known only in up, 1 unchanged");
    expect(shown).not.toMatch(/[~+-] A *:/);
    await run("up");
    expect(stage.held()).toMatchObject({ APP_A: values.a, APP_B: values.next, APP_C: "succeeded" });
  });
});

describe("a program that changes the module and nothing else", () => {
  it.each([
    [dynamicModule, pluginModule],
    [pluginModule, dynamicModule],
  ])("moves its syncs from %s to %s, and writes nothing", async (from, to) => {
    write(from, `sync("app", { A: v.a, B: v.b });`);
    await run("up");
    write(to, `sync("app", { A: v.a, B: v.b });`);
    const moved = await run("up");
    expect(moved.writes).toEqual([]);
    expect(moved.shown).not.toMatch(/created|deleted|replaced/);
    expect((await run("refresh")).writes).toEqual([]);
    write(to, `sync("app", { A: v.next });`);
    expect((await run("up")).writes.sort()).toEqual(["ALTER SECRET", "DROP SECRET"]);
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
