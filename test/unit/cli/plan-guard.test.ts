import { describe, expect, it } from "vitest";
import { unknownValue } from "../../../provider/engine/unknown.js";
import { type Excess, findExcess, parseEnginePlan } from "../../../sdk/cli/plan-guard.js";

const urn = "urn:pulumi:dev::p::pulumi-nodejs:dynamic/snowflake:SnowflakeSecretSync::app";
const provider = (name: string) => `urn:pulumi:dev::p::pulumi:providers:snowflake-secrets::${name}`;
const replace = ["replace", "create-replacement", "delete-replaced"];
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

type Plans = Record<string, { steps?: string[]; inputDiff?: Diff; outputDiff?: Diff; protect?: boolean }>;

function judge(plans: Plans) {
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

const update = (inputDiff: Diff) => ({ [urn]: { steps: ["update"], inputDiff } });
const updateSecrets = (secrets: object) => update({ updates: { secrets } });

describe("the guard of auto-sync", () => {
  it.each([
    ["what the sources have", updateSecrets({ A: "2", B: "1", constructor: "3" })],
    ["what stays as recorded", updateSecrets({ A: "1", B: "1", constructor: "3" })],
    ["an update without a change", { [urn]: { steps: ["update"] } }],
    ["nothing", { [urn]: { steps: ["same"] }, [stackUrn]: {} }],
    ["the names that follow from the keys", update({ updates: { secretIds: { A: '"D"."S"."A"' } } })],
  ])("lets pass %s", (_, plans) => {
    expect(judge(plans)).toEqual([]);
  });

  it("refuses a key with another fingerprint, a new key and a missing one", () => {
    const excess = judge(updateSecrets({ A: "7", C: "1", constructor: "3" }));
    expect(excess.map(({ text }) => text.split(" ")[1])).toEqual(["secrets.A", "secrets.C", "secrets.B"]);
  });

  it.each<[string, Plans, times: number]>([
    ["an argument that is added", update({ adds: { connection: {} } }), 1],
    ["an argument that is removed", update({ deletes: ["description"] }), 1],
    ["another argument that changes", update({ updates: { fingerprintKey: {} } }), 1],
    ["the removal of all secrets", update({ deletes: ["secrets"] }), 2],
    ["a creation of a sync", { [urn]: { steps: ["create"] } }, 1],
    ["a deletion of a sync", { [urn]: { steps: ["delete"] } }, 1],
    ["a replacement of a sync", { [urn]: { steps: replace } }, 1],
    ["an update of anything else", { [`${stackUrn}x`]: { steps: ["update"] } }, 1],
  ])("refuses %s", (_, plans, times) => {
    expect(judge(plans)).toHaveLength(times);
  });

  const byConfig =
    "the stack's config has changed since the last deployment (the default provider would be updated)";
  it.each<[Excess["reason"], texts: string[], Plans]>([
    ["argument", ["app: protect differs from the last deployment"], { [urn]: { protect: true } }],
    ["config", [byConfig], { [provider("default")]: { steps: ["update"] } }],
    ["config", [byConfig], { [provider("default_1_0_0")]: { steps: ["update"] } }],
    [
      "resource",
      ["the provider default-eu would be updated"],
      { [provider("default-eu")]: { steps: ["update"] } },
    ],
    ["resource", ["p-devx would be created"], { [`${stackUrn}x`]: { steps: ["create"] } }],
    ["resource", ["p-devx would be replaced"], { [`${stackUrn}x`]: { steps: replace } }],
    [
      "secret",
      [
        "app: secrets.A is neither as deployed nor as in the sources",
        "app: secrets.B has another value in the program, which only `pulumi up` writes",
      ],
      updateSecrets({ A: "7", B: "7", constructor: "3" }),
    ],
  ])("gives as its reason %s: %j", (reason, texts, plans) => {
    expect(judge(plans)).toEqual(texts.map((text) => ({ reason, text })));
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
