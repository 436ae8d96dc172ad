import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildKeySchema } from "../../../provider/secret-sync/plan/key-schema.js";
import {
  type DesiredSecret,
  findWrites,
  type ObservedSecret,
  type PlanInput,
  planSync,
  type RecordedSecret,
  type Step,
} from "../../../provider/secret-sync/plan/plan.js";

const me = "a".repeat(32);
const owners = [me, "b".repeat(32), "c".repeat(32)];
const revisions = ["00000001", "00000002"];
const prints = ["1".repeat(32), "2".repeat(32), "3".repeat(32)];
const names = ["X_A", "X_B", "X_C", "A", "Y_A", "X_", "x_a"];

const mark = fc.record({
  ownerId: fc.constantFrom(...owners),
  revision: fc.constantFrom(...revisions),
  fingerprint: fc.constantFrom(...prints),
  place: fc.constant("somewhere"),
});
const observed = fc.record({
  type: fc.constantFrom("GENERIC_STRING", "GENERIC_STRING", "PASSWORD", "OAUTH2"),
  mark: fc.option(mark, { nil: undefined }),
  owner: fc.constant("ROLE"),
});
const desired = fc.record({
  sourceKey: fc.constant("key"),
  source: fc.constant("program"),
  fingerprint: fc.constantFrom(...prints),
  availability: fc.constantFrom("at hand", "at hand", "at hand", "kept", "known only in up"),
});
const mapOf = <T>(value: fc.Arbitrary<T>) =>
  fc
    .uniqueArray(fc.tuple(fc.constantFrom(...names), value), { selector: ([name]) => name })
    .map((pairs) => new Map(pairs));

const input: fc.Arbitrary<PlanInput> = fc
  .record({
    desired: mapOf<DesiredSecret>(desired as fc.Arbitrary<DesiredSecret>),
    observed: mapOf<ObservedSecret>(observed),
    recorded: mapOf<RecordedSecret>(fc.record({ fingerprint: fc.constantFrom(...prints) })),
    revision: fc.option(fc.constantFrom(...revisions), { nil: undefined }),
    template: fc.option(fc.constantFrom("X_{{secretKey}}", "{{secretKey}}"), { nil: undefined }),
    initialSyncBehavior: fc.constantFrom("overwrite-destination" as const, "preserve-destination" as const),
    disableSecretDeletion: fc.boolean(),
    takeOver: fc.subarray([owners[1] ?? "", "unmarked", "other-type"]),
  })
  .map(({ template, takeOver, revision, recorded, ...rest }) => ({
    ...rest,
    revision,
    // A creation has recorded nothing.
    recorded: revision === undefined ? new Map() : recorded,
    ownerId: me,
    keySchema: buildKeySchema(template, "dev"),
    takeOver: new Set(takeOver),
  }));

/** What Snowflake and the state hold once the plan is carried out. */
function applyPlan(plan: PlanInput, steps: readonly Step[]): PlanInput {
  const revision = plan.revision ?? "0000000f";
  const nowObserved = new Map(plan.observed);
  const nowRecorded = new Map(plan.recorded);
  for (const { name, action, desired: wanted } of steps) {
    if (action === "drop") {
      nowObserved.delete(name);
      nowRecorded.delete(name);
    } else if (wanted && (action === "create" || action === "alter" || action === "replace")) {
      const fingerprint = String(wanted.fingerprint);
      nowObserved.set(name, {
        type: "GENERIC_STRING",
        mark: { ownerId: me, revision, fingerprint, place: "here" },
        owner: plan.observed.get(name)?.owner ?? "ROLE",
      });
      nowRecorded.set(name, { fingerprint });
    }
  }
  return { ...plan, revision, observed: nowObserved, recorded: nowRecorded };
}

const holds = (property: (plan: PlanInput, steps: readonly Step[]) => void) =>
  fc.assert(
    fc.property(input, (plan) => property(plan, planSync(plan))),
    { numRuns: 2_000 },
  );

describe("every plan", () => {
  it("never alters or drops what another owner has marked, unless taken over, and then never drops", () =>
    holds((plan, steps) => {
      for (const { name, action, observed: seen } of findWrites(steps)) {
        const owner = seen?.mark?.ownerId;
        if (owner === undefined || owner === me) continue;
        expect(plan.takeOver.has(owner), name).toBe(true);
        expect(action).not.toBe("drop");
      }
    }));

  it("never drops a secret of another type, and replaces one only where that is allowed", () =>
    holds((plan, steps) => {
      for (const { name, action, observed: seen } of findWrites(steps)) {
        if (!seen || seen.type === "GENERIC_STRING") continue;
        expect(action).toBe("replace");
        expect(plan.recorded.has(name) || plan.takeOver.has("other-type")).toBe(true);
      }
    }));

  it("drops nothing that is desired, and nothing at all while deletion is disabled", () =>
    holds((plan, steps) => {
      for (const { name } of steps.filter(({ action }) => action === "drop")) {
        expect(plan.desired.has(name)).toBe(false);
        expect(plan.disableSecretDeletion).toBe(false);
      }
    }));

  it("drops outside of the key schema only what our mark and our state both claim", () =>
    holds((plan, steps) => {
      for (const { name, observed: seen } of steps.filter(({ action }) => action === "drop")) {
        if (plan.keySchema.matches(name)) continue;
        expect(seen?.mark?.ownerId).toBe(me);
        expect(plan.recorded.has(name)).toBe(true);
      }
    }));

  it("under preserve-destination drops only what we wrote, and alters an unmarked one only if it was ours or taken over", () =>
    holds((plan, steps) => {
      if (plan.initialSyncBehavior !== "preserve-destination") return;
      for (const { name, action, observed: seen } of findWrites(steps)) {
        if (action === "drop") expect(seen?.mark?.ownerId).toBe(me);
        if (action === "alter" && !seen?.mark) {
          expect(plan.recorded.has(name) || plan.takeOver.has("unmarked")).toBe(true);
        }
      }
    }));

  it("writes a value only where there is one to write", () =>
    holds((_, steps) => {
      for (const { action, desired: wanted } of findWrites(steps)) {
        if (action !== "drop") expect(wanted?.availability).not.toBe("kept");
      }
    }));

  it("creates exactly what is not there", () =>
    holds((_, steps) => {
      for (const { action, observed: seen } of findWrites(steps)) expect(action === "create").toBe(!seen);
    }));

  it("speaks of each name once, and of every desired one", () =>
    holds((plan, steps) => {
      const spoken = steps.map(({ name }) => name);
      expect(new Set(spoken).size).toBe(spoken.length);
      for (const name of plan.desired.keys()) expect(spoken).toContain(name);
    }));

  it("once carried out leaves nothing to write", () =>
    holds((plan, steps) => {
      const known = {
        ...plan,
        desired: new Map([...plan.desired].filter(([, { availability }]) => availability === "at hand")),
      };
      const first = planSync(known);
      expect(findWrites(planSync(applyPlan(known, first)))).toEqual([]);
      expect(steps.length).toBeGreaterThanOrEqual(first.filter(({ desired: wanted }) => wanted).length);
    }));

  it("half carried out leaves exactly the rest, by name", () =>
    fc.assert(
      fc.property(input, fc.nat(), (plan, seed) => {
        const known = {
          ...plan,
          revision: plan.revision ?? "0000000f",
          desired: new Map([...plan.desired].filter(([, { availability }]) => availability === "at hand")),
        };
        const steps = planSync(known);
        const done = findWrites(steps).filter((_, i) => (seed >> i) % 2 === 0);
        const rest = findWrites(planSync(applyPlan(known, done)));
        const expected = findWrites(steps).filter((step) => !done.includes(step));
        expect(rest.map(({ name }) => name).sort()).toEqual(expected.map(({ name }) => name).sort());
      }),
      { numRuns: 2_000 },
    ));
});

describe("an equal secret", () => {
  const print = prints[0] ?? "";
  const base = {
    ownerId: me,
    revision: "00000001",
    keySchema: buildKeySchema(undefined, "dev"),
    initialSyncBehavior: "overwrite-destination" as const,
    disableSecretDeletion: false,
    takeOver: new Set<string>(),
    desired: new Map([
      ["A", { sourceKey: "A", source: "program", fingerprint: print, availability: "at hand" as const }],
    ]),
  };
  const seen = (fingerprint: string, revision = "00000001") =>
    new Map([
      [
        "A",
        { type: "GENERIC_STRING", owner: "ROLE", mark: { ownerId: me, revision, fingerprint, place: "" } },
      ],
    ]);

  it.each([
    ["state and mark show the wanted fingerprint", print, print, "00000001", "leave"],
    ["only the state does", print, "2".repeat(32), "00000001", "alter"],
    ["only the mark does", "2".repeat(32), print, "00000001", "alter"],
    ["the mark is of another revision", print, print, "00000002", "alter"],
  ])("is one where %s", (_, recorded, marked, revision, action) => {
    const [step] = planSync({
      ...base,
      observed: seen(marked, revision),
      recorded: new Map([["A", { fingerprint: recorded }]]),
    });
    expect(step?.action).toBe(action);
  });
});
