import { join } from "node:path";
import { type TypedLogin, writePerson } from "../person/browser.js";

/** The last page of a log-in. */
export interface LastPage {
  /** Its address, as the browser's history keeps it. */
  readonly end: string;
  readonly text: string;
}

/** Chromium, with a person in front of it. */
export interface Chromium {
  /** For BROWSER. */
  readonly program: string;
  /** Where the log-ins ended. */
  ended(): readonly LastPage[];
}

export function writeChromium(folder: string, typed: TypedLogin): Chromium {
  const { program, lines } = writePerson(folder, typed, [join(__dirname, "log-in.mjs")]);
  return { program, ended: () => lines().map((line) => JSON.parse(line) as LastPage) };
}
