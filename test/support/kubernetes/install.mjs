import { ensureBuiltWithGo } from "../bootstrap/go-build.mjs";

/** What builds manifests as kustomize does, and judges them by the types of Kubernetes, by their own modules. */
export function ensureKubernetesManifests() {
  return ensureBuiltWithGo(
    {
      name: "kubernetes-manifests",
      module: "kubernetes/manifests",
      title: "building kustomize and the types of Kubernetes from Go modules",
      why: "Manifests are judged by the types of Kubernetes; this needs",
    },
    "kubernetes",
  );
}
