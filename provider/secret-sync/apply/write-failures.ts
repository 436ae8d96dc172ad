import { explainError, ProviderError } from "../../core/errors.js";
import { toOneLine } from "../../core/one-line.js";
import { quoteIdentifier } from "../../snowflake/statements.js";
import { listNames } from "../preview/messages.js";
import type { Outcomes } from "./apply.js";

/** Of those that were not begun. */
const shownNames = 5;
/** Of those that failed; of the rest their number by code. */
const maxShown = 10;

type Failed = readonly [name: string, error: ProviderError];

/** The writes that did not succeed. */
export function findFailed(outcomes: Outcomes): readonly Failed[] {
  return [...outcomes].flatMap(([name, error]): Failed[] => (error ? [[name, error]] : []));
}

/**
 * One line a failed name for the first ten, with code, fix and where the code is explained; one line for all others; what
 * was not begun for one reason is one line together.
 */
export function listFailures(failed: readonly Failed[]): readonly string[] {
  return describeEach(failed, explainError);
}

/** Ctrl-C in a large sync, or a server that falls silent, leaves hundreds that tell the same. */
function describeEach(failed: readonly Failed[], describe: (error: ProviderError) => string): string[] {
  const shared = findShared(failed);
  const begun = failed.filter((each) => isBegun(each) && !shared.has(each[1]));
  const lines = begun
    .slice(0, maxShown)
    .map(([name, error]) => toOneLine(`${quoteIdentifier(name)}: ${describe(error)}`));
  if (begun.length > maxShown) lines.push(countByCode(begun.slice(maxShown)));
  for (const error of shared) lines.push(describe(error));
  const notBegun = new Map<string, string[]>();
  for (const [name, error] of failed) {
    const { notBegunBecause: reason } = error.details;
    if (reason === undefined || shared.has(error)) continue;
    const names = notBegun.get(reason) ?? [];
    names.push(name);
    notBegun.set(reason, names);
  }
  return [...lines, ...[...notBegun].map(([reason, names]) => describe(buildNotBegun(names, reason)))];
}

function isBegun([, error]: Failed): boolean {
  return error.details.notBegunBecause === undefined;
}

/** "and 2990 more failed: 2987 STATEMENT_FAILED, 3 TIMED_OUT". */
function countByCode(failed: readonly Failed[]): string {
  const counts = new Map<string, number>();
  for (const [, { code }] of failed) counts.set(code, (counts.get(code) ?? 0) + 1);
  const parts = [...counts].sort(([, a], [, b]) => b - a).map(([code, count]) => `${count} ${code}`);
  return `and ${failed.length} more failed: ${parts.join(", ")}`;
}

/** Errors that several names have in common name these themselves. */
function findShared(failed: readonly Failed[]): ReadonlySet<ProviderError> {
  const errors = failed.map(([, error]) => error);
  return new Set(errors.filter((error, index) => errors.indexOf(error) !== index));
}

function buildNotBegun(names: readonly string[], reason: string): ProviderError {
  return new ProviderError("CANCELLED", {
    operation: `${names.length} ${names.length === 1 ? "write was" : "writes were"} not started, because ${reason}`,
    target: listNames(names, shownNames),
    hint: "run again.",
    retryable: true,
  });
}

/**
 * Several failures as one: `PARTLY_DONE`, or where nothing at all was done the code of the first.
 *
 * @param next what to do besides, as a sentence
 */
export function combineFailures(
  failed: readonly Failed[],
  { operation, wroteSomething, next }: { operation: string; wroteSomething: boolean; next: string },
): ProviderError {
  // A hint may name its secret.
  const shown = [...failed.filter(isBegun).slice(0, maxShown), ...failed.filter((each) => !isBegun(each))];
  const hints = [...new Set(shown.map(([, { hint }]) => hint))].slice(0, maxShown);
  return new ProviderError(wroteSomething ? "PARTLY_DONE" : (failed[0]?.[1].code ?? "PARTLY_DONE"), {
    operation,
    target: describeEach(failed, ({ summary }) => summary).join("; "),
    hint: [...hints, next].join(" "),
    retryable: true,
  });
}
