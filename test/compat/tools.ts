import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { projectFolder } from "../support/engine/engine.js";
import { runIn } from "../support/package-install.js";

/** A program that an npm package holds. */
export interface Tool {
  readonly package: string;
  /** A version, or a range of which the newest is taken once and kept. */
  readonly version: string;
  /** The program's file inside the package. */
  readonly bin: string;
}

export interface InstalledTool {
  readonly file: string;
  readonly version: string;
}

/** Installs a tool into the project's cache, unless it is there. */
export async function installTool(tool: Tool): Promise<InstalledTool> {
  const name = `${tool.package.replace(/[@/]/g, "-").replace(/^-/, "")}-${tool.version}`;
  const root = join(projectFolder, ".cache/compat/tools", name);
  const manifest = join(root, "node_modules", tool.package, "package.json");
  const complete = join(root, "complete");
  if (!existsSync(complete)) {
    rmSync(root, { recursive: true, force: true });
    mkdirSync(root, { recursive: true });
    const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", root];
    await runIn(root, "npm", ["install", ...flags, `${tool.package}@${tool.version}`]);
    writeFileSync(complete, "");
  }
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
  return { file: join(dirname(manifest), tool.bin), version };
}

/** A Node of a major version, as the registry has it, or the one that runs this if it is of that version. */
export async function findNode(major: number): Promise<InstalledTool> {
  const own = process.versions.node;
  if (own.startsWith(`${major}.`)) return { file: process.execPath, version: own };
  const platform = process.platform === "win32" ? "win" : process.platform;
  return installTool({ package: `node-${platform}-${process.arch}`, version: `${major}`, bin: "bin/node" });
}
