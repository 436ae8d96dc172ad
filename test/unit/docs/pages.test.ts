import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { pages } from "../../docs/pages.js";
import { projectFolder } from "../../support/engine/engine.js";

it.each(Object.entries(pages))("%s is what npm run generate writes", async (path, build) => {
  expect(readFileSync(join(projectFolder, path), "utf8")).toBe(await build());
});
