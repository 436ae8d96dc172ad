import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { run, showing } from "./commands.mjs";
import { projectFolder } from "./folders.mjs";

/** Installs the npm packages of the lockfile, unless exactly these are installed. */
export async function ensurePackages() {
  if (packagesAreInstalled()) return;
  // No package here needs its install script, so none runs.
  await showing("installing the npm packages (npm ci)", () =>
    run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], {
      cwd: projectFolder,
    }),
  );
}

/**
 * npm writes what it installed to node_modules/.package-lock.json. That says more than a stamp of our own, which
 * would not notice a later `npm install`.
 */
function packagesAreInstalled() {
  const installedFile = join(projectFolder, "node_modules/.package-lock.json");
  if (!existsSync(installedFile)) return false;
  const wanted = JSON.parse(readFileSync(join(projectFolder, "package-lock.json"), "utf8")).packages;
  const installed = JSON.parse(readFileSync(installedFile, "utf8")).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.startsWith("node_modules/") && !path.includes("/node_modules/")) return true;
    const found = installed[path];
    // An optional package for another platform is in the lockfile and not on the disk.
    if (found === undefined)
      return entry.optional === true || entry.devOptional === true || entry.peer === true;
    return found.version === entry.version && (entry.link !== true || existsSync(join(projectFolder, path)));
  });
}

/** The script behind a command of an installed npm package, so that it runs with this Node on every platform. */
export function commandScript(packageName, command = packageName) {
  const folder = join(projectFolder, "node_modules", packageName);
  const { bin } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return join(folder, typeof bin === "string" ? bin : bin[command]);
}
