import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { sourceArguments } from "../../../provider/sources/index.js";
import { projectFolder } from "../../support/engine/engine.js";

const page = readFileSync(join(projectFolder, "docs/sources.md"), "utf8");
const tables = page.split(/^## /m).filter((section) => section.includes("| `type` |"));
const types = [...sourceArguments.def.options.map(({ shape }) => shape.type.value), "program"];

it.each(types)("docs/sources.md says of %s what it reads, what fails, its limits, and its tests", (type) => {
  expect(tables).toHaveLength(4);
  for (const table of tables) {
    const cells = table.split("\n").map((line) => line.split("|")[1] ?? "");
    expect(
      cells.some((cell) => cell.includes(`\`${type}\``)),
      table.split("\n", 1)[0],
    ).toBe(true);
  }
});
