import { countOf } from "../../core/count-of.js";
import { isSameStack } from "../../engine/context.js";
import { resumableHours } from "../../engine/ownership.js";
import { quoteIdentifier, quoteName, type SchemaName } from "../../snowflake/statements.js";
import type { Drift } from "../plan/drift.js";
import {
  findRefused,
  findWrites,
  isKnownOnlyInUp,
  otherType,
  type RefusedStep,
  type Step,
  unmarked,
} from "../plan/plan.js";
import type { Resumption } from "../plan/resumption.js";

/** What a preview says beside the map of fingerprints: what was observed, and what would surprise its reader. */
export interface PlanMessages {
  readonly infos: readonly string[];
  readonly warnings: readonly string[];
}

const foreignRemoval = "not in the source, and the destination is overwritten" satisfies Step["reason"];

/** Reasons that the map of fingerprints does not show, with what to say about the names. */
const surprises: Partial<Record<Step["reason"], string>> = {
  "recorded but gone":
    "missing (dropped, or now owned by a role this connection cannot see), would be created again without its former grants",
  "mark was removed": "without an ownership comment, would be written again",
  "mark differs from the state": "different from the state, would be written again",
  "recreated outside": "recreated by someone else, would be written again",
  "marked by an earlier run": "written by an earlier run of this sync, would be written again",
  "taken over from another owner": "of another owner, would be taken over (takeOver)",
  "taken over, it had no ownership comment": "without an ownership comment, would be taken over",
  "type changed": "would be replaced by another type and lose its grants",
  "no ALTER makes it so":
    "with an integration or parts that ALTER cannot set, would be replaced and lose its grants",
  "recreated outside, of another type":
    "recreated by someone else as another type, would be replaced and lose its grants",
  "taken over, of another type": "of another type, would be replaced (takeOver) and lose its grants",
  [foreignRemoval]: "not in the source, would be dropped (overwrite-destination)",
  "changes are ignored, but it is not as it was left": "under ignoreChanges, stays although it was changed",
  "deletion is disabled": "not in the source, stays (disableSecretDeletion)",
};

/** How many names of our own a message lists. */
const maxOwnNames = 20;

/** A plan, with what its messages need besides. */
export interface PlanToTell {
  readonly label: string;
  readonly schema: SchemaName;
  readonly steps: readonly Step[];
  /** Recorded names that are neither seen nor wanted. */
  readonly unseen: readonly string[];
  /** Recorded names that are not wanted any more, and no longer ours to drop. */
  readonly lost: readonly string[];
  /** Names that another role owns than the recorded one. */
  readonly reowned: readonly string[];
  readonly resumption: Resumption;
  /** Names whose removal the map of fingerprints shows by itself. */
  readonly shownRemovals: ReadonlySet<string>;
  readonly shouldWrite: boolean;
  /** organization/project/stack/name of the sync. */
  readonly place: string;
}

/** The messages of a preview, without any value. */
export function buildPlanMessages(plan: PlanToTell): PlanMessages {
  const { label, schema, steps, unseen, lost, shouldWrite } = plan;
  const refused = findRefused(steps);
  const due = [...findWrites(steps), ...refused];
  const reowned = describeReowned(plan);
  if (!shouldWrite) return { infos: [...describeWaiting(label, schema, due), ...reowned], warnings: [] };
  const where = `in ${quoteName(schema)}`;
  const isTold = due.length > 0 || steps.some(isKnownOnlyInUp);
  const infos = isTold ? [`${label}: ${countActions(steps)} ${where}`] : [];
  const warnings = describeRefusals(schema, refused, plan.place).map(
    (text) => `${label}: ${text} \`pulumi up\` fails with this error.`,
  );
  const removals = steps.filter(
    ({ name, reason }) => reason === "gone from the source" && !plan.shownRemovals.has(name),
  );
  if (removals.length > 0) {
    const names = removals.map(({ name }) => name);
    infos.push(
      `${label}: from an earlier run or under a former name, would be dropped ${where}: ${listNames(names)}`,
    );
  }
  infos.push(...reowned);
  warnings.push(...describeStackChange(schema, steps).map((text) => `${label}: ${text}`));
  warnings.push(...describeResumption(schema, plan.resumption).map((text) => `${label}: ${text}`));
  if (unseen.length > 0) warnings.push(`${label}: ${describeUnseen(schema, unseen)}`);
  if (lost.length > 0) warnings.push(`${label}: ${describeLost(schema, lost)}`);
  for (const [reason, text] of Object.entries(surprises)) {
    // What stays as it was is told beside changes, not for ever.
    if (reason === "deletion is disabled" && infos.length === 0) continue;
    const names = steps.filter((step) => step.reason === reason).map(({ name }) => name);
    if (names.length === 0) continue;
    // What somebody else made is told whole before it is dropped.
    const max = reason === foreignRemoval ? names.length : maxOwnNames;
    warnings.push(`${label}: ${countOf(names.length, "secret")} ${where} ${text}: ${listNames(names, max)}`);
  }
  return { infos, warnings };
}

function describeReowned({ label, schema, reowned }: PlanToTell): readonly string[] {
  if (reowned.length === 0) return [];
  return [
    `${label}: now owned by another role, which \`pulumi up\` records, in ${quoteName(schema)}: ${listNames(reowned)}`,
  ];
}

function describeWaiting(label: string, schema: SchemaName, steps: readonly Step[]): readonly string[] {
  if (steps.length === 0) return [];
  const names = listFirst(steps.map((step) => `${quoteIdentifier(step.name)} (${step.action})`));
  return [
    `${label}: auto-sync is off. Nothing is written until syncTrigger changes or the command sync runs. Waiting in ${quoteName(schema)}: ${names}`,
  ];
}

/** "1 to create, 2 to alter, 1 known after up, 7 unchanged". */
export function countActions(steps: readonly Step[]): string {
  const count = (wanted: Step["action"]) => steps.filter(({ action }) => action === wanted).length;
  const unknown = steps.filter(isKnownOnlyInUp).length;
  const parts: [number, string][] = [
    [count("create"), "to create"],
    [count("replace"), "to replace"],
    [count("alter"), "to alter"],
    [count("drop"), "to drop"],
    [count("refuse"), "refused"],
    [unknown, "known after up"],
    [count("leave") - unknown, "unchanged"],
  ];
  return (
    parts
      .filter(([n]) => n > 0)
      .map(([n, what]) => `${n} ${what}`)
      .join(", ") || "nothing to do"
  );
}

/** Why names are refused, and the way out; what one other owner holds is told together. */
export function describeRefusals(
  schema: SchemaName,
  steps: readonly RefusedStep[],
  place: string,
): readonly string[] {
  const owned = new Map<string, { places: Set<string>; targets: string[] }>();
  const others: string[] = [];
  for (const step of steps) {
    const target = quoteName(schema, step.name);
    if (step.reason !== "owned by another") {
      others.push(`${target} ${explainRefusal(step)}`);
      continue;
    }
    const { ownerId, place: other } = step.owner;
    const of = owned.get(ownerId) ?? { places: new Set(), targets: [] };
    owned.set(ownerId, { places: of.places.add(other), targets: [...of.targets, target] });
  }
  const belongings = [...owned].map(([ownerId, { places, targets }]) => {
    const [verb, are] = targets.length === 1 ? ["belongs", "it is"] : ["belong", "they are"];
    const renamed = [...places].some((other) => isSibling(other, place))
      ? " If this resource was renamed, give it its former name in aliases."
      : "";
    return `${targets.join(", ")} ${verb} to ${[...places].join(", also named ")} (owner ${ownerId}); ${are} not changed. Use another name or keySchema, or put the owner's id into syncOptions.takeOver.${renamed}`;
  });
  return [...belongings, ...others];
}

// In the same stack under another name.
function isSibling(other: string, place: string): boolean {
  return other !== place && isSameStack(other, place);
}

function explainRefusal(step: Exclude<RefusedStep, { reason: "owned by another" }>): string {
  switch (step.reason) {
    case "of another type":
      return `is a secret of type ${step.observed.type}; it was not changed. Use another name or keySchema, or put "${otherType}" into syncOptions.takeOver, which replaces it.`;
    case "of a type that is never written":
      return `is a secret of type ${step.observed.type}, which no sync writes. It was not changed. Use another name or keySchema, or drop it yourself.`;
    case "not marked as ours":
      return `exists without an ownership comment; preserve-destination does not change it. Use another name, or put "${unmarked}" into syncOptions.takeOver.`;
    case "changes are ignored, so there is no value to write":
      return "cannot be written by a new resource, because ignoreChanges ignores its value. Remove it from ignoreChanges, or give it its former value.";
  }
}

/** What is taken for the work of a creation that was cut off: it may be a live sync's. */
export function describeResumption(schema: SchemaName, resumption: Resumption): readonly string[] {
  if (resumption.kind !== "resumes") return [];
  const { length } = resumption.names;
  const [verb, they] = length === 1 ? ["has", "it"] : ["have", "them"];
  return [
    `${countOf(length, "secret")} in ${quoteName(schema)} ${verb} this sync's owner id, but the state is empty. The sync takes ${they} for the work of an update that was interrupted in the last ${resumableHours} hours. If another backend has a stack of the same name with this sync, cancel now and give this stack another name.`,
  ];
}

/** What is written again because another stack wrote it, as the state says. */
export function describeStackChange(schema: SchemaName, steps: readonly Step[]): readonly string[] {
  const found = steps.filter(({ reason }) => reason === "stack was renamed");
  const places = new Set(found.map(({ observed }) => observed?.mark?.place ?? ""));
  if (found.length === 0) return [];
  return [
    `${countOf(found.length, "secret")} in ${quoteName(schema)} and the state name another stack (${[...places].join(", ")}): they are written again for this one, as after a rename of the stack. If this state is a copy, cancel now: the other stack loses its secrets to this one`,
  ];
}

const whyMissing = "dropped, or now owned by a role this connection cannot see";

/** Recorded names that are not listed: never forgotten without a word. */
export function describeUnseen(schema: SchemaName, names: readonly string[]): string {
  return `missing in ${quoteName(schema)} (${whyMissing}): ${listNames(names)}`;
}

/** Recorded names that are listed without our mark, and that nothing wants. */
export function describeLost(schema: SchemaName, names: readonly string[]): string {
  return `not in the source, and no longer owned by this sync in ${quoteName(schema)} (another type, no ownership comment, or another owner), so not changed: ${listNames(names)}`;
}

/** One kind of drift, said of one secret and of several. */
const drifts: Readonly<Record<Drift, readonly [one: string, several: string]>> = {
  "not seen": [
    `is missing (${whyMissing}). \`pulumi up\` creates it again.`,
    `are missing (${whyMissing}). \`pulumi up\` creates them again.`,
  ],
  "no ownership comment": ["has lost its ownership comment", "have lost their ownership comments"],
  "another type": ["has another type", "have another type"],
  "another owner": [
    "has the ownership comment of another resource",
    "have the ownership comment of another resource",
  ],
  recreated: [
    "was dropped and created again by someone else",
    "were dropped and created again by someone else",
  ],
  "written by an unrecorded run": [
    "was written by a run that the state does not record",
    "were written by a run that the state does not record",
  ],
  "owned by another role": ["is owned by another role than before", "are owned by another role than before"],
};

/** Drift by name in Snowflake, a line each kind. */
export function describeDrift(schema: SchemaName, found: ReadonlyMap<string, Drift>): readonly string[] {
  return [...new Set(found.values())].map((drift) => {
    const names = [...found].flatMap(([name, each]) => (each === drift ? [name] : []));
    const [one, several] = drifts[drift];
    return `drift in ${quoteName(schema)}: ${listNames(names)} ${names.length === 1 ? one : several}`;
  });
}

/** Names for people: the first ones, and how many more there are. */
export function listNames(names: readonly string[], max = maxOwnNames): string {
  return listFirst(names.map(quoteIdentifier), max);
}

/** The first ones of several texts, and how many more there are. */
export function listFirst(texts: readonly string[], max = maxOwnNames): string {
  const rest = texts.length - max;
  const shown = texts.slice(0, max).join(", ");
  return rest > 0 ? `${shown} and ${rest} more` : shown;
}
