import * as pulumi from "@pulumi/pulumi";

/**
 * What the hooks cannot find out by themselves; `check` strips it, so it never reaches the state. The key is
 * `pulumiContext`.
 */
export function buildPulumiContext(type: string, name: string) {
  return {
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
