import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { projectFolder } from "../../support/engine/engine.js";

const guides = readdirSync(join(projectFolder, "docs/guides")).filter((name) => name !== "README.md");
const front = readFileSync(join(projectFolder, "docs/guides/README.md"), "utf8");

it.each(guides)("docs/guides/%s is on the front page, and followed by a test", (name) => {
  expect(front).toContain(`(${name})`);
  expect(existsSync(join(projectFolder, "test/guides", name.replace(/\.md$/, ".test.ts")))).toBe(true);
});
