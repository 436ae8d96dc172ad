import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { run, showing } from "./commands.mjs";
import { cacheFolder, filesBelow, hashOf, isStamped, projectFolder, stamp } from "./folders.mjs";
import { commandScript } from "./packages.mjs";
import { bundleHosts, downloadUrlVariable, errorsPage } from "./plugin.mjs";

/** Builds `dist/` from `provider/` and `sdk/`, with the bundled plugin, unless it was built from the same sources. */
export async function ensureBuilt() {
  const dist = join(projectFolder, "dist");
  const sources = ["provider", "sdk"].flatMap((room) => filesBelow(join(projectFolder, room), [".ts"]));
  const settings = ["tsconfig.json", "package.json", "schema.json", errorsPage].map((name) =>
    join(projectFolder, name),
  );
  const builders = ["build.mjs", "plugin.mjs"].map((name) =>
    join(projectFolder, "test/support/bootstrap", name),
  );
  const lock = join(projectFolder, "package-lock.json");
  const hash = hashOf([...sources, ...settings, ...builders, lock], process.env[downloadUrlVariable] ?? "");
  if (existsSync(dist) && isStamped("dist", hash)) return;
  await showing("building dist/ (tsc, esbuild)", async () => {
    // Built aside, so that a failed build leaves the old one, and a removed source leaves nothing behind.
    const fresh = join(cacheFolder, `dist-${process.pid}`);
    const old = `${fresh}-old`;
    try {
      await run(
        process.execPath,
        [commandScript("typescript", "tsc"), "-p", "tsconfig.json", "--outDir", fresh],
        {
          cwd: projectFolder,
        },
      );
      await bundleHosts(join(fresh, "plugin"));
      if (existsSync(dist)) renameSync(dist, old);
      renameSync(fresh, dist);
    } finally {
      for (const folder of [fresh, old]) rmSync(folder, { recursive: true, force: true });
    }
  });
  stamp("dist", hash);
}
