import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { capture, StepError, say, showing } from "../bootstrap/commands.mjs";
import { cacheFolder, filesBelow, hashOf, isStamped, projectFolder, stamp } from "../bootstrap/folders.mjs";
import { requireGo } from "../bootstrap/prerequisites.mjs";
import { buildPulumi, versionOf } from "./go-build.mjs";

const minimumVersion = [3, 200];
const downloadProbe = "https://get.pulumi.com/install.sh";
const engineNeedsGo =
  "Neither Pulumi nor Go was found, and the download of Pulumi is not reachable. One of the two is needed: " +
  "Pulumi >= 3.200 (https://www.pulumi.com/docs/install) or";
const probeTimeoutMs = 8_000;
const downloadTimeoutMs = 240_000;
const engineFolder = join(cacheFolder, "engine");
/** Where tests and demo read which engine was found; see engine.ts. */
const recordFile = join(engineFolder, "engine.json");
const oldestFolder = join(cacheFolder, "engine-oldest");
const suffix = process.platform === "win32" ? ".exe" : "";

/**
 * Finds or gets the Pulumi engine, in this order: the one on PATH, the official download, a build from Go modules.
 * Only the program is taken: Pulumi home, backend and stacks of the user are never touched.
 */
export async function ensureEngine() {
  const found = (await findOnPath()) ?? (await findKept());
  record(found ?? (await download()) ?? (await buildNewest()));
}

/** Builds the oldest engine that the compatibility table has, beside the one of all other tests. */
export async function ensureOldestEngine() {
  const hash = hashOfModules(oldestModules);
  const folder = join(oldestFolder, "bin");
  if (isStamped("engine-oldest", hash) && (await isUsable(folder)) !== undefined) return;
  record(await build(oldestModules, folder), oldestFolder);
  stamp("engine-oldest", hash);
}

/** Fails early if no way leads to an engine. */
export async function checkEnginePrerequisites() {
  if ((await findOnPath()) ?? (await findKept())) return;
  if (!(await isDownloadReachable())) await requireGo(engineNeedsGo);
}

/** The engine that an earlier run got. */
async function findKept() {
  if (!existsSync(recordFile)) return undefined;
  const kept = JSON.parse(readFileSync(recordFile, "utf8"));
  const isCurrent =
    kept.origin === "download" ||
    (kept.origin === "build" && isStamped("engine", hashOfModules(newestModules)));
  return isCurrent && (await isUsable(kept.folder)) !== undefined ? kept : undefined;
}

async function findOnPath() {
  for (const folder of (process.env.PATH ?? "").split(delimiter).filter((entry) => entry !== "")) {
    if (!existsSync(join(folder, `pulumi${suffix}`))) continue;
    const version = await isUsable(folder);
    if (version !== undefined) return { origin: "path", folder, version };
  }
  return undefined;
}

/** The version, if the folder holds an engine that is new enough and can run Node programs. */
async function isUsable(folder) {
  if (!existsSync(join(folder, `pulumi-language-nodejs${suffix}`))) return undefined;
  const { code, output } = await capture(join(folder, `pulumi${suffix}`), ["version"], {
    env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "1" },
  });
  const match = /^v(\d+)\.(\d+)\.\S+/m.exec(output);
  if (code !== 0 || match === null) return undefined;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  const isNewEnough =
    major > minimumVersion[0] || (major === minimumVersion[0] && minor >= minimumVersion[1]);
  return isNewEnough ? match[0] : undefined;
}

async function isDownloadReachable() {
  try {
    const answer = await fetch(downloadProbe, {
      method: "HEAD",
      signal: AbortSignal.timeout(probeTimeoutMs),
    });
    return answer.ok;
  } catch {
    return false;
  }
}

/** The official download, in a process of its own that can be ended, and only if its site answers soon. */
async function download() {
  if (!(await isDownloadReachable())) return undefined;
  const root = join(engineFolder, "download");
  const script =
    'require("@pulumi/pulumi/automation").PulumiCommand.install({ root: process.argv[1] })' +
    ".catch((error) => { console.error(error.message); process.exit(1); })";
  const { code } = await showing("downloading Pulumi", () =>
    capture(process.execPath, ["-e", script, root], {
      cwd: projectFolder,
      timeout: downloadTimeoutMs,
      env: { ...process.env, PULUMI_HOME: join(engineFolder, "home") },
    }),
  );
  const folder = join(root, "bin");
  const version = code === 0 ? await isUsable(folder) : undefined;
  if (version === undefined) {
    say("  the download did not work; building instead");
    return undefined;
  }
  return { origin: "download", folder, version };
}

const languageHost = {
  folder: "language-hosts",
  command: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
  title: "building Pulumi's Node language host from Go modules",
};
const engineOf = (folder) => ({
  folder,
  command: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
  title: `building Pulumi ${versionOf(folder)} from Go modules (the first time takes some minutes)`,
});
/** The two commands, each from a Go module of its own: they need different versions of Pulumi's sdk module. */
const newestModules = [languageHost, engineOf("cli")];
const oldestModules = [languageHost, engineOf("cli-oldest")];

function hashOfModules(modules) {
  const folders = modules.map(({ folder }) => join(projectFolder, "test/support/engine", folder));
  return hashOf(folders.flatMap((folder) => filesBelow(folder, ["go.mod", "go.sum"])));
}

async function buildNewest() {
  const built = await build(newestModules, join(engineFolder, "bin"));
  stamp("engine", hashOfModules(newestModules));
  return built;
}

async function build(modules, folder) {
  await requireGo(engineNeedsGo);
  for (const module of modules) await buildPulumi(module, folder);
  placeDynamicProvider(folder);
  const version = await isUsable(folder);
  if (version === undefined) throw new StepError(`The Pulumi that was built in ${folder} does not run.`);
  return { origin: "build", folder, version };
}

/** The engine starts dynamic providers by a script of the npm package and warns if it is not beside itself. */
function placeDynamicProvider(folder) {
  const require = createRequire(join(projectFolder, "package.json"));
  const packageFolder = dirname(require.resolve("@pulumi/pulumi/package.json"));
  const name = `pulumi-resource-pulumi-nodejs${process.platform === "win32" ? ".cmd" : ""}`;
  rmSync(join(folder, name), { force: true });
  copyFileSync(join(packageFolder, name), join(folder, name));
  chmodSync(join(folder, name), 0o755);
}

function record(engine, folder = engineFolder) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "engine.json"), `${JSON.stringify(engine, null, 2)}\n`);
}
