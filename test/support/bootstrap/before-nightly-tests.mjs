// Vitest's global set-up of the tests that run the engine, at night: those need judges from other projects, too.
import { ensureKubernetesManifests } from "../kubernetes/install.mjs";
import { ensurePrometheusRules } from "../prometheus/install.mjs";
import { setup as setUpEngine } from "./before-engine-tests.mjs";

export async function setup() {
  await setUpEngine();
  await ensurePrometheusRules();
  await ensureKubernetesManifests();
}
