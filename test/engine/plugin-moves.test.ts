import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { atNight } from "../support/nightly.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { type Stage, startStage } from "./stage.js";

const values = plantValues("a", "b");

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

const directions: readonly (readonly [string, Build, Build])[] = [
  ["to the plugin", inDynamic, inPlugin],
  ...atNight(["to the dynamic resource", inPlugin, inDynamic]),
];

const first = `{ A: v.a, B: v.b }`;

describe("a sync that moves between the hosts", () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await startStage("plugin", values);
  });
  afterEach(() => stage.stop());

  it("without an alias is written once more by its new place, and nothing of that goes", async () => {
    stage.setProgram(inDynamic(first));
    await stage.run("up");
    stage.setProgram(`new SnowflakeSecretSync("app", ${args(first)});`);
    const moved = await stage.run("up");
    expect(moved.writes).toEqual(["ALTER SECRET", "ALTER SECRET"]);
    expect(moved.output).toContain("1 created");
    expect(moved.output).toContain("1 deleted");
    expect(stage.held()).toEqual({ A: values.a, B: values.b });
    await stage.run("destroy");
    expect(stage.held()).toEqual({});
  });

  it.each(directions)(
    "%s into another schema in one up leaves that one filled, and the old one clean",
    async (_to, from, to) => {
      stage.server.control.createSchema("APP", "NEXT", { owner: stage.seed.role });
      stage.setProgram(from(first));
      await stage.run("up");
      stage.setProgram(to(first, "NEXT"));
      await stage.run("up");
      expect(stage.held("NEXT")).toEqual({ A: values.a, B: values.b });
      expect(stage.held()).toEqual({});
      await stage.run("destroy");
      expect(stage.held("NEXT")).toEqual({});
    },
  );

  it.each(directions)(
    "%s and is replaced in the same up keeps what the successor wrote",
    async (_to, from, to) => {
      stage.setProgram(from(first));
      await stage.run("up");
      // Into the schema where it stands: what the successor wrote there is not the old one's to drop.
      const [{ urn = "" } = {}] = await stage.project.state();
      const taint = await stage.project.pulumi(["state", "taint", urn, "--yes", "--non-interactive"]);
      expect(taint.code, taint.output).toBe(0);
      stage.setProgram(to(first));
      const moved = await stage.run("up");
      expect(moved.output).toContain("1 replaced");
      expect(stage.held()).toEqual({ A: values.a, B: values.b });
      await stage.run("destroy");
      expect(stage.held()).toEqual({});
    },
  );
});
