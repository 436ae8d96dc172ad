import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { plantValues } from "../support/pulumi/planted-values.js";
import { type SyncStage, startSyncStage } from "./sync-stage.js";

const values = plantValues(
  "a1",
  "a2",
  "a3",
  "a4",
  "a5",
  "a6",
  "b1",
  "b2",
  "c2",
  "d3",
  "e",
  "k1",
  "k2",
  "p1",
  "p2",
  "p3",
);

const args = (more = "", schema = "SECRETS") => `
  destinationConfig: { database: "APP", schema: "${schema}" },
  syncOptions: { initialSyncBehavior: "preserve-destination", keySchema: "APP_{{secretKey}}" },
  ${more}`;

const sync = (secrets: string, options = "{}", more = "") =>
  `new SnowflakeSecretSync("app", { secrets: ${secrets}, ${args(more)} }, ${options});`;

/** A resource of the program whose output is known only in `up`; creating it makes the schema of that URL's server. */
const maker = `
class Maker extends pulumi.dynamic.Resource {
  constructor(name, props) {
    super({ create: async ({ url }) => ({ id: "made", outs: { out: await (await fetch(url)).text() } }) }, name, { out: undefined, ...props });
  }
}`;

/** Makes schema APP.OWN when asked to, as a Snowflake provider in the same stack would. */
async function startSchemaMaker({ server, seed }: SyncStage) {
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

describe("the engine's own options with SnowflakeSecretSync", () => {
  let stage: SyncStage;
  const up = async (...flags: string[]) => {
    const result = await stage.project.up({ args: flags });
    expect(result.code, result.output).toBe(0);
    return result.output;
  };
  beforeAll(async () => {
    stage = await startSyncStage({ plants: values });
  });
  afterAll(() => stage.stop());

  it("previews and brings up in one go a stack that makes its own schema, with values that other resources put out", async () => {
    const schemaMaker = await startSchemaMaker(stage);
    stage.setProgram(`${maker}
const made = new Maker("made", { url: "${schemaMaker.url}" });
new SnowflakeSecretSync("own", { secrets: { FROM_RESOURCE: made.out, PLAIN: "plain" }, ${args("", "OWN")} }, { dependsOn: made });
new SnowflakeSecretSync("late", { secrets: made.out.apply((value) => ({ LATE: value })), ${args("", "OWN").replace("APP_{{", "LATE_{{")} }, { dependsOn: made });`);
    const preview = await stage.project.preview();
    expect(preview.code, preview.output).toBe(0);
    expect(preview.output).toContain("warning: own: [NOT_FOUND]");
    expect(preview.output).toMatch(/secrets +: \{\n +FROM_RESOURCE: \[unknown\]\n +PLAIN +: "[0-9a-f]{32}"/);
    expect(preview.output).toMatch(/secrets +: \[unknown\]/);
    await up();
    expect(stage.values("OWN")).toEqual({
      APP_FROM_RESOURCE: "made-by-up",
      APP_PLAIN: "plain",
      LATE_LATE: "made-by-up",
    });
    expect((await stage.project.destroy()).code).toBe(0);
    expect(stage.values("OWN")).toEqual({});
    schemaMaker.stop();
  });

  it("leaves a key, or all of them, under ignoreChanges", async () => {
    stage.setProgram(sync(`{ A: v.a1, B: v.b1 }`));
    await up();
    stage.setProgram(sync(`{ A: v.a2, B: v.b2, C: v.c2 }`, `{ ignoreChanges: ["secrets.A"] }`));
    await up();
    expect(stage.values()).toEqual({ APP_A: values.a1, APP_B: values.b2, APP_C: values.c2 });
    stage.setProgram(sync(`{ A: v.a3, D: v.d3 }`, `{ ignoreChanges: ["secrets"] }`));
    await up();
    expect(stage.values()).toEqual({ APP_A: values.a1, APP_B: values.b2, APP_C: values.c2 });
    stage.setProgram(sync(`{ A: v.a3, D: v.d3 }`));
    await up();
    expect(stage.values()).toEqual({ APP_A: values.a3, APP_D: values.d3 });
  });

  it("refuses a replacement that would write what ignoreChanges holds back: a key, or all of them", async () => {
    const before = stage.values();
    for (const path of ["secrets.A", "secrets"]) {
      stage.setProgram(
        `new SnowflakeSecretSync("app", { secrets: { A: v.a4, D: v.d3 }, ${args("", "OWN")} }, { ignoreChanges: ["${path}"] });`,
      );
      const { code, output } = await stage.project.up();
      expect(code).not.toBe(0);
      expect(output).toContain('[INVALID_INPUT] the replacement cannot keep what ignoreChanges ignores: "A"');
    }
    expect(stage.values()).toEqual(before);
    expect(stage.values("OWN")).toEqual({});
    stage.setProgram(sync(`{ A: v.a3, D: v.d3 }`));
    await up();
  });

  it("replaces in the same schema without dropping what the successor wrote", async () => {
    const urn =
      (await stage.project.state()).find(({ type }) => type.endsWith("SnowflakeSecretSync"))?.urn ?? "";
    await up("--replace", urn);
    expect(stage.values()).toEqual({ APP_A: values.a3, APP_D: values.d3 });
    stage.setProgram(sync(`{ A: v.a4, D: v.d3 }`, `{ replaceOnChanges: ["secrets"] }`));
    await up();
    expect(stage.values()).toEqual({ APP_A: values.a4, APP_D: values.d3 });
    stage.setProgram(
      sync(`{ A: v.a5, D: v.d3 }`, `{ replaceOnChanges: ["secrets"], deleteBeforeReplace: true }`),
    );
    await up();
    expect(stage.values()).toEqual({ APP_A: values.a5, APP_D: values.d3 });
  });

  it("keeps owner and secrets through a rename with an alias", async () => {
    const createdOn = stage.server.control.secret("APP", "SECRETS", "APP_A")?.createdOn;
    stage.setProgram(
      `new SnowflakeSecretSync("renamed", { name: "app", secrets: { A: v.a5, D: v.d3 }, ${args()} }, { aliases: [{ name: "app" }] });`,
    );
    await up();
    expect(stage.server.control.secret("APP", "SECRETS", "APP_A")).toMatchObject({
      value: values.a5,
      createdOn,
    });
    // The former name is free for a resource of its own, but not for the same identity.
    stage.setProgram(
      `new SnowflakeSecretSync("renamed", { name: "app", secrets: { A: v.a5, D: v.d3 }, ${args()} }, { aliases: [{ name: "app" }] });
       new SnowflakeSecretSync("app", { secrets: { E: v.e }, ${args().replace("APP_{{", "OTHER_{{")} });`,
    );
    const refused = await stage.project.up();
    expect(refused.output).toContain("two resources have the same owner id");
    stage.setProgram(
      `new SnowflakeSecretSync("renamed", { name: "app", secrets: { A: v.a5, D: v.d3 }, ${args()} }, { aliases: [{ name: "app" }] });`,
    );
  });

  it("touches only the targets, and several syncs stand side by side", async () => {
    const two = (a: string, b: string) =>
      `new SnowflakeSecretSync("renamed", { name: "app", secrets: { A: ${a}, D: v.d3 }, ${args()} }, { aliases: [{ name: "app" }] });
       new SnowflakeSecretSync("second", { secrets: { K: ${b} }, ${args().replace("APP_{{", "SECOND_{{")} });`;
    stage.setProgram(two("v.a5", "v.k1"));
    await up();
    stage.setProgram(two("v.a6", "v.k2"));
    const urn =
      (await stage.project.state()).find((resource) => resource.urn.endsWith("::second"))?.urn ?? "";
    await up("--target", urn);
    expect(stage.values()).toEqual({ APP_A: values.a5, APP_D: values.d3, SECOND_K: values.k2 });
    await up();
    expect(stage.values()).toEqual({ APP_A: values.a6, APP_D: values.d3, SECOND_K: values.k2 });
  });

  it("does not remove what is protected, and leaves behind what is retained", async () => {
    const options = (o: string) =>
      `new SnowflakeSecretSync("second", { secrets: { K: v.k2 }, ${args().replace("APP_{{", "SECOND_{{")} }, ${o});`;
    stage.setProgram(options("{ protect: true }"));
    await up();
    expect(stage.values()).toEqual({ SECOND_K: values.k2 });
    stage.setProgram("");
    expect((await stage.project.up()).code).not.toBe(0);
    expect(stage.values()).toEqual({ SECOND_K: values.k2 });
    stage.setProgram(options("{ retainOnDelete: true }"));
    await up();
    stage.setProgram("");
    await up();
    expect(stage.values()).toEqual({ SECOND_K: values.k2 });
    // The same place in the program is the same owner: it finds its own again.
    stage.setProgram(options("{}"));
    await up();
    stage.setProgram("");
    await up();
    expect(stage.values()).toEqual({});
  });

  it("follows a saved plan, also of a first creation when fingerprintKey is given", async () => {
    stage.setProgram(sync(`{ A: v.p1 }`, "{}", `fingerprintKey: "a key that the team keeps to itself",`));
    const plan = `${stage.project.folder}/plan.json`;
    expect((await stage.project.preview({ args: ["--save-plan", plan] })).code).toBe(0);
    await up("--plan", plan);
    expect(stage.values()).toEqual({ APP_A: values.p1 });
    stage.setProgram(sync(`{ A: v.p2 }`, "{}", `fingerprintKey: "a key that the team keeps to itself",`));
    expect((await stage.project.preview({ args: ["--save-plan", plan] })).code).toBe(0);
    stage.setProgram(sync(`{ A: v.p3 }`, "{}", `fingerprintKey: "a key that the team keeps to itself",`));
    const refused = await stage.project.up({ args: ["--plan", plan] });
    expect(refused.code).not.toBe(0);
    expect(stage.values()).toEqual({ APP_A: values.p1 });
  });

  it("names a bad argument by its path and prints no value", async () => {
    stage.setProgram(
      `new SnowflakeSecretSync("app", { secrets: { A: undefined }, connection: { user: "u", pasword: "planted-in-a-typo" },
        destinationConfig: { database: "APP", schema: "" }, syncOptions: { initialSyncBehavior: "import-prioritize-source", keySchema: "APP" } });`,
    );
    const { code, output } = await stage.project.preview();
    expect(code).not.toBe(0);
    expect(output).toContain("secrets.A: it has no value");
    expect(output).toContain("destinationConfig.schema: must be the exact name; it is empty.");
    expect(output).toContain("syncOptions.initialSyncBehavior: importing is impossible");
    expect(output).toContain("syncOptions.keySchema: it holds {{secretKey}} 0 times");
    expect(output).toContain("connection.pasword");
    expect(output).not.toContain("planted-in-a-typo");
  });
});
