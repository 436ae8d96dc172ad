import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { projectFolder } from "./engine/engine.js";

/** For `--import`: with it Node runs the project's TypeScript as it is. */
export const tsxLoader = pathToFileURL(join(projectFolder, "node_modules/tsx/dist/loader.mjs")).href;
