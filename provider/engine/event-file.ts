import { constants } from "node:fs";
import { appendLine } from "../core/append-line.js";
import type { Memory, Operation } from "./operation.js";

/** The variable that names the file to which events are appended. */
export const eventsVariable = "PULUMI_SNOWFLAKE_SECRETS_EVENTS";

const { O_CREAT, O_NONBLOCK = 0 } = constants;
/** A pipe that nobody reads must not hold up the operation. */
const flags = O_CREAT | O_NONBLOCK;

const failure: Memory<{ isTold: boolean }> = { create: () => ({ isTold: false }) };

/**
 * Appends an event to the file that log collectors follow, as one line of JSON; does nothing where none is named. An
 * event holds no value. A file that cannot be written is told once in an operation, and fails nothing.
 */
export function writeEvent(event: object, operation: Operation): void {
  const { [eventsVariable]: file = "" } = process.env;
  if (file === "") return;
  try {
    appendLine(file, event, flags);
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
