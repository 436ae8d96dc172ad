import { quoteIdentifier, quoteName, type SchemaName } from "../snowflake/statements.js";
import { findWrites, type Reason, type Step } from "./plan.js";

/** What a preview says beside the map of fingerprints: what was observed, and what would surprise its reader. */
export interface PlanMessages {
  readonly infos: readonly string[];
  readonly warnings: readonly string[];
}

/** Reasons that the map of fingerprints does not show, with what to say about the names. */
const surprises: Partial<Record<Reason, string>> = {
  "recorded but gone": "are gone from Snowflake and would be created again",
  "mark was removed": "lost their mark and would be written again",
  "mark differs from the state": "are not as the state says and would be written again",
  "taken over from another owner": "belong to another owner and would be taken over (takeOver)",
  "taken over, it had no mark": "exist without a mark and would be taken over",
  "another type stands there": "are of another type and would be replaced, with the loss of their grants",
  "not in the source, and the destination is overwritten": "are not in the source and would be dropped (overwrite-destination)",
  "changes are ignored, but it is not as it was left": "are under ignoreChanges, but Snowflake does not hold what was left there",
  "deletion is disabled": "are not in the source and stay (disableSecretDeletion)",
};

export function buildPlanMessages(label: string, place: SchemaName, steps: readonly Step[], wantsWrite: boolean): PlanMessages {
  const writes = findWrites(steps);
  const refused = steps.filter(({ action }) => action === "refuse");
  const where = `in ${quoteName(place)}`;
  const infos =
    writes.length === 0 && refused.length === 0
      ? []
      : [
          wantsWrite
            ? `${label}: ${countActions(steps)} ${where}`
            : `${label}: auto-sync is off, so nothing would be written until syncTrigger changes or the command sync runs; waiting ${where}: ${listWaiting(writes)}`,
        ];
  const warnings = refused.map((step) => `${label}: ${describeRefusal(place, step)} In up this would be an error.`);
  for (const [reason, text] of wantsWrite ? Object.entries(surprises) : []) {
    const names = steps.filter((step) => step.reason === reason && step.action !== "refuse").map(({ name }) => name);
    if (names.length === 0) continue;
    warnings.push(`${label}: ${names.length} ${names.length === 1 ? "secret" : "secrets"} ${where} ${text}: ${listNames(names)}`);
  }
  return { infos, warnings };
}

/** "1 to create, 2 to alter, 7 unchanged". */
export function countActions(steps: readonly Step[]): string {
  const count = (...actions: Step["action"][]) => steps.filter(({ action }) => actions.includes(action)).length;
  const parts: [number, string][] = [
    [count("create"), "to create"],
    [count("replace"), "to replace"],
    [count("alter"), "to alter"],
    [count("drop"), "to drop"],
    [count("refuse"), "refused"],
    [count("leave"), "unchanged"],
  ];
  return parts.filter(([n]) => n > 0).map(([n, what]) => `${n} ${what}`).join(", ") || "nothing to do";
}

/** Why a name is refused, and the way out. */
export function describeRefusal(place: SchemaName, { name, reason, observed }: Step): string {
  const target = quoteName(place, name);
  if (reason === "owned by another" && observed?.mark) {
    return `${target} belongs to ${observed.mark.place} (owner ${observed.mark.ownerId}); it is not touched. Use another name or keySchema, or put the owner's id into syncOptions.takeOver.`;
  }
  if (reason === "another type stands there") {
    return `${target} is a secret of type ${observed?.type}; it is not touched. Use another name, or overwrite-destination with a keySchema.`;
  }
  return `${target} exists and does not carry our mark; it is not touched under preserve-destination. Use another name, or put "unmarked" into syncOptions.takeOver.`;
}

export function listNames(names: readonly string[]): string {
  return names.map(quoteIdentifier).join(", ");
}

function listWaiting(writes: readonly Step[]): string {
  return writes.map(({ name, action }) => `${quoteIdentifier(name)} (${action})`).join(", ");
}
