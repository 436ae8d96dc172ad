import { countOf } from "../../../provider/core/count-of.js";
import { listNames } from "../../../provider/secret-sync/preview/messages.js";
import { quoteName } from "../../../provider/snowflake/statements.js";
import { describeFailure, type Line, paint, paintStart, toJsonFailure } from "../output.js";
import { screenWidth, wrapText } from "../text-layout.js";
import type { ResourceReport, StackReport } from "./look-at-stack.js";
import type { OwnerReport, SchemaReport } from "./owners.js";

/** What a run of `drift` found. */
export interface DriftReport {
  readonly stacks: readonly StackReport[];
  readonly schemas: readonly SchemaReport[];
}

/** How many resources ended how, and how many stacks could not be read. */
export interface DriftCounts extends Readonly<Record<ResourceReport["status"], number>> {
  readonly stacks: number;
  readonly unreadStacks: number;
}

/** Counts what was found. */
export function countDrift({ stacks }: Pick<DriftReport, "stacks">): DriftCounts {
  const resources = stacks.flatMap((each) => each.resources);
  const count = (status: ResourceReport["status"]) =>
    resources.filter((each) => each.status === status).length;
  return {
    stacks: stacks.length,
    unreadStacks: stacks.filter(({ error }) => error !== undefined).length,
    ok: count("ok"),
    drift: count("drift"),
    skipped: count("skipped"),
    failed: count("failed"),
  };
}

/** The screen for people. */
export function renderDrift(report: DriftReport): Line[] {
  const { stacks, schemas } = report;
  return [
    ...stacks.flatMap(renderStack),
    ...schemas.flatMap(renderSchema),
    renderSummary(countDrift(report)),
  ];
}

/** The same for `--json`. */
export function toJsonDrift({ stacks, schemas }: DriftReport): Readonly<Record<string, unknown>> {
  const withoutError = <T extends { readonly error?: unknown }>({ error, ...rest }: T) => ({
    ...rest,
    ...(error !== undefined && { error: toJsonFailure(describeFailure(error, "drift")) }),
  });
  return {
    stacks: stacks.map((stack) => ({
      ...withoutError(stack),
      resources: stack.resources.map(withoutError),
    })),
    schemas: schemas.map(withoutError),
    summary: countDrift({ stacks }),
  };
}

/** What is said of a resource, a text for each fact. */
export function describeResource({ texts, error }: ResourceReport): readonly string[] {
  return error === undefined ? texts : describeError(error);
}

/** What is said of an error. */
export function describeError(error: unknown): readonly string[] {
  const { message, engineLines } = describeFailure(error, "drift");
  return [message, ...engineLines];
}

/** What is said of an owner: "managed by shop/dev: app (12)". */
export function describeOwner(owner: OwnerReport): string {
  const count = `(${owner.secrets.length})`;
  // Who is looked at has its names in its own stack.
  if (owner.ownership === "managed") return `${describeOwnership(owner)} ${count}`;
  return `${describeOwnership(owner)} ${count}: ${listNames(owner.secrets)}`;
}

function describeOwnership({ ownership, place, because, syncs = [] }: OwnerReport): string {
  const own = syncs.join(" and ");
  switch (ownership) {
    case "managed":
      return `managed by ${own}${syncs.length > 1 ? ", whose states have the same owner id" : ""}`;
    case "unrecorded":
      return `written by ${own}, but not in the state`;
    case "orphaned":
      return `orphaned: the stack of ${place} no longer has this sync`;
    case "stack gone":
      return `of ${place}, a stack that this backend does not have`;
    case "unknown":
      return `of ${place}, unknown: ${because}`;
    case "unmanaged":
      return "unmanaged: no ownership comment";
  }
}

const marks = {
  ok: ["ok", "green"],
  drift: ["DRIFT", "red"],
  skipped: ["-", "dim"],
  failed: ["FAILED", "red"],
} as const;
const markWidth = 8;
const indent = " ".repeat(markWidth + 2);

function renderStack({ project, stack, resources, error }: StackReport): Line[] {
  const title = paint("bold", `${project}/${stack}`);
  if (error !== undefined) return [title, ...renderMarked("failed", describeError(error)), ""];
  if (resources.length === 0) return [title, ...renderMarked("skipped", ["no sync and no destination"]), ""];
  const lines = resources.flatMap((resource) => {
    const { kind, name, where, status } = resource;
    return renderMarked(status, [`${kind} ${name}: ${where}`, ...describeResource(resource)]);
  });
  return [title, ...lines, ""];
}

function renderMarked(status: ResourceReport["status"], [first = "", ...rest]: readonly string[]): Line[] {
  const [mark, colour] = marks[status];
  const [head = "", ...more] = wrapText(
    `  ${mark.padEnd(markWidth)}${first}`,
    screenWidth,
    " ".repeat(markWidth),
  );
  return [
    paintStart(head, 2 + mark.length, colour),
    ...more,
    ...rest.flatMap((text) => wrapText(`${indent}${text}`, screenWidth)),
  ];
}

function renderSchema({ account, owners, error, ...schema }: SchemaReport): Line[] {
  const texts = [...owners.map(describeOwner), ...(error === undefined ? [] : describeError(error))];
  return [
    paint("bold", `${quoteName(schema)} of account ${account}`),
    ...(texts.length === 0 ? ["no secret"] : texts).flatMap((text) =>
      wrapText(`  ${text}`, screenWidth, "  "),
    ),
    "",
  ];
}

function renderSummary({ stacks, unreadStacks, drift, failed }: DriftCounts): Line {
  const looked = countOf(stacks, "stack");
  const unknown = unreadStacks + failed;
  const parts = [
    ...(drift > 0 ? [`${drift} ${drift === 1 ? "resource has" : "resources have"} drift`] : []),
    ...(unknown > 0 ? [`${unknown} could not be looked at`] : []),
  ];
  return parts.length === 0
    ? paint("green", `${looked}: no drift.`)
    : paint("red", `${looked}: ${parts.join(", ")}.`);
}
