import { closeSync, constants, openSync, writeSync } from "node:fs";
import type { Memory, Operation } from "./operation.js";

/** The variable that names the file to which events are appended. */
export const eventsVariable = "PULUMI_SNOWFLAKE_SECRETS_EVENTS";

const { O_APPEND, O_CREAT, O_WRONLY, O_NONBLOCK = 0 } = constants;
/** A pipe that nobody reads must not hold up the operation. */
const flags = O_APPEND | O_CREAT | O_WRONLY | O_NONBLOCK;

const failure: Memory<{ isTold: boolean }> = { create: () => ({ isTold: false }) };

/**
 * Appends an event to the file that log collectors follow, as one line of JSON; does nothing where none is named. An
 * event holds no value. A file that cannot be written is told once in an operation, and fails nothing.
 */
export function writeEvent(event: object, operation: Operation): void {
  const { [eventsVariable]: file = "" } = process.env;
  if (file === "") return;
  try {
    const opened = openSync(file, flags, 0o600);
    try {
      writeSync(opened, `${JSON.stringify(event)}\n`);
    } finally {
      closeSync(opened);
    }
  } catch (thrown) {
    const memory = operation.recall(failure);
    if (memory.isTold) return;
    memory.isTold = true;
    const code = String((thrown as NodeJS.ErrnoException).code);
    operation.messages.warn(
      `events are not logged: cannot write ${file} (${code}). Fix: set ${eventsVariable} to a file that you may write.`,
    );
  }
}
