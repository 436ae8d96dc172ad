import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** The Pulumi engine that tests and demo run. */
export interface Engine {
  /** Where it came from: the user's PATH, the official download, or a build from Go modules. */
  readonly origin: "path" | "download" | "build";
  /** The folder that holds `pulumi`, its Node language host and the starter of dynamic providers. */
  readonly folder: string;
  /** As `pulumi version` prints it: "v3.276.0". */
  readonly version: string;
}

/** The folder of the project. */
export const projectFolder = resolve(__dirname, "../../..");

/** See `cacheFolder` in `test/support/bootstrap/folders.mjs`. */
export const cacheFolder = process.env.TEST_CACHE_FOLDER ?? join(projectFolder, ".cache");

/** The engine of all tests, or the oldest one that the compatibility table has; install.mjs makes it for that alone. */
export type EngineName = "newest" | "oldest";

/** The engine that install.mjs found or made. Throws if none is there yet. */
export function findEngine(name: EngineName = "newest"): Engine {
  const file = join(cacheFolder, name === "newest" ? "engine" : "engine-oldest", "engine.json");
  if (!existsSync(file)) {
    throw new Error(
      "No Pulumi engine is installed for the tests yet. `npm test` and `npm run demo` get one.",
    );
  }
  return JSON.parse(readFileSync(file, "utf8")) as Engine;
}
