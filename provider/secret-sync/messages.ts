import { quoteIdentifier, quoteName, type SchemaName } from "../snowflake/statements.js";
import { findRefused, findWrites, type RefusedStep, type Step } from "./plan.js";

/** What a preview says beside the map of fingerprints: what was observed, and what would surprise its reader. */
export interface PlanMessages {
  readonly infos: readonly string[];
  readonly warnings: readonly string[];
}

/** Reasons that the map of fingerprints does not show, with what to say about the names. */
const surprises: Partial<Record<Step["reason"], string>> = {
  "recorded but gone": "gone from Snowflake, would be created again",
  "mark was removed": "without our mark, would be written again",
  "mark differs from the state": "not as the state says, would be written again",
  "marked by an earlier run": "with our mark from an earlier run, would be written again",
  "taken over from another owner": "of another owner, would be taken over (takeOver)",
  "taken over, it had no mark": "there without a mark, would be taken over",
  "another type stands there": "of another type, would be replaced, with the loss of its grants",
  "not in the source, and the destination is overwritten":
    "not in the source, would be dropped (overwrite-destination)",
  "changes are ignored, but it is not as it was left":
    "under ignoreChanges, stays although it is not as it was left",
  "deletion is disabled": "not in the source, stays (disableSecretDeletion)",
};

export function buildPlanMessages(
  label: string,
  schema: SchemaName,
  steps: readonly Step[],
  wantsWrite: boolean,
): PlanMessages {
  const refused = findRefused(steps);
  const due = [...findWrites(steps), ...refused];
  if (!wantsWrite) return { infos: describeWaiting(label, schema, due), warnings: [] };
  const where = `in ${quoteName(schema)}`;
  const infos = due.length === 0 ? [] : [`${label}: ${countActions(steps)} ${where}`];
  const warnings = refused.map(
    (step) => `${label}: ${describeRefusal(schema, step)} In up this is an error.`,
  );
  for (const [reason, text] of Object.entries(surprises)) {
    // What stays as it was is told beside changes, not for ever.
    if (reason === "deletion is disabled" && infos.length === 0) continue;
    const names = steps.filter((step) => step.reason === reason).map(({ name }) => name);
    if (names.length === 0) continue;
    const count = `${names.length} ${names.length === 1 ? "secret" : "secrets"}`;
    warnings.push(`${label}: ${count} ${where} ${text}: ${listNames(names)}`);
  }
  return { infos, warnings };
}

function describeWaiting(label: string, schema: SchemaName, steps: readonly Step[]): readonly string[] {
  if (steps.length === 0) return [];
  const names = steps.map(({ name, action }) => `${quoteIdentifier(name)} (${action})`).join(", ");
  return [
    `${label}: auto-sync is off, so nothing would be written until syncTrigger changes or the command sync runs; waiting in ${quoteName(schema)}: ${names}`,
  ];
}

/** "1 to create, 2 to alter, 7 unchanged". */
export function countActions(steps: readonly Step[]): string {
  const count = (wanted: Step["action"]) => steps.filter(({ action }) => action === wanted).length;
  const parts: [number, string][] = [
    [count("create"), "to create"],
    [count("replace"), "to replace"],
    [count("alter"), "to alter"],
    [count("drop"), "to drop"],
    [count("refuse"), "refused"],
    [count("leave"), "unchanged"],
  ];
  return (
    parts
      .filter(([n]) => n > 0)
      .map(([n, what]) => `${n} ${what}`)
      .join(", ") || "nothing to do"
  );
}

/** Why a name is refused, and the way out. */
export function describeRefusal(schema: SchemaName, step: RefusedStep): string {
  const target = quoteName(schema, step.name);
  switch (step.reason) {
    case "owned by another":
      return `${target} belongs to ${step.owner.place} (owner ${step.owner.ownerId}); it is not touched. Use another name or keySchema, or put the owner's id into syncOptions.takeOver.`;
    case "of another type":
      return `${target} is a secret of type ${step.observed.type}; it is not touched. Use another name, or overwrite-destination with a keySchema.`;
    case "not marked as ours":
      return `${target} exists and does not carry our mark; it is not touched under preserve-destination. Use another name, or put "unmarked" into syncOptions.takeOver.`;
    case "changes are ignored, so there is no value to write":
      return `${target} cannot be written by a new resource, because its changes are ignored and its former value is not at hand. Take it out of ignoreChanges, or give it the former value.`;
  }
}

export function listNames(names: readonly string[]): string {
  return names.map(quoteIdentifier).join(", ");
}
