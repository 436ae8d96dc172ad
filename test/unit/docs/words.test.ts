import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { projectFolder } from "../../support/engine/engine.js";

/** What users read. The pages of decisions are for people who work on the code. */
const pages = [
  "README.md",
  ...["docs", "examples"].flatMap((folder) =>
    readdirSync(join(projectFolder, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".md") && !/^decisions|node_modules/.test(name))
      .map((name) => join(folder, name)),
  ),
];

/** Words that have no meaning outside of this project, and turns that hide who does what. */
const retired: Readonly<Record<string, RegExp>> = {
  mark: /\b(?:our|its|a|the|without|these|their) marks?\b(?! of)/i,
  "made anew": /\bmade anew\b/i,
  "set right": /\bsets? (?:it )?right\b/i,
  mend: /\bto mend\b/i,
  "not to be had": /\bnot to be had\b/i,
  "what sticks": /\bsticks\b/i,
  incarnation: /\bincarnations?\b/i,
  leftover: /\bleftovers?\b/i,
  room: /\bthe rooms?\b/i,
  door: /\bdoors?\b/i,
  "as things stand": /\bas things stand\b/i,
  "taken up": /\btak(?:es|en|e) up\b/i,
  we: /\b[Ww]e\b/,
};

// The errors and the reference are built from the texts in the code: so these are held to it too.
it.each(pages)("%s uses no retired word", (page) => {
  const text = readFileSync(join(projectFolder, page), "utf8");
  const found = Object.entries(retired).flatMap(([word, form]) => {
    const hit = form.exec(text);
    return hit === null
      ? []
      : [`${word}: …${text.slice(hit.index - 40, hit.index + 40).replaceAll("\n", " ")}…`];
  });
  expect(found).toEqual([]);
});
