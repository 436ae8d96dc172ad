import * as pulumi from "@pulumi/pulumi";

/**
 * What the hooks cannot find out by themselves; `check` strips it, so it never reaches the state. The key is
 * `pulumiContext`.
 */
export function buildPulumiContext(
  type: string,
  name: string,
  opts: pulumi.CustomResourceOptions | undefined,
) {
  return {
    preview: pulumi.runtime.isDryRun(),
    place: {
      organization: pulumi.getOrganization(),
      project: pulumi.getProject(),
      stack: pulumi.getStack(),
      parentTypes: findParentTypes(opts?.parent),
      type,
      name,
    },
  };
}

/**
 * The types of the parents as the URN of a child has them. A promise, as an output would make the parent, and what a
 * component depends on, a dependency of the resource.
 */
function findParentTypes(parent: pulumi.Resource | undefined): string | Promise<string> {
  if (parent === undefined) return "";
  return new Promise((resolve) => void parent.urn.apply((urn) => resolve(readParentTypes(urn))));
}

/** A stack is no part of the URNs of its children. */
function readParentTypes(urn: string): string {
  const types = urn.split("::")[2] ?? "";
  return types === "pulumi:pulumi:Stack" ? "" : types;
}
