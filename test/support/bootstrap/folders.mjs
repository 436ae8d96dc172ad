import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the project. */
export const projectFolder = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");

/**
 * What tests and demo install and keep between runs; git ignores it. A copy of the project that is made for a run
 * (`test:mutation`) uses that of the original.
 */
export const cacheFolder = process.env.TEST_CACHE_FOLDER ?? join(projectFolder, ".cache");

/** All files below a folder whose name ends in one of the endings, sorted, so that a hash over them is stable. */
export function filesBelow(folder, endings) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .filter((file) => !file.includes(`${join("/", "node_modules", "/")}`))
    .sort();
}

/** One hash over the names and contents of files, and over further words such as a version. */
export function hashOf(files, ...words) {
  const hash = createHash("sha256");
  for (const word of words) hash.update(`${word}\0`);
  for (const file of files) hash.update(`${file.slice(projectFolder.length)}\0`).update(readFileSync(file));
  return hash.digest("hex");
}

/** A stamp says what a finished step was made from; the step is done again when that changed. */
export function isStamped(name, hash) {
  const file = join(cacheFolder, "stamps", name);
  return existsSync(file) && readFileSync(file, "utf8") === hash;
}

export function stamp(name, hash) {
  mkdirSync(join(cacheFolder, "stamps"), { recursive: true });
  writeFileSync(join(cacheFolder, "stamps", name), hash);
}
