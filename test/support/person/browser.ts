import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

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

/**
 * A browser whose person logs in at once, with requests as a browser sends them: it gets the page, sends its form and
 * follows the redirect to the program that waits.
 *
 * @param where the server that a page's host stands for, where no name leads to it
 */
export function writeBrowser(folder: string, where: string, typed: TypedLogin): Browser {
  const program = join(folder, "browser");
  const log = join(folder, "opened");
  writeFileSync(log, "");
  writeFileSync(
    program,
    `#!${process.execPath}
const { appendFileSync } = require("node:fs");
const given = process.argv.at(-1);
appendFileSync(${JSON.stringify(log)}, given + "\\n");
(async () => {
  const page = new URL(given);
  const here = new URL(page.pathname + page.search, ${JSON.stringify(where)});
  const html = await (await fetch(here)).text();
  const id = /name="id" value="(.+?)"/.exec(html)[1];
  const body = new URLSearchParams({ id, user: ${JSON.stringify(typed.user)}, password: ${JSON.stringify(typed.password)} });
  const answer = await fetch(new URL("/sso", here), { method: "POST", body, redirect: "manual" });
  if (answer.status === 302) await (await fetch(answer.headers.get("location"))).text();
})();
`,
  );
  chmodSync(program, 0o755);
  return { program, opened: () => readFileSync(log, "utf8").split("\n").filter(Boolean) };
}
