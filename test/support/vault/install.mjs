import { existsSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder, filesBelow, hashOf, isStamped, projectFolder, stamp } from "../bootstrap/folders.mjs";
import { buildWithGo } from "../bootstrap/go-build.mjs";
import { requireGo } from "../bootstrap/prerequisites.mjs";

const folder = join(cacheFolder, "vault");
const program = join(folder, process.platform === "win32" ? "vault-server.exe" : "vault-server");
const module = join(projectFolder, "test/support/vault/server");
const server = {
  module,
  command: ".",
  title: "building a Vault server from Go modules (the first time takes some minutes)",
};

/** A Vault server for the tests, from HashiCorp's own modules. */
export async function ensureVault() {
  if (isBuilt()) return;
  await checkVaultPrerequisites();
  await buildWithGo(server, folder);
  stamp("vault", hashOfBuild());
}

/** Fails early if something is missing that the server is made with. */
export async function checkVaultPrerequisites() {
  if (!isBuilt()) await requireGo("Vault's server is built for the tests; this needs");
}

function isBuilt() {
  return existsSync(program) && isStamped("vault", hashOfBuild());
}

function hashOfBuild() {
  return hashOf(filesBelow(module, ["go.mod", "go.sum", ".go"]));
}
