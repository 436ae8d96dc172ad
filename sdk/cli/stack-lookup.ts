/** Whether a stack is in the backend that the Pulumi of this machine is logged in to. */
export type StackLookup = "exists" | "gone" | "unknown";

/**
 * Looks for the stack of a place (`organization/project/stack/name`) in the current backend. Where the backend cannot
 * be listed, or holds nothing of that project, it says `unknown`: another backend may hold the stack.
 */
export async function findStackAt(place: string, projectDirectory: string): Promise<StackLookup> {
  const [organization = "", project = "", stack = ""] = place.split("/");
  const automation = await import("@pulumi/pulumi/automation/index.js");
  try {
    const workspace = await automation.LocalWorkspace.create({ workDir: projectDirectory });
    const here = await workspace.projectSettings().then(
      ({ name }) => name,
      () => undefined,
    );
    const stacks = await workspace.listStacks({ all: true });
    const names = stacks.map(({ name }) => qualify(name, organization, here));
    if (names.includes(`${organization}/${project}/${stack}`)) return "exists";
    return names.some((name) => name.startsWith(`${organization}/${project}/`)) ? "gone" : "unknown";
  } catch {
    return "unknown";
  }
}

// A listing leaves out the parts that are the current ones.
function qualify(name: string, organization: string, project: string | undefined): string {
  const parts = name.split("/");
  if (parts.length === 3) return name;
  return parts.length === 2 ? `${organization}/${name}` : `${organization}/${project ?? ""}/${name}`;
}
