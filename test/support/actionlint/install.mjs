import { existsSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder, hashOf, isStamped, projectFolder, stamp } from "../bootstrap/folders.mjs";
import { buildWithGo } from "../bootstrap/go-build.mjs";
import { requireGo } from "../bootstrap/prerequisites.mjs";

const here = join(projectFolder, "test/support/actionlint");
const folder = join(cacheFolder, "actionlint");

/** The command that checks workflows of GitHub. */
export const actionlint = join(folder, process.platform === "win32" ? "actionlint.exe" : "actionlint");

/** Builds actionlint from its Go module, unless the pinned version is there. */
export async function ensureActionlint() {
  const hash = hashOf(["go.mod", "go.sum"].map((name) => join(here, name)));
  if (existsSync(actionlint) && isStamped("actionlint", hash)) return;
  await requireGo("actionlint is built to check the workflows; this needs");
  const title = "building actionlint from Go modules";
  await buildWithGo({ module: here, command: "github.com/rhysd/actionlint/cmd/actionlint", title }, folder);
  stamp("actionlint", hash);
}
