// Vitest's global set-up of the tests that talk to moto and to Vault.
import { ensureMoto } from "../aws/install.mjs";
import { ensureVault } from "../vault/install.mjs";

export async function setup() {
  await ensureMoto();
  await ensureVault();
}
