import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deriveOwnerId } from "../../provider/engine/ownership.js";
import { inHosts } from "../support/nightly.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { type Stage, startStage } from "./stage.js";

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

describe.each(inHosts("dynamic"))(
  "resources of one name under parents of several types, in the host %s",
  (host) => {
    let stage: Stage;
    beforeAll(async () => {
      stage = await startStage(host, values);
    });
    afterAll(() => stage.stop());

    // In the plugin each is served by a process of its own: there is one for each Provider.
    const provider = (name: string) => (host === "plugin" ? `, provider: ${name}` : "");
    const build = (more: string) => `${components}${
      host === "plugin"
        ? `const [p, q] = ["p", "q"].map((name) => new Provider(name, { account: "${stage.server.account}" }));`
        : ""
    }
sync(SnowflakeSecretSync, v.a, "A", { parent: one${provider("p")} });
sync(SnowflakeSecretSync, v.b, "B", { parent: two${provider("q")} });
${more}`;

    it("have owner ids of their own, the same in both hosts, and depend on no parent", async () => {
      stage.setProgram(build('sync(SnowflakeSecretSync, v.b, "C");'));
      expect((await stage.run("up")).output).toContain("created");
      expect((await stage.run("up")).output).toContain("unchanged");
      const kept = (await stage.project.state()).filter(isSync);
      expect(kept.map(({ outputs }) => outputs?.ownerId).sort()).toEqual(ownerIds(types).sort());
      const { deployment } = await stage.project.exportStack();
      const dependencies = (deployment.resources ?? [])
        .filter(isSync)
        .map(({ dependencies = [] }) => dependencies);
      expect(dependencies).toEqual([[], [], []]);
      expect(stage.held()).toEqual({ A: values.a, B: values.b, C: values.b });
    });

    it("are refused where one was renamed and a new one has its former name", async () => {
      stage.setProgram(
        build(`const renamed = new SnowflakeSecretSync("renamed", {
  secrets: { C: v.b },
  destinationConfig: { database: "APP", schema: "SECRETS" },
  syncOptions: { initialSyncBehavior: "preserve-destination" },
}, { aliases: [{ name: "app" }] });
sync(SnowflakeSecretSync, v.a, "C", { dependsOn: [renamed]${provider("p")} });`),
      );
      const { code, output } = await stage.project.up();
      expect(code).not.toBe(0);
      expect(output).toContain("two resources have the same owner id");
      expect(stage.held()).toEqual({ A: values.a, B: values.b, C: values.b });
    });
  },
);
