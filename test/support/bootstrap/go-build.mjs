import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { run, showing } from "./commands.mjs";
import { cacheFolder, filesBelow, hashOf, isStamped, projectFolder, stamp } from "./folders.mjs";
import { requireGo } from "./prerequisites.mjs";

/**
 * Builds `<name>-of-the-tests` into a folder of the cache, from a Go module below `test/support`, unless it is there.
 * `why` begins the sentence that says what to install.
 */
export async function ensureBuiltWithGo({ name, module, title, why }, into) {
  const folder = join(cacheFolder, into);
  const source = join(projectFolder, "test/support", module);
  const hash = hashOf(filesBelow(source, ["go.mod", "go.sum", ".go"]));
  if (existsSync(join(folder, `${name}-of-the-tests`)) && isStamped(name, hash)) return;
  await requireGo(why);
  await buildWithGo({ module: source, command: ".", title }, folder);
  stamp(name, hash);
}

/** Builds a command of a Go module into a folder. `linkerFlags` go beside those that leave out what a debugger needs. */
export async function buildWithGo({ module, command, title, linkerFlags = "" }, into) {
  mkdirSync(into, { recursive: true });
  const flags = ["-mod=readonly", "-trimpath", "-buildvcs=false", `-ldflags=-s -w ${linkerFlags}`.trimEnd()];
  await showing(title, () =>
    run("go", ["build", ...flags, "-o", `${into}/`, command], {
      cwd: module,
      env: { ...process.env, GOWORK: "off", GOFLAGS: "" },
    }),
  );
}
