import { describe, expect, it } from "vitest";
import { unknownValue } from "../../../provider/engine/unknown.js";
import { findExcess, parseEnginePlan } from "../../../sdk/cli/plan-guard.js";

const urn = "urn:pulumi:dev::p::pulumi-nodejs:dynamic/snowflake:SnowflakeSecretSync::app";
const stackUrn = "urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev";
const allowance = {
  urn,
  recorded: { A: "1", B: "1" },
  wanted: { A: "2", B: "1", constructor: "3" },
  programKeys: new Set(["B"]),
  protect: false,
};

interface Diff {
  adds?: object;
  deletes?: string[];
  updates?: object;
}

function judge(
  plans: Record<string, { steps?: string[]; inputDiff?: Diff; outputDiff?: Diff; protect?: boolean }>,
) {
  const resourcePlans = Object.fromEntries(
    Object.entries(plans).map(
      ([name, { steps = ["same"], inputDiff = {}, outputDiff = {}, protect = false }]) => [
        name,
        { steps, goal: { type: "t", inputDiff, outputDiff, protect } },
      ],
    ),
  );
  return findExcess(parseEnginePlan(JSON.stringify({ manifest: {}, resourcePlans })), [allowance]);
}

const update = (secrets: object) => ({ [urn]: { steps: ["update"], inputDiff: { updates: { secrets } } } });

describe("the guard of auto-sync", () => {
  it("lets pass exactly what the sources have, an update without a change, and what stays as recorded", () => {
    expect(judge(update({ A: "2", B: "1", constructor: "3" }))).toEqual([]);
    expect(judge({ [urn]: { steps: ["update"] } })).toEqual([]);
    expect(judge(update({ A: "1", B: "1", constructor: "3" }))).toEqual([]);
    expect(judge({ [urn]: { steps: ["same"] }, [stackUrn]: {} })).toEqual([]);
  });

  it("refuses a key with another fingerprint, a new key and a missing one", () => {
    const excess = judge(update({ A: "7", C: "1", constructor: "3" }));
    expect(excess.map(({ text }) => text.split(" ")[1])).toEqual(["secrets.A", "secrets.C", "secrets.B"]);
  });

  it("lets pass the names that follow from the keys", () => {
    const inputDiff = { updates: { secretIds: { A: '"D"."S"."A"' } } };
    expect(judge({ [urn]: { steps: ["update"], inputDiff } })).toEqual([]);
  });

  it("refuses any other input, however it changes", () => {
    expect(judge({ [urn]: { steps: ["update"], inputDiff: { adds: { connection: {} } } } })).toHaveLength(1);
    expect(judge({ [urn]: { steps: ["update"], inputDiff: { deletes: ["description"] } } })).toHaveLength(1);
    expect(
      judge({ [urn]: { steps: ["update"], inputDiff: { updates: { fingerprintKey: {} } } } }),
    ).toHaveLength(1);
    expect(judge({ [urn]: { steps: ["update"], inputDiff: { deletes: ["secrets"] } } })).toHaveLength(2);
    expect(judge({ [urn]: { steps: ["same"], protect: true } })).toEqual([
      { reason: "argument", text: "app: protect differs from the last deployment" },
    ]);
  });

  it("refuses every other step, on a sync and on anything else", () => {
    for (const steps of [["create"], ["delete"], ["replace", "create-replacement", "delete-replaced"]]) {
      expect(judge({ [urn]: { steps } })).toHaveLength(1);
    }
    expect(judge({ [`${stackUrn}x`]: { steps: ["update"] } })).toHaveLength(1);
  });

  it("says what would be done, that the config changed, and which values are the program's", () => {
    const provider = (name: string) => `urn:pulumi:dev::p::pulumi:providers:snowflake-secrets::${name}`;
    const byConfig =
      "the stack's config has changed since the last deployment (the default provider would be updated)";
    const replace = ["replace", "create-replacement", "delete-replaced"];
    expect(judge({ [provider("default")]: { steps: ["update"] } })).toEqual([
      { reason: "config", text: byConfig },
    ]);
    expect(judge({ [provider("default_1_0_0")]: { steps: ["update"] } })).toEqual([
      { reason: "config", text: byConfig },
    ]);
    expect(judge({ [provider("default-eu")]: { steps: ["update"] } })).toEqual([
      { reason: "resource", text: "the provider default-eu would be updated" },
    ]);
    expect(judge({ [`${stackUrn}x`]: { steps: ["create"] } })).toEqual([
      { reason: "resource", text: "p-devx would be created" },
    ]);
    expect(judge({ [`${stackUrn}x`]: { steps: replace } })).toEqual([
      { reason: "resource", text: "p-devx would be replaced" },
    ]);
    expect(judge(update({ A: "7", B: "7", constructor: "3" }))).toEqual([
      { reason: "secret", text: "app: secrets.A is neither as deployed nor as in the sources" },
      {
        reason: "secret",
        text: "app: secrets.B has another value in the program, which only `pulumi up` writes",
      },
    ]);
  });

  it("refuses outputs of the stack that come from the program, and lets pass those that the sync makes", () => {
    expect(
      judge({ [stackUrn]: { outputDiff: { updates: { at: unknownValue, deep: { x: unknownValue } } } } }),
    ).toEqual([]);
    expect(judge({ [stackUrn]: { outputDiff: { adds: { at: unknownValue } } } })).toEqual([]);
    const known = { adds: { a: 1 }, deletes: ["b"], updates: { c: 2 } };
    const excess = judge({ [stackUrn]: { outputDiff: known } });
    expect(excess.map(({ reason }) => reason)).toEqual(["output", "output", "output"]);
  });

  it("proves nothing from a plan of another form", () => {
    expect(() => parseEnginePlan("{}")).toThrow();
    expect(() => parseEnginePlan("not json")).toThrow();
    const plan = parseEnginePlan(JSON.stringify({ resourcePlans: { [urn]: { steps: ["update"] } } }));
    expect(findExcess(plan, [allowance])).toEqual([
      { reason: "resource", text: "app: the plan does not say how it would change" },
    ]);
  });
});
