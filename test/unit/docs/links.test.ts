import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, it } from "vitest";
import { projectFolder } from "../../support/engine/engine.js";

const top = readdirSync(projectFolder).filter((name) => name.endsWith(".md"));
const below = ["docs", "examples"].flatMap((folder) =>
  readdirSync(join(projectFolder, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md") && !name.includes("node_modules"))
    .map((name) => join(folder, name)),
);
const pages = [...top, ...below];
const read = (page: string) => readFileSync(join(projectFolder, page), "utf8");
const { files, scripts } = JSON.parse(read("package.json")) as {
  readonly files: readonly string[];
  readonly scripts: Readonly<Record<string, string>>;
};
/** Whether the package has a file; npm adds three files by itself. */
const isPacked = (path: string) =>
  [...files, "README.md", "LICENSE", "package.json"].some(
    (packed) => path === packed || path.startsWith(`${packed}/`),
  );

/** As GitHub makes the anchor of a heading. */
const anchorsOf = (page: string) =>
  [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, "")
      .replaceAll(" ", "-"),
  );

it.each(pages)("every link of %s leads somewhere", (page) => {
  const prose = read(page).replace(/^[ \t]*```[\s\S]*?^[ \t]*```$/gm, "");
  const links = [...prose.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)];
  for (const [link, path = "", anchor] of links) {
    const target = path === "" ? page : relative(projectFolder, join(projectFolder, dirname(page), path));
    expect(existsSync(join(projectFolder, target)), link).toBe(true);
    // A page of the package leads to files that the package has, too.
    if (isPacked(page)) expect(isPacked(target), `${link} is not in the package`).toBe(true);
    if (anchor !== undefined) expect(anchorsOf(target), link).toContain(anchor);
  }
});

it.each(pages)("%s holds no mark of a merge", (page) => {
  expect(read(page)).not.toMatch(/^(<{7}|={7}|>{7})/m);
});

it("every npm command on a page is one of package.json", () => {
  const named = pages.flatMap((page) => [...read(page).matchAll(/npm run (?:--silent )?([a-z][a-z:-]*)/g)]);
  expect(named.map(([, name = ""]) => name).filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
});

it("every source file that CONTRIBUTING names is there", () => {
  const named = [...read("CONTRIBUTING.md").matchAll(/`([a-z-]+\/[a-z/-]*\.ts)`/g)].map(
    ([, path = ""]) => path,
  );
  const isThere = (path: string) =>
    ["", "provider"].some((folder) => existsSync(join(projectFolder, folder, path)));
  expect(named.filter((path) => !isThere(path))).toEqual([]);
  expect(named.length).toBeGreaterThan(20);
});
