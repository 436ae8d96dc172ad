import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TypedLogin } from "../person/browser.js";

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
  const [program, settings, log] = [
    join(folder, "chromium"),
    join(folder, "settings"),
    join(folder, "ended"),
  ];
  writeFileSync(log, "");
  // In a file, and not an argument, which others can read.
  writeFileSync(settings, JSON.stringify({ ...typed, log }), { mode: 0o600 });
  const words = [process.execPath, join(__dirname, "log-in.mjs"), settings].map((word) => `'${word}'`);
  writeFileSync(program, `#!/bin/sh\nexec ${words.join(" ")} "$1"\n`, { mode: 0o755 });
  const lines = () => readFileSync(log, "utf8").split("\n").filter(Boolean);
  return { program, ended: () => lines().map((line) => JSON.parse(line) as LastPage) };
}
