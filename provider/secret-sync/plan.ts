import type { KeySchema } from "./key-schema.js";
import type { Mark } from "./mark.js";

export type InitialSyncBehavior = "overwrite-destination" | "preserve-destination";

/** In `takeOver`: secrets that carry no mark. */
export const unmarked = "unmarked";

/** What one name in Snowflake should hold. */
export interface DesiredSecret {
  readonly sourceKey: string;
  readonly source: string;
  readonly fingerprint: string;
  /** `kept`: under `ignoreChanges`, so there is none to write; `unknown`: a preview cannot tell it yet. */
  readonly value: "known" | "kept" | "unknown";
}

/** What one name in Snowflake holds, as far as SHOW tells. */
export interface ObservedSecret {
  readonly type: string;
  readonly mark: Mark | undefined;
  /** The role that owns it. */
  readonly owner: string;
}

/** What the state says of one name. */
export interface RecordedSecret {
  readonly fingerprint: string;
}

export interface PlanInput {
  readonly desired: ReadonlyMap<string, DesiredSecret>;
  readonly observed: ReadonlyMap<string, ObservedSecret>;
  readonly recorded: ReadonlyMap<string, RecordedSecret>;
  readonly ownerId: string;
  /** Which incarnation of the resource plans; undefined at a creation, which has written nothing yet. */
  readonly generation: string | undefined;
  readonly keySchema: KeySchema;
  readonly initialSyncBehavior: InitialSyncBehavior;
  readonly disableSecretDeletion: boolean;
  /** Owner ids whose secrets we may take, and `unmarked`. */
  readonly takeOver: ReadonlySet<string>;
}

export type Action =
  | "create"
  /** CREATE OR REPLACE: another type stands under our name and may go. */
  | "replace"
  | "alter"
  | "drop"
  | "leave"
  | "refuse";

export type Reason =
  | "absent"
  | "recorded but gone"
  | "value changed"
  | "mark differs from the state"
  | "marked by an earlier run"
  | "taken over from another owner"
  | "taken over, it had no mark"
  | "mark was removed"
  | "another type stands there"
  | "gone from the source"
  | "not in the source, and the destination is overwritten"
  | "equal"
  | "changes are ignored"
  | "changes are ignored, but it is not as it was left"
  | "changes are ignored, so there is no value for a new place"
  | "known only in up"
  | "deletion is disabled"
  | "owned by another"
  | "not marked as ours";

export interface Step {
  readonly name: string;
  readonly action: Action;
  readonly reason: Reason;
  /** Present where the name is desired. */
  readonly desired?: DesiredSecret;
  /** Present where the name was seen. */
  readonly observed?: ObservedSecret;
}

/**
 * What to do with each name: the desired ones in their order, then those that must go. Names that are neither
 * desired nor ours to remove do not appear. Pure: preview, apply and log read the same value.
 */
export function planSync(input: PlanInput): readonly Step[] {
  const steps: Step[] = [];
  for (const [name, desired] of input.desired) {
    const observed = input.observed.get(name);
    steps.push({
      name,
      desired,
      ...(observed && { observed }),
      ...decideDesired(input, name, desired, observed),
    });
  }
  for (const [name, observed] of input.observed) {
    const decision = input.desired.has(name) ? undefined : decideSurplus(input, name, observed);
    if (decision) steps.push({ name, observed, ...decision });
  }
  return steps;
}

type Decision = Pick<Step, "action" | "reason">;

function decideDesired(
  input: PlanInput,
  name: string,
  desired: DesiredSecret,
  observed: ObservedSecret | undefined,
): Decision {
  const recorded = input.recorded.get(name);
  if (desired.value === "kept") return decideKept(input, desired, observed);
  if (!observed) {
    if (desired.value === "unknown") return { action: "leave", reason: "known only in up" };
    return { action: "create", reason: recorded ? "recorded but gone" : "absent" };
  }
  const owner = observed.mark?.ownerId;
  if (owner !== undefined && owner !== input.ownerId && !input.takeOver.has(owner)) {
    return { action: "refuse", reason: "owned by another" };
  }
  if (observed.type !== "GENERIC_STRING") {
    const mayReplace = input.initialSyncBehavior === "overwrite-destination" && input.keySchema.isExplicit;
    return { action: mayReplace ? "replace" : "refuse", reason: "another type stands there" };
  }
  if (owner === undefined) {
    if (recorded) return { action: "alter", reason: "mark was removed" };
    const mayTake = input.initialSyncBehavior === "overwrite-destination" || input.takeOver.has(unmarked);
    return mayTake
      ? { action: "alter", reason: "taken over, it had no mark" }
      : { action: "refuse", reason: "not marked as ours" };
  }
  if (owner !== input.ownerId) return { action: "alter", reason: "taken over from another owner" };
  if (desired.value === "unknown") return { action: "leave", reason: "known only in up" };
  if (!recorded) return { action: "alter", reason: "marked by an earlier run" };
  if (recorded.fingerprint !== desired.fingerprint) return { action: "alter", reason: "value changed" };
  // Both must show it: a crash between write and state leaves them apart, even if the source went back meanwhile.
  // And the mark must be of this incarnation, or its destroy would leave the secret behind.
  const { fingerprint, generation } = observed.mark ?? {};
  return fingerprint === desired.fingerprint && generation === input.generation
    ? { action: "leave", reason: "equal" }
    : { action: "alter", reason: "mark differs from the state" };
}

function decideKept(
  input: PlanInput,
  desired: DesiredSecret,
  observed: ObservedSecret | undefined,
): Decision {
  if (input.generation === undefined) {
    return { action: "refuse", reason: "changes are ignored, so there is no value for a new place" };
  }
  const asLeft =
    observed?.mark?.ownerId === input.ownerId && observed.mark.fingerprint === desired.fingerprint;
  return {
    action: "leave",
    reason: asLeft ? "changes are ignored" : "changes are ignored, but it is not as it was left",
  };
}

/** For a name that is there and that the source lacks; undefined: not within our reach. */
function decideSurplus(input: PlanInput, name: string, observed: ObservedSecret): Decision | undefined {
  if (observed.type !== "GENERIC_STRING") return undefined;
  const owner = observed.mark?.ownerId;
  const isOurs = owner === input.ownerId;
  // A name that we wrote under an earlier key schema is ours by its mark and by the state.
  const isWithinReach = input.keySchema.matches(name) || (isOurs && input.recorded.has(name));
  if (!isWithinReach) return undefined;
  if (isOurs) return removal(input, "gone from the source");
  if (owner !== undefined || input.initialSyncBehavior !== "overwrite-destination") return undefined;
  return removal(input, "not in the source, and the destination is overwritten");
}

function removal(input: PlanInput, reason: Reason): Decision {
  return input.disableSecretDeletion
    ? { action: "leave", reason: "deletion is disabled" }
    : { action: "drop", reason };
}

/** The steps that write, in the order in which they are shown. */
export function findWrites(steps: readonly Step[]): readonly Step[] {
  return steps.filter(({ action }) => action !== "leave" && action !== "refuse");
}
