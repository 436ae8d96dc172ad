import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deriveOwnerId } from "../../provider/engine/ownership.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { type PluginStage, startPluginStage } from "./plugin-stage.js";
import { type SyncStage, startSyncStage } from "./sync-stage.js";

const values = plantValues("a", "b");

const components = `
class Group extends pulumi.ComponentResource {
  constructor(type, name, opts) { super(type, name, {}, opts); }
}
const one = new Group("test:index:One", "one");
const two = new Group("test:index:Two", "two", { parent: one });
const sync = (type, value, key, opts) => new type("app", {
  secrets: { [key]: value },
  destinationConfig: { database: "APP", schema: "SECRETS" },
  syncOptions: { initialSyncBehavior: "preserve-destination" },
}, opts);
`;

const ownerIds = (types: readonly string[]) =>
  types.map((parentTypes) =>
    deriveOwnerId({
      organization: "organization",
      project: "shop",
      stack: "dev",
      parentTypes,
      type: "SnowflakeSecretSync",
      name: "app",
    }),
  );
const types = ["test:index:One", "test:index:One$test:index:Two", ""];

const isSync = ({ type }: { readonly type: string }) => type.endsWith("SecretSync");

describe("resources of one name under parents of several types", () => {
  describe("in a program of dynamic resources", () => {
    let stage: SyncStage;
    beforeAll(async () => {
      stage = await startSyncStage({ plants: values });
    });
    afterAll(() => stage.stop());

    it("have owner ids of their own, and depend on no parent", async () => {
      stage.setProgram(`${components}
sync(SnowflakeSecretSync, v.a, "A", { parent: one });
sync(SnowflakeSecretSync, v.b, "B", { parent: two });
sync(SnowflakeSecretSync, v.b, "C");`);
      for (const changes of ["6 created", "unchanged"]) {
        const { code, output } = await stage.project.up();
        expect(code, output).toBe(0);
        expect(output).toContain(changes);
      }
      const kept = (await stage.project.state()).filter(isSync);
      expect(kept.map(({ outputs }) => outputs?.ownerId).sort()).toEqual(ownerIds(types).sort());
      const { deployment } = await stage.project.exportStack();
      const dependencies = (deployment.resources ?? [])
        .filter(isSync)
        .map((resource) => resource.dependencies ?? []);
      expect(dependencies).toEqual([[], [], []]);
      expect(stage.values()).toEqual({ A: values.a, B: values.b, C: values.b });
    });
  });

  describe("in a program of the plugin, each with a Provider", () => {
    let stage: PluginStage;
    beforeAll(async () => {
      stage = await startPluginStage({ plants: values });
    });
    afterAll(() => stage.stop());

    const providers = `const [p, q] = ["p", "q"].map((name) => new Provider(name, { account: "${"{account}"}" }));`;

    it("have the same owner ids as there", async () => {
      stage.setProgram(`${components}${providers.replace("{account}", stage.server.account)}
sync(SnowflakeSecretSync, v.a, "A", { parent: one, provider: p });
sync(SnowflakeSecretSync, v.b, "B", { parent: two, provider: q });
sync(SnowflakeSecretSync, v.b, "C");`);
      for (const changes of ["created", "unchanged"]) {
        const { code, output } = await stage.project.up();
        expect(code, output).toBe(0);
        expect(output).toContain(changes);
      }
      const kept = (await stage.project.state()).filter(isSync);
      expect(kept.map(({ outputs }) => outputs?.ownerId).sort()).toEqual(ownerIds(types).sort());
      expect(stage.values()).toEqual({ A: values.a, B: values.b, C: values.b });
    });

    it("are refused where one was renamed and another Provider has a new one of its former name", async () => {
      stage.setProgram(`${components}${providers.replace("{account}", stage.server.account)}
sync(SnowflakeSecretSync, v.a, "A", { parent: one, provider: p });
sync(SnowflakeSecretSync, v.b, "B", { parent: two, provider: q });
new SnowflakeSecretSync("renamed", {
  secrets: { C: v.b },
  destinationConfig: { database: "APP", schema: "SECRETS" },
  syncOptions: { initialSyncBehavior: "preserve-destination" },
}, { aliases: [{ name: "app" }] });
sync(SnowflakeSecretSync, v.a, "C", { provider: p });`);
      const { code, output } = await stage.project.up();
      expect(code).not.toBe(0);
      expect(output).toContain("two resources have the same owner id");
      expect(stage.values()).toEqual({ A: values.a, B: values.b, C: values.b });
    });
  });
});
