import { explainError, ProviderError } from "../core/errors.js";
import { quoteIdentifier } from "../snowflake/statements.js";
import type { Outcomes } from "./apply.js";

type Failed = readonly [name: string, error: ProviderError];

/** The writes that did not succeed. */
export function findFailed(outcomes: Outcomes): readonly Failed[] {
  return [...outcomes].flatMap(([name, error]): Failed[] => (error ? [[name, error]] : []));
}

/** One line a failed name, with code, fix and where the code is explained. */
export function listFailures(failed: readonly Failed[]): readonly string[] {
  return failed.map(([name, error]) => `${quoteIdentifier(name)}: ${explainError(error)}`);
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
    target: failed.map(([name, { summary }]) => `${quoteIdentifier(name)}: ${summary}`).join("; "),
    hint: [...hints, next].join(" "),
    retryable: true,
  });
}
