import { explainError, ProviderError } from "../../core/errors.js";
import { toOneLine } from "../../core/one-line.js";
import { quoteIdentifier } from "../../snowflake/statements.js";
import { listNames } from "../preview/messages.js";
import type { Outcomes } from "./apply.js";

/** Of those that were not begun. */
const shownNames = 5;

type Failed = readonly [name: string, error: ProviderError];

/** The writes that did not succeed. */
export function findFailed(outcomes: Outcomes): readonly Failed[] {
  return [...outcomes].flatMap(([name, error]): Failed[] => (error ? [[name, error]] : []));
}

/** One line a failed name, with code, fix and where the code is explained; what was not begun for one reason is one line together. */
export function listFailures(failed: readonly Failed[]): readonly string[] {
  return describeEach(failed, explainError);
}

/** Ctrl-C in a large sync, or a server that falls silent, leaves hundreds that tell the same. */
function describeEach(failed: readonly Failed[], describe: (error: ProviderError) => string): string[] {
  const lines: string[] = [];
  const notBegun = new Map<string, string[]>();
  for (const [name, error] of failed) {
    const { notBegunBecause: reason } = error.details;
    if (reason === undefined) {
      lines.push(toOneLine(`${quoteIdentifier(name)}: ${describe(error)}`));
      continue;
    }
    const names = notBegun.get(reason) ?? [];
    names.push(name);
    notBegun.set(reason, names);
  }
  return [...lines, ...[...notBegun].map(([reason, names]) => describe(buildNotBegun(names, reason)))];
}

function buildNotBegun(names: readonly string[], reason: string): ProviderError {
  return new ProviderError("CANCELLED", {
    operation: `${names.length} ${names.length === 1 ? "write was" : "writes were"} not begun, because ${reason}`,
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
  const hints = [...new Set(failed.map(([, { hint }]) => hint))];
  return new ProviderError(wroteSomething ? "PARTLY_DONE" : (failed[0]?.[1].code ?? "PARTLY_DONE"), {
    operation,
    target: describeEach(failed, ({ summary }) => summary).join("; "),
    hint: [...hints, next].join(" "),
    retryable: true,
  });
}
