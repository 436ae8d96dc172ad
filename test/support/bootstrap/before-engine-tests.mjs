// Vitest's global set-up of the tests that run the engine, so that they never see an old `dist/`.
import { ensureMoto } from "../aws/install.mjs";
import { ensureChromium } from "../chromium/install.mjs";
import { ensureEngine } from "../engine/install.mjs";
import { ensureLanguages } from "../engine/languages.mjs";
import { ensureVault } from "../vault/install.mjs";
import { ensureBuilt } from "./build.mjs";

export async function setup() {
  await ensureBuilt();
  await ensureEngine();
  await ensureLanguages();
  await ensureMoto();
  await ensureVault();
  await ensureChromium();
}
