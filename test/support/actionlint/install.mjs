import { existsSync } from "node:fs";
import { join } from "node:path";
import { run, showing } from "../bootstrap/commands.mjs";
import { cacheFolder, hashOf, isStamped, projectFolder, stamp } from "../bootstrap/folders.mjs";
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
  const flags = ["-mod=readonly", "-trimpath", "-buildvcs=false", "-ldflags=-s -w"];
  await showing("building actionlint from Go modules", () =>
    run("go", ["build", ...flags, "-o", `${folder}/`, "github.com/rhysd/actionlint/cmd/actionlint"], {
      cwd: here,
      env: { ...process.env, GOWORK: "off", GOFLAGS: "" },
    }),
  );
  stamp("actionlint", hash);
}
