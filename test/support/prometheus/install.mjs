import { ensureBuiltWithGo } from "../bootstrap/go-build.mjs";

/** What judges alerting rules as Prometheus does, by its own modules. promtool takes four times as long to build. */
export function ensurePrometheusRules() {
  return ensureBuiltWithGo(
    {
      name: "prometheus-rules",
      module: "prometheus/rules",
      title: "building Prometheus's rules from Go modules",
      why: "Prometheus's rules are judged by its own code; this needs",
    },
    "prometheus",
  );
}
