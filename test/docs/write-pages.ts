import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectFolder } from "../support/engine/engine.js";
import { pages } from "./pages.js";

async function main(): Promise<void> {
  for (const [path, build] of Object.entries(pages)) writeFileSync(join(projectFolder, path), await build());
}

void main();
