import * as pulumi from "@pulumi/pulumi";

let instances = 0;

/**
 * What the hooks cannot find out by themselves; `check` strips it, so it never reaches the state. The key is
 * `pulumiContext`.
 */
export function buildPulumiContext(type: string, name: string) {
  instances += 1;
  return {
    instance: instances,
    preview: pulumi.runtime.isDryRun(),
    place: {
      organization: pulumi.getOrganization(),
      project: pulumi.getProject(),
      stack: pulumi.getStack(),
      type,
      name,
    },
  };
}
