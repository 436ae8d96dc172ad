import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { projectFolder } from "./engine/engine.js";
import { type CommandResult, runCommand } from "./pulumi/command.js";

const timeoutMs = 240_000;

/** A version of this package as npm would publish it. */
export interface Release {
  readonly version: string;
  readonly tarball: string;
}

/** Runs a command in a folder and throws if it fails. */
export async function runIn(folder: string, file: string, args: readonly string[]): Promise<CommandResult> {
  const result = await runCommand(file, args, { cwd: folder, env: process.env, timeoutMs });
  if (result.code !== 0)
    throw new Error(`${file} ${args.join(" ")} failed with ${result.code}:\n${result.output}`);
  return result;
}

/** Packs the `dist/` that is there, as the version that package.json names. */
export async function packRelease(into: string): Promise<Release> {
  return packFolder(projectFolder, into);
}

/** Packs the same `dist/` as the version after the one that package.json names. */
export async function packNextRelease(into: string): Promise<Release> {
  const copy = join(into, "next");
  cpSync(join(projectFolder, "dist"), join(copy, "dist"), { recursive: true });
  const manifest = readManifest(join(projectFolder, "package.json"));
  const [major, minor] = manifest.version.split(".");
  const next = { ...manifest, version: `${major}.${minor}.999` };
  writeFileSync(join(copy, "package.json"), JSON.stringify(next));
  return packFolder(copy, into);
}

/** Packs a folder with a built `dist/`. */
export async function packFolder(folder: string, into: string): Promise<Release> {
  const { version } = readManifest(join(folder, "package.json"));
  const target = join(into, `packed-${version}`);
  mkdirSync(target, { recursive: true });
  await runIn(folder, "npm", ["pack", "--ignore-scripts", "--loglevel=error", "--pack-destination", target]);
  const name = readdirSync(target).find((each) => each.endsWith(".tgz"));
  if (name === undefined) throw new Error("npm packed nothing.");
  return { version, tarball: join(target, name) };
}

/** Installs a release into a project as its user would, beside the @pulumi/pulumi that this Node can run. */
export async function installRelease(
  release: Pick<Release, "tarball">,
  folder: string,
  ...more: readonly string[]
): Promise<void> {
  const require = createRequire(join(projectFolder, "package.json"));
  const engineSdk = readManifest(require.resolve("@pulumi/pulumi/package.json")).version;
  const flags = ["--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  await runIn(folder, "npm", ["install", ...flags, ...more, release.tarball, `@pulumi/pulumi@${engineSdk}`]);
}

function readManifest(file: string): { readonly version: string; readonly [key: string]: unknown } {
  return JSON.parse(readFileSync(file, "utf8")) as { version: string };
}
