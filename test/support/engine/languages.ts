import { existsSync } from "node:fs";
import { join } from "node:path";
import { projectFolder } from "./engine.js";

const folder = join(projectFolder, ".cache/languages");

/** Where Pulumi's hosts for YAML and Python are, and a Python that has Pulumi's SDK; languages.mjs puts them there. */
export const languageFolders: readonly string[] = [
  folder,
  join(folder, "python", process.platform === "win32" ? "Scripts" : "bin"),
];

/** Pulumi's own generators of SDKs as one command. Throws if it is not there yet. */
export function findSdkGenerator(): string {
  const file = join(folder, process.platform === "win32" ? "generate-sdk.exe" : "generate-sdk");
  if (existsSync(file)) return file;
  throw new Error("No generator of SDKs is built for the tests yet. `npm test` builds one.");
}
