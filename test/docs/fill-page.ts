import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectFolder } from "../support/engine/engine.js";

/** A page that is written by hand, with the parts between its marks `<!-- built: NAME -->` and `<!-- end: NAME -->`. */
export function fillPage(path: string, parts: Readonly<Record<string, string>>): string {
  return Object.entries(parts).reduce(
    (text, [name, built]) => {
      const [begin, end] = [`<!-- built: ${name} -->`, `<!-- end: ${name} -->`];
      const [from, to] = [text.indexOf(begin), text.indexOf(end)];
      if (from < 0 || to < from) throw new Error(`${path} has no part "${name}".`);
      return `${text.slice(0, from)}${begin}\n${built}\n${text.slice(to)}`;
    },
    readFileSync(join(projectFolder, path), "utf8"),
  );
}
