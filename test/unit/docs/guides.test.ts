import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readBlocks } from "../../support/docs/page.js";
import { projectFolder } from "../../support/engine/engine.js";

const guides = readdirSync(join(projectFolder, "docs/guides")).filter((name) => name !== "README.md");
const front = readFileSync(join(projectFolder, "docs/guides/README.md"), "utf8");

it.each(guides)("docs/guides/%s is on the front page, and followed by a test", (name) => {
  expect(front).toContain(`(${name})`);
  expect(existsSync(join(projectFolder, "test/guides", name.replace(/\.md$/, ".test.ts")))).toBe(true);
});

it("the front page says how many blocks no test runs", () => {
  const blocks = guides.flatMap((name) => readBlocks(`docs/guides/${name}`));
  const untried = blocks.filter((block) => block.untried !== undefined);
  expect(front).toContain(`Of ${blocks.length} blocks ${untried.length} are not run`);
});
