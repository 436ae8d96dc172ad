import { closeSync, constants, openSync, writeSync } from "node:fs";

/**
 * Appends a value to a file as one line of JSON; written at once, as the engine may end this process.
 *
 * @param flags of `fs.constants`, beside those for appending. The file must be there, unless they say otherwise
 */
export function appendLine(file: string, value: object, flags = 0): void {
  const opened = openSync(file, constants.O_WRONLY | constants.O_APPEND | flags, 0o600);
  try {
    writeSync(opened, `${JSON.stringify(value)}\n`);
  } finally {
    closeSync(opened);
  }
}
