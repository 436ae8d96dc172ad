import { chmodSync, copyFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { run, showing } from "../bootstrap/commands.mjs";
import { cacheFolder, filesBelow, hashOf, isStamped, projectFolder, stamp } from "../bootstrap/folders.mjs";
import { findPython, requireGo } from "../bootstrap/prerequisites.mjs";
import { buildPulumi } from "./go-build.mjs";

const here = join(projectFolder, "test/support/engine");
const folder = join(cacheFolder, "languages");
const suffix = process.platform === "win32" ? ".exe" : "";
const pythonFolder = join(folder, "python");
const python = join(pythonFolder, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
const requirements = join(here, "requirements.txt");

/** Pulumi's download has its own hosts; beside an engine that was built there are none. */
const hosts = [
  {
    name: "pulumi-language-yaml",
    folder: "language-yaml",
    command: "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml",
    title: "building Pulumi's YAML language host from Go modules",
  },
  {
    name: "pulumi-language-python",
    folder: "language-hosts",
    command: "github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python",
    title: "building Pulumi's Python language host from Go modules",
  },
];

const generator = {
  name: "generate-sdk",
  folder: "cli",
  command: "./generate-sdk",
  title: "building Pulumi's generator of SDKs from Go modules",
};

/** The program that writes the SDKs of a schema. */
export const sdkGenerator = join(folder, `${generator.name}${suffix}`);

const why = "Pulumi's language hosts and the SDKs of the plugin are built for the tests; this needs";

/** Fails early if something is missing that the language hosts are made with. */
export async function checkLanguagePrerequisites() {
  if (!isBuilt(generator)) await requireGo(why);
  if (!hasPython()) await findPython();
}

/** Hosts for programs in YAML and Python, a Python with Pulumi's SDK, and the generator of SDKs. */
export async function ensureLanguages() {
  const { folder: engine } = JSON.parse(readFileSync(join(cacheFolder, "engine/engine.json"), "utf8"));
  const missing = hosts.filter(({ name }) => !existsSync(join(engine, `${name}${suffix}`)));
  for (const each of [...missing, generator]) {
    if (isBuilt(each)) continue;
    await requireGo(why);
    await buildPulumi(each, folder);
    if (each.name === "pulumi-language-python") await placePythonStarter(each);
    stamp(each.name, hashOfBuild(each));
  }
  await ensurePython();
}

function isBuilt(each) {
  return existsSync(join(folder, `${each.name}${suffix}`)) && isStamped(each.name, hashOfBuild(each));
}

function hashOfBuild(each) {
  return hashOf(filesBelow(join(here, each.folder), ["go.mod", "go.sum", ".go"]), each.command);
}

/** The host looks for this script beside itself. */
async function placePythonStarter(host) {
  const args = ["list", "-f", "{{.Dir}}", host.command];
  const source = await run("go", args, {
    cwd: join(here, host.folder),
    env: { ...process.env, GOFLAGS: "" },
  });
  const name = "pulumi-language-python-exec";
  rmSync(join(folder, name), { force: true });
  copyFileSync(join(source.trim(), "..", name), join(folder, name));
  chmodSync(join(folder, name), 0o755);
}

function hashOfPython() {
  // A moved project folder breaks the paths inside the environment, so its place counts too.
  return hashOf([requirements], projectFolder);
}

function hasPython() {
  return existsSync(python) && isStamped("python", hashOfPython());
}

async function ensurePython() {
  if (hasPython()) return;
  const systemPython = await findPython();
  await showing("installing Pulumi's Python SDK into .cache/languages/python", async () => {
    rmSync(pythonFolder, { recursive: true, force: true });
    await run(systemPython, ["-m", "venv", pythonFolder]);
    const flags = ["--quiet", "--disable-pip-version-check"];
    await run(python, ["-m", "pip", "install", ...flags, "--requirement", requirements]);
  });
  stamp("python", hashOfPython());
}
