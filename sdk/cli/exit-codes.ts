/**
 * What a command of the line answers to the shell.
 *
 * - 0: done, or nothing to do.
 * - 1: something failed; the message says what.
 * - 2: the command was called in a wrong way.
 * - 3: refused, because more than secrets would have changed, or a proof is missing; nothing was changed.
 * - 4: the doctor found something that has to be mended.
 */
export const exitCodes = { done: 0, failed: 1, usage: 2, refused: 3, unwell: 4 } as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
