import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { plantValues } from "../support/pulumi/planted-values.js";
import { type PluginStage, startPluginStage } from "./plugin-stage.js";

const values = plantValues("a", "b", "next");

const args = (secrets: string, schema = "SECRETS") => `{
  secrets: ${secrets},
  destinationConfig: { database: "APP", schema: "${schema}" },
  syncOptions: { initialSyncBehavior: "overwrite-destination" },
}`;
type Build = (secrets: string, schema?: string) => string;
const inDynamic: Build = (secrets, schema) =>
  `new dynamic.SnowflakeSecretSync("app", ${args(secrets, schema)}, { aliases: [{ type: "snowflake-secrets:index:SnowflakeSecretSync" }] });`;
const inPlugin: Build = (secrets, schema) =>
  `new SnowflakeSecretSync("app", ${args(secrets, schema)}, { aliases: [{ type: "pulumi-nodejs:dynamic/snowflake:SnowflakeSecretSync" }] });`;

const first = `{ A: v.a, B: v.b }`;
const changed = `{ A: v.next }`;

describe("a sync that moves between the hosts", () => {
  let stage: PluginStage;
  beforeEach(async () => {
    stage = await startPluginStage({ plants: values });
  });
  afterEach(() => stage.stop());

  /** Runs the engine, and answers which statements changed something. */
  const run = async (command: "up" | "refresh" | "destroy", args: readonly string[] = []) => {
    stage.server.control.resetCounts();
    const { code, output } = await stage.project[command]({ args });
    expect(code, output).toBe(0);
    const writes = stage.server.control
      .statements()
      .map(({ kind }) => kind)
      .filter((kind) => / SECRET$/.test(kind));
    return { output, writes };
  };

  it("from the dynamic resource to the plugin changes nothing, and then lives there", async () => {
    stage.setProgram(inDynamic(first));
    await run("up");
    stage.setProgram(inPlugin(first));
    const moved = await run("up");
    expect(moved.writes).toEqual([]);
    expect(moved.output).toContain("2 unchanged");
    expect((await run("refresh")).writes).toEqual([]);
    stage.setProgram(inPlugin(changed));
    expect((await run("up")).writes.sort()).toEqual(["ALTER SECRET", "DROP SECRET"]);
    expect(stage.values()).toEqual({ A: values.next });
    await run("destroy");
    expect(stage.values()).toEqual({});
  });

  it("from the plugin to the dynamic resource is one update that only records, and then lives there", async () => {
    stage.setProgram(inPlugin(first));
    await run("up");
    stage.setProgram(inDynamic(first));
    const moved = await run("up");
    expect(moved.writes).toEqual([]);
    expect(moved.output).toContain("1 updated");
    expect((await run("refresh")).writes).toEqual([]);
    stage.setProgram(inDynamic(changed));
    expect((await run("up")).writes.sort()).toEqual(["ALTER SECRET", "DROP SECRET"]);
    await run("destroy");
    expect(stage.values()).toEqual({});
  });

  it("without an alias is written once more by its new place, and nothing of that goes", async () => {
    stage.setProgram(inDynamic(first));
    await run("up");
    stage.setProgram(`new SnowflakeSecretSync("app", ${args(first)});`);
    const moved = await run("up");
    expect(moved.writes).toEqual(["ALTER SECRET", "ALTER SECRET"]);
    expect(moved.output).toContain("1 created");
    expect(moved.output).toContain("1 deleted");
    expect(stage.values()).toEqual({ A: values.a, B: values.b });
    await run("destroy");
    expect(stage.values()).toEqual({});
  });

  it("there and back again is known as itself", async () => {
    stage.setProgram(inDynamic(first));
    await run("up");
    stage.setProgram(inPlugin(first));
    await run("up");
    stage.setProgram(inDynamic(first));
    expect((await run("up")).writes).toEqual([]);
    expect((await run("refresh")).writes).toEqual([]);
    await run("destroy");
    expect(stage.values()).toEqual({});
  });

  it.each([
    ["to the plugin", inDynamic, inPlugin],
    ["to the dynamic resource", inPlugin, inDynamic],
  ])(
    "%s into another schema in one up leaves that one filled, and the old one clean",
    async (_to, from, to) => {
      stage.server.control.createSchema("APP", "NEXT", { owner: stage.seed.role });
      stage.setProgram(from(first));
      await run("up");
      stage.setProgram(to(first, "NEXT"));
      await run("up");
      expect(stage.values("NEXT")).toEqual({ A: values.a, B: values.b });
      expect(stage.values()).toEqual({});
      await run("destroy");
      expect(stage.values("NEXT")).toEqual({});
    },
  );

  it.each([
    ["to the plugin", inDynamic, inPlugin],
    ["to the dynamic resource", inPlugin, inDynamic],
  ])("%s and is replaced in the same up keeps what the successor wrote", async (_to, from, to) => {
    stage.setProgram(from(first));
    await run("up");
    // Into the schema where it stands: what the successor wrote there is not the old one's to drop.
    const [{ urn = "" } = {}] = await stage.project.state();
    const taint = await stage.project.pulumi(["state", "taint", urn, "--yes", "--non-interactive"]);
    expect(taint.code, taint.output).toBe(0);
    stage.setProgram(to(first));
    const moved = await run("up");
    expect(moved.output).toContain("1 replaced");
    expect(stage.values()).toEqual({ A: values.a, B: values.b });
    await run("destroy");
    expect(stage.values()).toEqual({});
  });
});
