// Builds a folder as kustomize does, by its own code, and judges each object by the types of Kubernetes and of the
// Prometheus operator: a field that a type does not have is an error. Pods are held to the restricted standard.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	security "k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

func main() {
	objects, err := judge(os.Args[1])
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(objects)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func judge(folder string) (map[string]any, error) {
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), folder)
	if err != nil {
		return nil, err
	}
	objects := map[string]any{}
	for _, resource := range built.Resources() {
		name := resource.GetApiVersion() + " " + resource.GetKind()
		object := newObject(name)
		if object == nil {
			return nil, fmt.Errorf("%s: no type for it", name)
		}
		text, err := resource.AsYAML()
		if err != nil {
			return nil, err
		}
		if err := yaml.UnmarshalStrict(text, object); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if deployment, is := object.(*apps.Deployment); is {
			if err := requireRestricted(&deployment.Spec.Template); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
		objects[resource.GetKind()] = object
	}
	return objects, nil
}

func newObject(name string) any {
	switch name {
	case "v1 ConfigMap":
		return &core.ConfigMap{}
	case "v1 Service":
		return &core.Service{}
	case "v1 ServiceAccount":
		return &core.ServiceAccount{}
	case "apps/v1 Deployment":
		return &apps.Deployment{}
	case "networking.k8s.io/v1 NetworkPolicy":
		return &networking.NetworkPolicy{}
	case "monitoring.coreos.com/v1 ServiceMonitor":
		return &monitoring.ServiceMonitor{}
	}
	return nil
}

// As the API server does in a namespace that enforces the standard.
func requireRestricted(pod *core.PodTemplateSpec) error {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		return err
	}
	level := security.LevelVersion{Level: security.LevelRestricted, Version: security.LatestVersion()}
	result := policy.AggregateCheckResults(evaluator.EvaluatePod(level, &pod.ObjectMeta, &pod.Spec))
	if result.Allowed {
		return nil
	}
	return fmt.Errorf("%s", result.ForbiddenDetail())
}
