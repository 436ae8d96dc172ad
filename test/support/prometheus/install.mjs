import { existsSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder, filesBelow, hashOf, isStamped, projectFolder, stamp } from "../bootstrap/folders.mjs";
import { buildWithGo } from "../bootstrap/go-build.mjs";
import { requireGo } from "../bootstrap/prerequisites.mjs";

const module = join(projectFolder, "test/support/prometheus/rules");
const folder = join(cacheFolder, "prometheus");

const program = join(folder, "prometheus-rules-of-the-tests");

/** What judges alerting rules as Prometheus does, by its own modules. promtool takes four times as long to build. */
export async function ensurePrometheusRules() {
  const hash = hashOf(filesBelow(module, ["go.mod", "go.sum", ".go"]));
  if (existsSync(program) && isStamped("prometheus-rules", hash)) return;
  await requireGo("Prometheus's rules are judged by its own code; this needs");
  await buildWithGo({ module, command: ".", title: "building Prometheus's rules from Go modules" }, folder);
  stamp("prometheus-rules", hash);
}
