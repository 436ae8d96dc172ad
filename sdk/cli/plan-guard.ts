import * as z from "zod";
import { findFields } from "../../provider/core/field-meta.js";
import { holdsUnknown } from "../../provider/engine/unknown.js";
import { parseUrn } from "../../provider/plugin/urn.js";
import { addedInputs } from "../../provider/secret-sync/inputs/arguments.js";

const diffShape = z
  .object({
    adds: z.record(z.string(), z.unknown()).default({}),
    deletes: z.array(z.string()).default([]),
    updates: z.record(z.string(), z.unknown()).default({}),
  })
  .default({ adds: {}, deletes: [], updates: {} });

const planShape = z.object({
  resourcePlans: z.record(
    z.string(),
    z.object({
      steps: z.array(z.string()).default([]),
      goal: z
        .object({ inputDiff: diffShape, outputDiff: diffShape, protect: z.boolean().default(false) })
        .optional(),
    }),
  ),
});

/** A plan file of `pulumi preview --save-plan`; what is secret in it stays encrypted. */
export type EnginePlan = z.infer<typeof planShape>;

/** Reads a plan file's text. Throws where it is not of the form that this guard knows: then nothing is proved. */
export function parseEnginePlan(text: string): EnginePlan {
  return planShape.parse(JSON.parse(text));
}

/** What a targeted run may change: of each sync, its secrets, each of them from `recorded` to `wanted`. */
export interface Allowance {
  readonly urn: string;
  /** Fingerprints as the state has them. */
  readonly recorded: Readonly<Record<string, string>>;
  /** Fingerprints of what the sources hold. */
  readonly wanted: Readonly<Record<string, string>>;
  /** The keys whose values the program gives: the sources do not have them. */
  readonly programKeys: ReadonlySet<string>;
  /** As the state has it. */
  readonly protect: boolean;
}

/** Why a plan is refused, for programs. */
export const refusalReasons = ["config", "resource", "argument", "secret", "output"] as const;

/** Something in a plan that is more than the allowed change of secrets. */
export interface Excess {
  readonly reason: (typeof refusalReasons)[number];
  /** A line for people. */
  readonly text: string;
}

/**
 * Everything in the plan that is more than the allowed change of secrets; empty means: go.
 * A checkout older than the last deployment shows up here, by whatever it would turn back.
 */
export function findExcess(plan: EnginePlan, allowances: readonly Allowance[]): Excess[] {
  const allowed = new Map(allowances.map((allowance) => [allowance.urn, allowance]));
  return Object.entries(plan.resourcePlans).flatMap(([urn, { steps, goal }]) => {
    const { name, type } = parseUrn(urn);
    const allowance = allowed.get(urn);
    const others = steps.filter((step) => step !== "same" && !(step === "update" && allowance !== undefined));
    if (others.length > 0) return [describeSteps(name, type, others)];
    if (goal === undefined)
      return steps.every((step) => step === "same")
        ? []
        : [{ reason: "resource", text: `${name}: the plan does not say how it would change` }];
    return [
      ...findForeignOutputs(name, goal.outputDiff),
      ...(allowance === undefined ? [] : findForeignInputs(name, goal, allowance)),
    ];
  });
}

/** The engine's default provider takes its arguments from the stack's config. */
const defaultProviderName = /^default(_|$)/;

const doneBySteps: Readonly<Record<string, string>> = {
  create: "created",
  update: "updated",
  delete: "deleted",
  replace: "replaced",
  "create-replacement": "replaced",
  "delete-replaced": "replaced",
  read: "read",
};

function describeSteps(name: string, type: string, steps: readonly string[]): Excess {
  const done = [...new Set(steps.map((step) => doneBySteps[step] ?? step))].join(", ");
  if (!type.startsWith("pulumi:providers:")) return { reason: "resource", text: `${name} would be ${done}` };
  if (!defaultProviderName.test(name))
    return { reason: "resource", text: `the provider ${name} would be ${done}` };
  return {
    reason: "config",
    text: `the stack's config has changed since the last deployment (the default provider would be ${done})`,
  };
}

/** Whether the plan changes any of these resources; under `ignoreChanges` a changed source may change nothing. */
export function plansUpdate(plan: EnginePlan, urns: readonly string[]): boolean {
  return urns.some((urn) => plan.resourcePlans[urn]?.steps.some((step) => step !== "same") === true);
}

/** Inputs that follow from the keys of the secrets and from arguments, which are judged by themselves. */
const derivedInputs: ReadonlySet<string> = new Set(
  findFields(addedInputs, ({ repeats }) => repeats !== undefined),
);

type Goal = NonNullable<EnginePlan["resourcePlans"][string]["goal"]>;

function findForeignInputs(name: string, { inputDiff, protect }: Goal, allowance: Allowance): Excess[] {
  const touched = [...Object.keys(inputDiff.adds), ...inputDiff.deletes, ...Object.keys(inputDiff.updates)];
  const foreign = touched.filter((property) => property !== "secrets" && !derivedInputs.has(property));
  const isGone = inputDiff.deletes.includes("secrets");
  const secrets = isGone ? {} : (inputDiff.updates.secrets ?? inputDiff.adds.secrets);
  const differing = protect === allowance.protect ? foreign : [...foreign, "protect"];
  return [
    ...differing.map((property) => ({
      reason: "argument" as const,
      text: `${name}: ${property} differs from the last deployment`,
    })),
    ...(secrets === undefined ? [] : findForeignKeys(name, secrets, allowance)).map((text) => ({
      reason: "secret" as const,
      text,
    })),
  ];
}

function findForeignKeys(
  name: string,
  planned: unknown,
  { recorded, wanted, programKeys }: Allowance,
): string[] {
  if (typeof planned !== "object" || planned === null) return [`${name}: secrets are not known`];
  const prints = planned as Record<string, unknown>;
  const keys = new Set([prints, recorded, wanted].flatMap((map) => Object.keys(map)));
  const read = (map: Readonly<Record<string, unknown>>, key: string) =>
    Object.hasOwn(map, key) ? map[key] : undefined;
  return (
    [...keys]
      // Under ignoreChanges a key stays as it is recorded.
      .filter((key) => ![wanted, recorded].some((map) => read(map, key) === read(prints, key)))
      .map((key) =>
        programKeys.has(key)
          ? `${name}: secrets.${key} has another value in the program, which only \`pulumi up\` writes`
          : `${name}: secrets.${key} is neither as deployed nor as in the sources`,
      )
  );
}

// An output of the stack may follow from the sync, and then is not known yet; one that is known comes from the program.
function findForeignOutputs(name: string, { adds, deletes, updates }: Goal["outputDiff"]): Excess[] {
  const known = Object.entries({ ...adds, ...updates }).filter(([, value]) => !holdsUnknown(value));
  return [...deletes, ...known.map(([key]) => key)].map((key) => ({
    reason: "output",
    text: `${name}: output ${key} differs from the last deployment`,
  }));
}
