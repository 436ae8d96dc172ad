import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { plantValues } from "../support/pulumi/planted-values.js";
import { type Stage, startStage } from "./stage.js";

/** Names that every JavaScript object answers to, or that make a promise or an output of it. */
const builtInNames = [
  "toString",
  "valueOf",
  "then",
  "catch",
  "constructor",
  "hasOwnProperty",
  "toJSON",
  "toLocaleString",
  "isPrototypeOf",
  "apply",
  "get",
  "length",
  "__pulumiOutput",
];
const builtInValues = plantValues(...builtInNames);
const others = plantValues("first", "second", "other");

const declare = (secrets: string) =>
  `const app = new SnowflakeSecretSync("app", {
  secrets: ${secrets},
  destinationConfig: { database: "APP", schema: "SECRETS" },
  syncOptions: { initialSyncBehavior: "overwrite-destination" },
});
exports.message = app.lastSyncMessage;
exports.status = app.syncStatus;`;

describe("a sync in a program", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage("dynamic", { ...builtInValues, ...others });
  });
  afterAll(() => stage.stop());

  it.each([
    ["in the program", (map: string) => map],
    ["in a promise", (map: string) => `Promise.resolve(${map})`],
    ["in an output", (map: string) => `pulumi.output(${map})`],
    ["beside outputs", (map: string) => `{ ...${map}, OTHER: pulumi.output(v.other) }`],
  ])("carries keys with the names of built-in properties: %s", async (_, wrap) => {
    stage.setProgram(declare(wrap(JSON.stringify(builtInValues))));
    await stage.run("up");
    expect(stage.held()).toMatchObject(builtInValues);
  });

  it("refuses __proto__, by the names of resource and key", async () => {
    stage.setProgram(declare(`JSON.parse('{"__proto__": "x"}')`));
    const { code, output } = await stage.project.preview();
    expect(code).not.toBe(0);
    expect(output).toContain(
      'app: secrets: the key "__proto__" cannot be kept in a Pulumi state. Rename it.',
    );
  });

  it("shows no output as unknown in the preview of an update", async () => {
    stage.setProgram(declare("{ A: v.first }"));
    await stage.run("up");
    stage.setProgram(declare("{ A: v.second }"));
    const { output } = await stage.project.preview();
    expect(output).toContain("~ A:");
    expect(output).not.toContain("[unknown]");
    await stage.run("up");
  });

  it("is told by a refresh what it found", async () => {
    stage.server.control.dropSecret("APP", "SECRETS", "A");
    const { output } = await stage.run("refresh");
    expect(output).toContain(
      'warning: app: drift in "APP"."SECRETS": "A" is missing (dropped, or now owned by a role this connection cannot see). `pulumi up` creates it again.',
    );
    await stage.run("up");
  });

  it("that fails leaves a sentence under the stack, not a bare code", async () => {
    stage.server.control.setPassword(stage.seed.username, "changed");
    const operations = {
      read: await stage.project.refresh(),
      delete: await stage.project.destroy(),
    };
    for (const [hook, { code, output }] of Object.entries(operations)) {
      expect(code).not.toBe(0);
      expect(output).toContain(`app: ${hook} failed: [AUTHENTICATION_FAILED], see the error at the resource`);
      expect(output).toContain("error: ");
      expect(output).not.toMatch(/\]: *$/m);
    }
  });
});
