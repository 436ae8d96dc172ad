import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tsxLoader } from "../tsx-loader.js";

/** What the person types in the page of a log-in. */
export interface TypedLogin {
  readonly user: string;
  readonly password: string;
}

/** A program that stands for the browser, and for the person in front of it. */
export interface Browser {
  /** For BROWSER. */
  readonly program: string;
  /** The pages that were opened. */
  opened(): readonly string[];
}

/** A browser whose person logs in at once, with requests as a browser sends them. It is much quicker than Chromium. */
export function writeBrowser(folder: string, typed: TypedLogin): Browser {
  const { program, lines } = writePerson(folder, typed, ["--import", tsxLoader, join(__dirname, "visit.ts")]);
  return { program, opened: lines };
}

/**
 * A program for BROWSER that runs a script with two arguments: a file with what the person types and where its lines
 * go (`log`), and the address of the page.
 *
 * @param script for Node, with its options
 */
export function writePerson(
  folder: string,
  typed: TypedLogin,
  script: readonly string[],
): { readonly program: string; lines(): readonly string[] } {
  const [program, settings, log] = ["browser", "settings", "log"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(log, "");
  // A password in an argument could be read by others.
  writeFileSync(settings, JSON.stringify({ ...typed, log }), { mode: 0o600 });
  const words = [process.execPath, ...script, settings].map((word) => `'${word}'`);
  writeFileSync(program, `#!/bin/sh\nexec ${words.join(" ")} "$1"\n`, { mode: 0o755 });
  return { program, lines: () => readFileSync(log, "utf8").split("\n").filter(Boolean) };
}
