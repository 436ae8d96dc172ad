import { existsSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { run, showing } from "../bootstrap/commands.mjs";
import { cacheFolder, hashOf, isStamped, projectFolder, stamp } from "../bootstrap/folders.mjs";
import { findPython } from "../bootstrap/prerequisites.mjs";

const environment = join(cacheFolder, "moto");
const python = join(environment, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
const requirements = join(projectFolder, "test/support/aws/requirements.txt");
// A moved folder breaks the paths inside the environment, so its place counts too.
const hash = hashOf([requirements], dirname(cacheFolder));

function isInstalled() {
  return existsSync(python) && isStamped("moto", hash);
}

/** Fails early if there is no Python to install moto with. */
export async function checkMotoPrerequisites() {
  if (!isInstalled()) await findPython();
}

/** Installs moto into a virtual environment of the project's own, unless the pinned versions are there. */
export async function ensureMoto() {
  if (isInstalled()) return;
  const systemPython = await findPython();
  await showing("installing moto, an AWS for tests and demo, into .cache/moto", async () => {
    rmSync(environment, { recursive: true, force: true });
    await run(systemPython, ["-m", "venv", environment]);
    const flags = ["--quiet", "--disable-pip-version-check"];
    await run(python, ["-m", "pip", "install", ...flags, "--requirement", requirements]);
  });
  stamp("moto", hash);
}
