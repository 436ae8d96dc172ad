import type * as z from "zod";
import { toOneLine } from "../core/one-line.js";
import { findSimilarArgument } from "./suggestion.js";
import { isUnknown } from "./unknown.js";

/** What `check` answers for a bad argument. */
export interface CheckFailure {
  /** A dotted path to a leaf, or "". */
  readonly property: string;
  /** A full sentence that names the argument and what is allowed, never the value. */
  readonly reason: string;
}

/**
 * A failure at `path`. The engine prints the value of the property that a failure names; it finds none under a
 * dotted path. So a top-level argument is named in the reason alone.
 */
export function buildCheckFailure(path: readonly PropertyKey[], problem: string): CheckFailure {
  // A program may have made a name from what somebody else wrote.
  const argument = toOneLine(path.map(String).join("."));
  const text = toOneLine(problem);
  return {
    property: path.length > 1 ? argument : "",
    reason: argument === "" ? text : `${argument}: ${text}`,
  };
}

/**
 * Zod's issues as failures below `path`, but those at a place whose value is not known yet. `definition` has the names
 * that an unknown argument is compared with.
 */
export function buildFailures(
  error: z.ZodError,
  path: readonly PropertyKey[],
  value: unknown,
  definition: z.ZodType,
): readonly CheckFailure[] {
  return error.issues
    .filter((issue) => !leadsToUnknown(value, issue.path))
    .flatMap((issue) =>
      issue.code === "unrecognized_keys"
        ? issue.keys.map((key) =>
            buildCheckFailure([...path, ...issue.path, key], refuseArgument(definition, issue.path, key)),
          )
        : [buildCheckFailure([...path, ...issue.path], describe(issue))],
    );
}

function refuseArgument(definition: z.ZodType, path: readonly PropertyKey[], key: string): string {
  const similar = findSimilarArgument(definition, path, key);
  return `there is no such argument.${similar === undefined ? "" : ` Did you mean ${similar}?`}`;
}

const forms: Readonly<Partial<Record<string, string>>> = {
  string: "a string",
  number: "a number",
  boolean: "true or false",
  object: "an object with named fields",
  array: "a list",
  record: "a map",
};

function describe(issue: z.core.$ZodIssue): string {
  if (issue.code === "custom") return issue.message;
  const isDefault = /^Invalid (input|option): /.test(issue.message);
  const wanted = isDefault ? findWanted(issue) : undefined;
  if (wanted !== undefined) return `must be ${wanted}.`;
  // Zod says "Invalid input: expected …, received …": the kind that was received, not its value.
  const text = issue.message.replace(/^Invalid (input|option): /, "");
  return text.endsWith(".") ? text : `${text}.`;
}

function findWanted(issue: z.core.$ZodIssue): string | undefined {
  if (issue.code === "invalid_type") return forms[issue.expected];
  if (issue.code === "invalid_value") return issue.values.map((value) => JSON.stringify(value)).join(" or ");
  return undefined;
}

function leadsToUnknown(value: unknown, path: readonly PropertyKey[]): boolean {
  let here = value;
  for (const step of path) {
    if (isUnknown(here)) return true;
    if (typeof here !== "object" || here === null) return false;
    here = (here as Record<PropertyKey, unknown>)[step];
  }
  return isUnknown(here);
}
