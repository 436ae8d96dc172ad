import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { projectFolder } from "../../support/engine/engine.js";

const guides = readdirSync(join(projectFolder, "docs/guides")).filter((name) => name !== "README.md");
const tests = readdirSync(join(projectFolder, "test/guides")).map((name) => name.replace(".nightly", ""));
const front = readFileSync(join(projectFolder, "docs/guides/README.md"), "utf8");

it.each(guides)("docs/guides/%s is on the front page, and followed by a test", (name) => {
  expect(front).toContain(`(${name})`);
  expect(tests).toContain(name.replace(/\.md$/, ".test.ts"));
});
