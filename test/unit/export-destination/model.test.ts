import fc from "fast-check";
import { it, vi } from "vitest";
import { isNightly } from "../../support/nightly.js";
import { OutsideInMemory } from "./model-outside.js";
import { Scenario } from "./model-scenario.js";
import { type Step, step } from "./model-steps.js";

/** How many lives: the same in each `npm test`, others each night; a printed seed repeats them. */
const numRuns = Number(process.env.EXPORT_MODEL_RUNS ?? (isNightly ? 10_000 : 1_700));
const seed = Number(process.env.EXPORT_MODEL_SEED ?? (isNightly ? Date.now() % 2 ** 31 : 33));

const { outside } = vi.hoisted(() => ({ outside: {} as { current: OutsideInMemory } }));

vi.mock("../../../provider/aws/with-aws.js", () => ({
  withAws: async (_settings: unknown, work: (aws: unknown) => Promise<unknown>) => work(outside.current.aws),
}));
vi.mock("../../../provider/export-destination/credentials/index.js", async (original) => ({
  ...(await original<object>()),
  probeCredentials: (credentials: object) => outside.current.probe(credentials),
}));

async function live(steps: readonly Step[]): Promise<void> {
  outside.current = new OutsideInMemory();
  const scenario = new Scenario(outside.current);
  for (const each of steps) await scenario.run(each);
  await scenario.finish();
}

const up: Step = { do: "up" };
const cutOff = { do: "up, cut off", dies: false, losesState: false } as const;

/** What the model found, made short by it. */
const found: readonly [what: string, ...steps: Step[]][] = [
  [
    "a disconnect that is cut off after it freed the claim, and then an up",
    up,
    { do: "destroy, cut off", skip: 10, when: "after", dies: false, losesState: false },
    up,
  ],
  [
    "a disconnect that is cut off after it freed the claim, and then an up that is cut off, too",
    up,
    { do: "destroy, cut off", skip: 10, when: "after", dies: false, losesState: false },
    { ...cutOff, skip: 9, when: "after" },
    up,
  ],
  [
    "another value in the secret, twice",
    up,
    { do: "interfere", what: "put a value" },
    up,
    { do: "interfere", what: "put a value" },
    up,
  ],
  [
    "another value in the secret, whose label is then moved back, and that then gets another value",
    up,
    { do: "interfere", what: "put a value" },
    up,
    { do: "interfere", what: "move the secret's label back" },
    { do: "interfere", what: "put a value" },
    up,
  ],
  [
    "two deployments that die, and another name",
    { ...cutOff, skip: 10, when: "after", dies: true },
    { do: "edit", to: { name: "sales" } },
    { ...cutOff, skip: 8, when: "after", dies: true },
    up,
  ],
  [
    "a deployment that is cut off in its last call, a log-in that fails, and a destroy",
    { ...cutOff, skip: 12, when: "after" },
    { ...cutOff, skip: 2, when: "before" },
    { do: "destroy" },
    { do: "rename" },
    up,
  ],
  [
    "refused credentials, a deployment with others that dies, and a destroy",
    { do: "edit", to: { credential: "bad-1" } },
    up,
    { do: "edit", to: { credential: "good-1" } },
    { ...cutOff, skip: 11, when: "after", dies: true },
    { do: "destroy" },
    { do: "rename" },
    up,
  ],
  [
    "a deployment under a fixed id that is cut off, and another type under the same id",
    { do: "edit", to: { destinationId: "fixed-1" } },
    { ...cutOff, skip: 4, when: "before" },
    { do: "edit", to: { type: "qlik" } },
    up,
  ],
  [
    "two deployments that are cut off, and other names of the resource",
    { ...cutOff, skip: 7, when: "before" },
    { do: "edit", to: { name: "sales" } },
    { do: "rename" },
    { ...cutOff, skip: 8, when: "after" },
    { do: "rename" },
    { ...cutOff, skip: 0, when: "before" },
  ],
  [
    "a run that holds the old secret, a claim that is set back, and other credentials",
    up,
    { do: "run" },
    { do: "edit", to: { credential: "good-2" } },
    up,
    { do: "interfere", what: "move the claim's label back" },
    { do: "edit", to: { credential: "good-3" } },
    up,
  ],
  [
    "an old secret that is retained, and a claim that is set back",
    up,
    { do: "edit", to: { credential: "good-3", retainOnDelete: true } },
    up,
    { do: "interfere", what: "move the claim's label back" },
  ],
  [
    "a deployment that is cut off when it stored, a disconnect that is cut off when it took that away, and an up",
    { ...cutOff, skip: 9, when: "after" },
    { do: "destroy, cut off", skip: 9, when: "before", dies: false, losesState: false },
    up,
  ],
  [
    "a deployment that is cut off before it stored anything, and somebody who takes the name",
    { do: "edit", to: { destinationId: "fixed-1" } },
    { ...cutOff, skip: 4, when: "before" },
    { do: "interfere", what: "take the fixed name" },
  ],
  [
    "a deployment that is cut off after it planned, and somebody who takes the name",
    { do: "edit", to: { destinationId: "fixed-1" } },
    { ...cutOff, skip: 8, when: "before" },
    { do: "interfere", what: "take the fixed name" },
    { do: "destroy" },
  ],
  [
    "a deployment that is cut off after it planned, somebody who takes the name, and two more deployments",
    { do: "edit", to: { destinationId: "fixed-1" } },
    { ...cutOff, skip: 7, when: "before", dies: true },
    { do: "interfere", what: "take the fixed name" },
    { ...cutOff, skip: 0, when: "before" },
    up,
  ],
  [
    "a deployment that dies, a fixed id, and a deployment that is cut off",
    { ...cutOff, skip: 10, when: "before", dies: true },
    { do: "edit", to: { destinationId: "fixed-1" } },
    { ...cutOff, skip: 3, when: "before" },
    { do: "edit", to: { credential: "good-1" } },
    up,
  ],
  [
    "a secret under a fixed id that is deleted, and somebody who takes its name",
    { do: "edit", to: { destinationId: "fixed-1" } },
    up,
    { do: "interfere", what: "delete the secret" },
    { do: "interfere", what: "take the fixed name" },
    { do: "rival up" },
    { do: "edit", to: { name: "bi" } },
  ],
  [
    "a secret that is deleted, a repair that is cut off, credentials that are refused, and two more that are cut off",
    up,
    { do: "interfere", what: "delete the secret" },
    { ...cutOff, skip: 13, when: "after" },
    { do: "edit", to: { credential: "bad-1" } },
    { ...cutOff, skip: 0, when: "before" },
    { ...cutOff, skip: 0, when: "before" },
  ],
  [
    "a secret that is deleted and recreated, a claim that is set back, and a run",
    up,
    { do: "interfere", what: "delete the secret" },
    up,
    { do: "interfere", what: "move the claim's label back" },
    { do: "run" },
    { do: "rename" },
  ],
  [
    "another type under the same fixed id, the former one retained, and its secret deleted",
    { do: "edit", to: { destinationId: "fixed-2" } },
    up,
    { do: "edit", to: { type: "qlik", retainOnDelete: true } },
    { ...cutOff, skip: 0, when: "before" },
    { do: "interfere", what: "delete the secret" },
  ],
];

it.each(found.map(([what, ...steps]) => [what, steps] as const))("survives %s", (_what, steps) =>
  live(steps),
);

it("whatever happens to a destination, the last clean up makes AWS hold it, and nothing of it can be read after destroy", {
  timeout: 60_000 + numRuns * 1_000,
}, async () => {
  console.log(`${numRuns} lives, EXPORT_MODEL_SEED=${seed}`);
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 14 }), live), { numRuns, seed });
});
