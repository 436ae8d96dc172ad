import { type ErrorCode, isProviderError } from "../../provider/core/errors.js";

/**
 * What a command of the line answers to the shell.
 *
 * - 0: done, or nothing to do.
 * - 1: something failed; the message says what.
 * - 2: an argument is wrong.
 * - 3: refused, because more than secrets would have changed, or a proof is missing; nothing was changed.
 * - 4: the doctor found a problem, or `drift` found drift.
 */
export const exitCodes = { done: 0, failed: 1, usage: 2, refused: 3, unwell: 4 } as const;

/** What a command answers to the shell. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Errors that say no before anything is done. */
const refusals: ReadonlySet<ErrorCode> = new Set(["UNPROVEN", "REMOVAL_LIMIT", "NOT_OURS", "EXPORT_RUNNING"]);

/** The answer to the shell for an error that ended a command. */
export function findExitCode(error: unknown): ExitCode {
  if (!isProviderError(error)) return exitCodes.failed;
  if (error.code === "INVALID_INPUT") return exitCodes.usage;
  return refusals.has(error.code) ? exitCodes.refused : exitCodes.failed;
}
