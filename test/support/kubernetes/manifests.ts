import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { cacheFolder } from "../engine/engine.js";

type Labels = Readonly<Record<string, string>>;
type Probe = { httpGet: { path: string; port: string } };

/** What tests read of the objects of a folder, by kind. */
export interface Manifests {
  readonly ConfigMap: { data: Record<string, string> };
  readonly Deployment: {
    metadata: { namespace: string };
    spec: {
      replicas: number;
      strategy: { type: string };
      template: { metadata: { labels: Labels }; spec: Pod };
    };
  };
  readonly NetworkPolicy: { spec: { podSelector: { matchLabels: Labels } } };
  readonly Service: {
    metadata: { labels: Labels };
    spec: { selector: Labels; ports: { name: string; targetPort: string }[] };
  };
  readonly ServiceMonitor: { spec: { selector: { matchLabels: Labels }; endpoints: { port: string }[] } };
}

interface Pod {
  readonly serviceAccountName: string;
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: { runAsUser: number; runAsGroup: number };
  readonly containers: {
    image: string;
    args: string[];
    env: { name: string; value: string }[];
    ports: { name: string; containerPort: number }[];
    startupProbe: Probe;
    livenessProbe: Probe;
    readinessProbe: Probe;
    securityContext: { readOnlyRootFilesystem: boolean };
    volumeMounts: { name: string; mountPath: string }[];
  }[];
  readonly volumes: {
    name: string;
    projected?: { sources: { serviceAccountToken: { path: string; audience: string } }[] };
  }[];
}

/**
 * Builds a folder by kustomize's own code.
 *
 * @throws Error for an object that the types of Kubernetes refuse, and for a pod that is not as restricted as it can be
 */
export function buildManifests(folder: string): Manifests {
  const program = join(cacheFolder, "kubernetes/kubernetes-manifests-of-the-tests");
  const { status, stdout, stderr } = spawnSync(program, [folder], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Manifests;
}
