import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildKeySchema } from "../../../provider/secret-sync/plan/key-schema.js";
import type { OwnershipComment } from "../../../provider/secret-sync/plan/ownership-comment.js";
import {
  type DesiredSecret,
  findLost,
  findUnseen,
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

const marks = fc.record({
  ownerId: fc.constantFrom(...owners),
  revision: fc.constantFrom(...revisions),
  fingerprint: fc.constantFrom(...prints),
  place: fc.constant("somewhere"),
});
const observed = fc.record({
  type: fc.constantFrom("GENERIC_STRING", "GENERIC_STRING", "PASSWORD", "SYMMETRIC_KEY"),
  mark: fc.option(marks, { nil: undefined }),
  owner: fc.constant("ROLE"),
});
const desired = fc
  .record({
    sourceKey: fc.constant("key"),
    source: fc.constant("program"),
    fingerprint: fc.constantFrom(...prints),
    availability: fc.constantFrom("at hand", "at hand", "at hand", "kept", "known after up"),
    type: fc.constantFrom("GENERIC_STRING", "PASSWORD"),
  })
  // Of what is not at hand the type is not known.
  .map((all) => (all.availability === "at hand" ? all : { ...all, type: undefined }));
const mapOf = <T>(value: fc.Arbitrary<T>) =>
  fc
    .uniqueArray(fc.tuple(fc.constantFrom(...names), value), { selector: ([name]) => name })
    .map((pairs) => new Map(pairs));

const input: fc.Arbitrary<PlanInput> = fc
  .record({
    desired: mapOf<DesiredSecret>(desired as fc.Arbitrary<DesiredSecret>),
    observed: mapOf<ObservedSecret>(observed),
    recorded: mapOf<RecordedSecret>(
      fc.record({ fingerprint: fc.constantFrom(...prints), type: fc.constantFrom(undefined, "PASSWORD") }),
    ),
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
        type: wanted.type ?? plan.observed.get(name)?.type ?? "GENERIC_STRING",
        mark: { ownerId: me, revision, fingerprint, place: "here" },
        owner: plan.observed.get(name)?.owner ?? "ROLE",
      });
      nowRecorded.set(name, { fingerprint, type: wanted.type });
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

  it("replaces a secret of another type only where that is allowed, and alters none", () =>
    holds((plan, steps) => {
      for (const { name, action, observed: seen, desired: wanted } of findWrites(steps)) {
        if (!seen || wanted?.type === undefined) continue;
        expect(action).toBe(seen.type === wanted.type ? "alter" : "replace");
        if (action === "replace")
          expect(plan.recorded.has(name) || plan.takeOver.has("other-type")).toBe(true);
      }
    }));

  it("drops without our mark nothing but texts, and touches no type that has no value to give", () =>
    holds((_, steps) => {
      for (const { action, observed: seen } of findWrites(steps)) {
        expect(seen?.type).not.toBe("SYMMETRIC_KEY");
        if (action === "drop" && !seen?.mark) expect(seen?.type).toBe("GENERIC_STRING");
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

type Action = Step["action"];
type Reason = Step["reason"];
interface Case {
  readonly desired?: Partial<DesiredSecret> | "none";
  /** Its mark: "none", or what differs from one of this sync. */
  readonly mark?: Partial<OwnershipComment> | "none";
  readonly observed?: Partial<ObservedSecret> | "none";
  readonly recorded?: Partial<RecordedSecret> | "none";
  readonly input?: Partial<Omit<PlanInput, "desired" | "observed" | "recorded">>;
}

const [print = "", otherPrint = ""] = prints;
const [, otherOwner = ""] = owners;
const here = "org/proj/dev/app";

/** One name that is wanted, stands in Snowflake as this sync left it, and is recorded so; but for what a case says. */
function build({ desired, mark, observed, recorded, input: more }: Case): PlanInput {
  const asLeft = { ownerId: me, revision: "00000001", fingerprint: print, place: here };
  const own = {
    desired: {
      sourceKey: "A",
      source: "program",
      fingerprint: print,
      availability: "at hand" as const,
      type: "GENERIC_STRING",
    },
    observed: {
      type: "GENERIC_STRING",
      owner: "ROLE",
      mark: mark === "none" ? undefined : { ...asLeft, ...mark },
      createdOn: 1,
    },
    recorded: { fingerprint: print, createdOn: 1 },
  };
  const only = <T extends object>(whole: T, change: Partial<T> | "none" | undefined) =>
    new Map<string, T>(change === "none" ? [] : [["A", { ...whole, ...change }]]);
  return {
    ownerId: me,
    revision: "00000001",
    keySchema: buildKeySchema(undefined, "dev"),
    initialSyncBehavior: "preserve-destination",
    disableSecretDeletion: false,
    takeOver: new Set<string>(),
    ...more,
    desired: only<DesiredSecret>(own.desired, desired),
    observed: only<ObservedSecret>(own.observed, observed),
    recorded: only<RecordedSecret>(own.recorded, recorded),
  };
}

const overwrite = { initialSyncBehavior: "overwrite-destination" } as const;
const allow = (...takeOver: string[]) => ({ takeOver: new Set(takeOver) });
const outside = { keySchema: buildKeySchema("P_{{secretKey}}", "dev") };
const kept = { availability: "kept" } as const;
const later = { availability: "known after up" } as const;
const another = { ownerId: otherOwner };
const places = (now: string | undefined, before?: string) => ({ places: { here: now, before } });

describe("one name", () => {
  it.each<[string, Case, Action, Reason]>([
    ["as it was left", {}, "leave", "equal"],
    ["that is not there", { observed: "none", recorded: "none" }, "create", "absent"],
    ["that is not there any more", { observed: "none" }, "create", "recorded but gone"],
    ["not there, of a value for up", { desired: later, observed: "none" }, "leave", "known after up"],
    ["there, of a value for up", { desired: later }, "leave", "known after up"],
    ["of another value", { desired: { fingerprint: otherPrint } }, "alter", "value changed"],
    ["of which only the mark is so", { recorded: { fingerprint: otherPrint } }, "alter", "value changed"],
    [
      "of which only the state is so",
      { mark: { fingerprint: otherPrint } },
      "alter",
      "mark differs from the state",
    ],
    [
      "of another revision's mark",
      { mark: { revision: "00000002" } },
      "alter",
      "mark differs from the state",
    ],
    ["of no state", { recorded: "none" }, "alter", "marked by an earlier run"],
    ["created at another time", { observed: { createdOn: 2 } }, "alter", "recreated outside"],
    ["whose time is not recorded", { recorded: { createdOn: undefined } }, "leave", "equal"],
    ["whose time is not listed", { observed: { createdOn: undefined } }, "leave", "equal"],
    ["without its mark", { mark: "none" }, "alter", "mark was removed"],
    ["never marked", { mark: "none", recorded: "none" }, "refuse", "not marked as ours"],
    [
      "never marked, in a schema to overwrite",
      { mark: "none", recorded: "none", input: overwrite },
      "alter",
      "taken over, it had no ownership comment",
    ],
    [
      "never marked, and to be taken",
      { mark: "none", recorded: "none", input: allow("unmarked") },
      "alter",
      "taken over, it had no ownership comment",
    ],
    ["of another owner", { mark: another }, "refuse", "owned by another"],
    [
      "of another owner, for up to know",
      { mark: another, desired: later, input: allow("unmarked", "other-type") },
      "refuse",
      "owned by another",
    ],
    [
      "of an owner to take from",
      { mark: another, input: allow(otherOwner) },
      "alter",
      "taken over from another owner",
    ],
    [
      "of another type that took its place",
      { observed: { type: "PASSWORD" } },
      "replace",
      "recreated outside, of another type",
    ],
    [
      "of another type",
      { observed: { type: "PASSWORD" }, recorded: "none", input: { ...overwrite, ...allow("unmarked") } },
      "refuse",
      "of another type",
    ],
    [
      "of another type, to be taken",
      { observed: { type: "PASSWORD" }, recorded: "none", input: allow("other-type") },
      "replace",
      "taken over, of another type",
    ],
    [
      "of a type that has no value to give",
      { observed: { type: "SYMMETRIC_KEY" }, input: { ...overwrite, ...allow("other-type") } },
      "refuse",
      "of a type that is never written",
    ],
    ["of another type now", { desired: { type: "PASSWORD" } }, "replace", "type changed"],
    [
      "of another type again",
      { desired: { type: "PASSWORD" }, recorded: { type: "PASSWORD" } },
      "replace",
      "recreated outside, of another type",
    ],
    [
      "of a type with parts, as it was left",
      {
        desired: { type: "PASSWORD" },
        observed: { type: "PASSWORD" },
        recorded: { type: "PASSWORD" },
      },
      "leave",
      "equal",
    ],
    ["in a renamed stack", { input: places("org/proj/new/app", here) }, "alter", "stack was renamed"],
    ["in its stack", { input: places(here, "org/proj/old/app") }, "leave", "equal"],
    ["written from a copied state", { input: places("org/proj/new/app") }, "refuse", "owned by another"],
    [
      "written from a copied state, to be taken",
      { input: { ...places("org/proj/new/app"), ...allow(me) } },
      "alter",
      "stack was renamed",
    ],
    ["whose changes are ignored", { desired: kept }, "leave", "changes are ignored"],
    ...(
      [
        ["not there", { observed: "none" }],
        ["unmarked", { mark: "none" }],
        ["of another owner", { mark: another }],
        ["of another value", { mark: { fingerprint: otherPrint } }],
        ["recreated", { observed: { createdOn: 2 } }],
      ] as const
    ).map(([what, change]): [string, Case, Action, Reason] => [
      `whose changes are ignored, ${what}`,
      { ...change, desired: kept },
      "leave",
      "changes are ignored, but it is not as it was left",
    ]),
    [
      "ignored at a creation",
      { desired: kept, input: { revision: undefined } },
      "refuse",
      "changes are ignored, so there is no value to write",
    ],
    ["that the source lacks", { desired: "none" }, "drop", "gone from the source"],
    [
      "that the source lacks, under a former name",
      { desired: "none", input: outside },
      "drop",
      "gone from the source",
    ],
    [
      "that the source lacks, never marked, in a schema to overwrite",
      { desired: "none", mark: "none", recorded: "none", input: overwrite },
      "drop",
      "not in the source, and the destination is overwritten",
    ],
    [
      "that may not be dropped",
      { desired: "none", input: { disableSecretDeletion: true } },
      "leave",
      "deletion is disabled",
    ],
    [
      "of a type with parts, and marked as ours",
      { desired: "none", observed: { type: "PASSWORD" } },
      "drop",
      "gone from the source",
    ],
  ])("%s", (_, what, action, reason) => {
    const input = build(what);
    const [step, ...others] = planSync(input);
    expect([step?.name, step?.action, step?.reason, others]).toEqual(["A", action, reason, []]);
    expect(step?.observed).toBe(input.observed.get("A"));
    expect(step?.desired).toBe(input.desired.get("A"));
  });

  it.each<[string, Case]>([
    ["of a type that is never written", { observed: { type: "SYMMETRIC_KEY" }, input: overwrite }],
    ["with parts, and not marked", { observed: { type: "PASSWORD" }, mark: "none", input: overwrite }],
    ["of another owner", { mark: another, input: { ...overwrite, ...allow(otherOwner) } }],
    ["never marked, where what is there stays", { mark: "none", recorded: "none" }],
    ["of ours that no state knows, beyond the key schema", { recorded: "none", input: outside }],
    ["never marked, beyond the key schema", { mark: "none", input: { ...overwrite, ...outside } }],
  ])("that the source lacks is out of reach: %s", (_, what) => {
    expect(planSync(build({ ...what, desired: "none" }))).toEqual([]);
  });
});

describe("a recorded name that is not wanted any more", () => {
  const tell = (what: Case) => {
    const input = build({ desired: "none", ...what });
    return { unseen: findUnseen(input), lost: findLost(input, planSync(input)) };
  };

  it.each<[string, Case, ReturnType<typeof tell>]>([
    ["not seen", { observed: "none" }, { unseen: ["A"], lost: [] }],
    ["no longer ours", { mark: another }, { unseen: [], lost: ["A"] }],
    ["dropped by a step", {}, { unseen: [], lost: [] }],
    ["wanted all the same", { desired: {}, observed: "none" }, { unseen: [], lost: [] }],
    ["wanted, and no longer ours", { desired: {}, mark: another }, { unseen: [], lost: [] }],
    ["not recorded", { observed: "none", recorded: "none" }, { unseen: [], lost: [] }],
  ])("is told: %s", (_, what, expected) => {
    expect(tell(what)).toEqual(expected);
  });
});
