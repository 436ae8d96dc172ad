import { textType } from "../../core/secret-content.js";
import { isSameStack } from "../../engine/context.js";
import type { Unknown } from "../../engine/unknown.js";
import { isWrittenType } from "../secret-types.js";
import type { KeySchema } from "./key-schema.js";
import type { OwnershipComment } from "./ownership-comment.js";

/** `overwrite-destination` or `preserve-destination`. */
export type InitialSyncBehavior = "overwrite-destination" | "preserve-destination";

/** In `takeOver`: secrets that carry no mark. */
export const unmarked = "unmarked";

/** In `takeOver`: secrets of other types, which are replaced. */
export const otherType = "other-type";

/** What one name in Snowflake should hold. */
export interface DesiredSecret {
  readonly sourceKey: string;
  readonly source: string;
  /** Unknown where only `up` knows the value. */
  readonly fingerprint: string | Unknown;
  /** Whether there is a value to write: not under `ignoreChanges`, and not in a preview that cannot tell it yet. */
  readonly availability: "at hand" | "kept" | "known after up";
  /** The type in Snowflake of what is at hand; undefined where nothing is. */
  readonly type: string | undefined;
  /** What an ALTER cannot change of it; undefined where all can be altered. */
  readonly fixed?: string | undefined;
}

/** What one name in Snowflake holds, as far as SHOW tells. */
export interface ObservedSecret {
  readonly type: string;
  readonly mark: OwnershipComment | undefined;
  /** The role that owns it. */
  readonly owner: string;
  /** Epoch milliseconds; undefined where the listing does not tell. */
  readonly createdOn?: number | undefined;
}

/** What the state says of one name. */
export interface RecordedSecret {
  readonly fingerprint: string;
  /** Undefined for a text. */
  readonly type?: string | undefined;
  /** As `DesiredSecret` has it. */
  readonly fixed?: string | undefined;
  /** As it was read back after the last write; undefined until then. */
  readonly createdOn?: number | undefined;
}

/** The type in Snowflake of what the state says. */
export function getRecordedType({ type = textType }: Pick<RecordedSecret, "type">): string {
  return type;
}

/** Desired and observed, and what decides between them. */
export interface PlanInput {
  readonly desired: ReadonlyMap<string, DesiredSecret>;
  readonly observed: ReadonlyMap<string, ObservedSecret>;
  readonly recorded: ReadonlyMap<string, RecordedSecret>;
  readonly ownerId: string;
  /** Which revision of the resource plans; undefined at a creation, which has written nothing yet. */
  readonly revision: string | undefined;
  /**
   * Where the sync stands and where its last write was recorded, organization/project/stack/name; undefined where that is
   * not known. They differ after a stack was renamed, and in a copied state.
   */
  readonly places?: { readonly here: string | undefined; readonly before: string | undefined };
  readonly keySchema: KeySchema;
  readonly initialSyncBehavior: InitialSyncBehavior;
  readonly disableSecretDeletion: boolean;
  /** Owner ids whose secrets we may take, `unmarked` and `otherType`. */
  readonly takeOver: ReadonlySet<string>;
}

interface Wanted {
  readonly desired: DesiredSecret;
}

interface Seen {
  readonly observed: ObservedSecret;
}

/** What is to be done with one name. */
export type Step = { readonly name: string } & (CreateStep | RewriteStep | DropStep | LeaveStep | RefuseStep);

interface CreateStep extends Wanted {
  readonly action: "create";
  readonly reason: "absent" | "recorded but gone";
  readonly observed?: undefined;
}

type RewriteStep = Wanted &
  Seen &
  (
    | {
        readonly action: "alter";
        readonly reason:
          | "value changed"
          | "mark differs from the state"
          | "recreated outside"
          | "stack was renamed"
          | "marked by an earlier run"
          | "taken over from another owner"
          | "taken over, it had no ownership comment"
          | "mark was removed";
      }
    | {
        /** CREATE OR REPLACE: another type stands under our name and may go. */
        readonly action: "replace";
        readonly reason:
          | "type changed"
          | "no ALTER makes it so"
          | "recreated outside, of another type"
          | "taken over, of another type";
      }
  );

interface DropStep extends Seen {
  readonly action: "drop";
  readonly reason: "gone from the source" | "not in the source, and the destination is overwritten";
  readonly desired?: undefined;
}

type LeaveStep = { readonly action: "leave" } & (
  | (Wanted & {
      readonly reason:
        | "equal"
        | "known after up"
        | "changes are ignored"
        | "changes are ignored, but it is not as it was left";
      readonly observed?: ObservedSecret;
    })
  | (Seen & { readonly reason: "deletion is disabled"; readonly desired?: undefined })
);

type RefuseStep = Wanted & { readonly action: "refuse" } & (
    | (Seen & { readonly reason: "owned by another"; readonly owner: OwnershipComment })
    | (Seen & {
        readonly reason: "of another type" | "of a type that is never written" | "not marked as ours";
      })
    | {
        readonly reason: "changes are ignored, so there is no value to write";
        readonly observed?: ObservedSecret;
      }
  );

/** A step that changes something in Snowflake. */
export type WriteStep = Extract<Step, { action: "create" | "alter" | "replace" | "drop" }>;

/** A step that fails an `up` before anything is written. */
export type RefusedStep = Extract<Step, { action: "refuse" }>;

/**
 * What to do with each name: the desired ones in their order, then those that must go. Names that are neither
 * desired nor ours to remove do not appear. Pure: preview, apply and log read the same value.
 */
export function planSync(input: PlanInput): readonly Step[] {
  const steps: Step[] = [];
  for (const [name, desired] of input.desired) {
    steps.push({ name, ...planDesired(input, name, desired, input.observed.get(name)) });
  }
  for (const [name, observed] of input.observed) {
    const step = input.desired.has(name) ? undefined : planSurplus(input, name, observed);
    if (step) steps.push({ name, ...step });
  }
  return steps;
}

function planDesired(
  input: PlanInput,
  name: string,
  desired: DesiredSecret,
  observed: ObservedSecret | undefined,
): CreateStep | RewriteStep | LeaveStep | RefuseStep {
  const recorded = input.recorded.get(name);
  if (desired.availability === "kept") return planKept(input, desired, observed, recorded);
  const isUnknown = desired.availability === "known after up";
  if (!observed) {
    if (isUnknown) return { action: "leave", reason: "known after up", desired };
    return { action: "create", reason: recorded ? "recorded but gone" : "absent", desired };
  }
  const { mark } = observed;
  const isOurs = mark !== undefined && isOwn(input, mark);
  if (mark && !isOurs && !input.takeOver.has(mark.ownerId)) {
    return { action: "refuse", reason: "owned by another", owner: mark, desired, observed };
  }
  if (!isWrittenType(observed.type)) {
    return { action: "refuse", reason: "of a type that is never written", desired, observed };
  }
  if (!isUnknown && observed.type !== desired.type) {
    const replace = (reason: Extract<RewriteStep, { action: "replace" }>["reason"]) =>
      ({ action: "replace", reason, desired, observed }) as const;
    if (recorded) {
      const isAsLeft = observed.type === getRecordedType(recorded);
      return replace(isAsLeft ? "type changed" : "recreated outside, of another type");
    }
    return input.takeOver.has(otherType)
      ? replace("taken over, of another type")
      : { action: "refuse", reason: "of another type", desired, observed };
  }
  // SHOW does not tell what is fixed: only a secret that is as it was recorded is known to have it.
  const isAsRecorded =
    recorded?.fixed === desired.fixed &&
    mark?.fingerprint === recorded?.fingerprint &&
    !(recorded && isRecreated(recorded, observed));
  const isAlterable = isUnknown || desired.fixed === undefined || isAsRecorded;
  const alter = (reason: Extract<RewriteStep, { action: "alter" }>["reason"]) =>
    isAlterable
      ? ({ action: "alter", reason, desired, observed } as const)
      : ({ action: "replace", reason: "no ALTER makes it so", desired, observed } as const);
  if (!mark) {
    if (recorded) return alter("mark was removed");
    const mayTakeOver = input.initialSyncBehavior === "overwrite-destination" || input.takeOver.has(unmarked);
    return mayTakeOver
      ? alter("taken over, it had no ownership comment")
      : { action: "refuse", reason: "not marked as ours", desired, observed };
  }
  if (!isOurs) return alter("taken over from another owner");
  if (isUnknown) return { action: "leave", reason: "known after up", desired, observed };
  if (!recorded) return alter("marked by an earlier run");
  if (recorded.fingerprint !== desired.fingerprint) return alter("value changed");
  if (isRecreated(recorded, observed)) return alter("recreated outside");
  // Both must show it: a crash between write and state leaves them apart, even if the source went back meanwhile.
  // And the mark must be of this revision, or its destroy would leave the secret behind.
  if (mark.fingerprint !== desired.fingerprint || mark.revision !== input.revision)
    return alter("mark differs from the state");
  const { here } = input.places ?? {};
  if (here !== undefined && !isSameStack(mark.place, here)) return alter("stack was renamed");
  return { action: "leave", reason: "equal", desired, observed };
}

/**
 * Whether a mark is this sync's own: by its owner id, and by a stack in which it is or was. One of another stack was
 * written from a copy of the state.
 */
function isOwn({ ownerId, places, takeOver }: PlanInput, mark: OwnershipComment): boolean {
  if (mark.ownerId !== ownerId) return false;
  const known = [places?.here, places?.before].filter((place) => place !== undefined);
  const isKnown = known.length === 0 || known.some((place) => isSameStack(place, mark.place));
  return isKnown || takeOver.has(ownerId);
}

type Created = Pick<RecordedSecret, "createdOn">;

/** Whether somebody dropped the secret and made another one under its name. */
export function isRecreated(former: Created, observed: Created): boolean {
  const [before, now] = [former.createdOn, observed.createdOn];
  return before !== undefined && now !== undefined && before !== now;
}

function planKept(
  input: PlanInput,
  desired: DesiredSecret,
  observed: ObservedSecret | undefined,
  recorded: RecordedSecret | undefined,
): LeaveStep | RefuseStep {
  const seen = observed && { observed };
  if (input.revision === undefined) {
    return {
      action: "refuse",
      reason: "changes are ignored, so there is no value to write",
      desired,
      ...seen,
    };
  }
  const mark = observed?.mark;
  const isAnew = recorded && observed && isRecreated(recorded, observed);
  const asLeft = mark?.ownerId === input.ownerId && mark.fingerprint === desired.fingerprint && !isAnew;
  return {
    action: "leave",
    reason: asLeft ? "changes are ignored" : "changes are ignored, but it is not as it was left",
    desired,
    ...seen,
  };
}

/** For a name that is there and that the source lacks; undefined: not within our reach. */
function planSurplus(
  input: PlanInput,
  name: string,
  observed: ObservedSecret,
): DropStep | LeaveStep | undefined {
  if (!isWrittenType(observed.type)) return undefined;
  const owner = observed.mark?.ownerId;
  const isOurs = observed.mark !== undefined && isOwn(input, observed.mark);
  // A name that we wrote under an earlier key schema is ours by its mark and by the state.
  const isWithinReach = input.keySchema.matches(name) || (isOurs && input.recorded.has(name));
  if (!isWithinReach) return undefined;
  // What nobody marked is there to be overwritten where it is a text: other types are made by hand, for one consumer.
  const isOverwritten =
    owner === undefined &&
    observed.type === textType &&
    input.initialSyncBehavior === "overwrite-destination";
  const mayGo = isOurs || isOverwritten;
  if (!mayGo) return undefined;
  if (input.disableSecretDeletion) return { action: "leave", reason: "deletion is disabled", observed };
  return {
    action: "drop",
    reason: isOurs ? "gone from the source" : "not in the source, and the destination is overwritten",
    observed,
  };
}

/** Recorded names that are neither seen nor wanted any more: dropped, or owned by a role that ours cannot see. */
export function findUnseen({ recorded, observed, desired }: PlanInput): readonly string[] {
  return [...recorded.keys()].filter((name) => !observed.has(name) && !desired.has(name));
}

/** Recorded names that are not wanted any more and that no step drops: seen, but no longer ours. */
export function findLost(
  { recorded, observed, desired }: PlanInput,
  steps: readonly Step[],
): readonly string[] {
  const planned = new Set(steps.map(({ name }) => name));
  return [...recorded.keys()].filter(
    (name) => observed.has(name) && !desired.has(name) && !planned.has(name),
  );
}

/** The steps that write, in the order in which they are shown. */
export function findWrites(steps: readonly Step[]): readonly WriteStep[] {
  return steps.filter((step): step is WriteStep => step.action !== "leave" && step.action !== "refuse");
}

/** Whether only `up` can tell what is to be done. */
export function isKnownOnlyInUp(step: Step): boolean {
  return step.reason === "known after up";
}

/** The steps that may not be done. */
export function findRefused(steps: readonly Step[]): readonly RefusedStep[] {
  return steps.filter((step): step is RefusedStep => step.action === "refuse");
}
