import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { LocalWorkspace } from "@pulumi/pulumi/automation/index.js";
import * as z from "zod";
import { destinationTypes } from "./resource-types.js";

const runFile = promisify(execFile);
const maxStateBytes = 1024 ** 3;

/** What the backend that the Pulumi of this machine is logged in to shows of the stack that holds a claim. */
export type StackLookup =
  /** A stack has the destination, or a destination of the same owner at the same claim. */
  | { readonly kind: "held"; readonly stack: string; readonly urn: string }
  /** The holder's own stack, known by the owner id: the destination of that owner has another claim there. */
  | { readonly kind: "moved"; readonly stack: string }
  /** Nothing is proved. */
  | { readonly kind: "unknown"; readonly because: string };

/** What a claim tells of the destination that holds it. */
export interface ClaimHolder {
  readonly claimName: string;
  readonly destinationId: string;
  readonly owner: { readonly id: string; readonly place: string };
}

/**
 * Looks for the holder of a claim in the stacks of its project in the current backend. That a stack or a resource is
 * not there proves nothing: another backend may have a stack of that name, or the stack was renamed. Only a state that
 * holds the owner id is known to be the holder's own.
 *
 * @param holder its place is `organization/project/stack/name`
 */
export async function findHolder(holder: ClaimHolder, projectDirectory: string): Promise<StackLookup> {
  const [organization = "", project = "", stack = ""] = holder.owner.place.split("/");
  const automation = await import("@pulumi/pulumi/automation/index.js");
  let workspace: LocalWorkspace;
  let names: readonly string[];
  try {
    workspace = await automation.LocalWorkspace.create({ workDir: projectDirectory });
    const here = await workspace.projectSettings().then(
      ({ name }) => name,
      () => undefined,
    );
    const stacks = await workspace.listStacks({ all: true });
    names = stacks.map(({ name }) => qualify(name, organization, here));
  } catch {
    return { kind: "unknown", because: "the stacks of this backend cannot be listed" };
  }
  const ofProject = names.filter((name) => name.startsWith(`${organization}/${project}/`));
  let moved: StackLookup | undefined;
  let unread: string | undefined;
  for (const name of ofProject) {
    const found = await searchStack(workspace, name, holder);
    if (found.kind === "held") return found;
    if (found.kind === "moved") moved = found;
    if (found.kind === "unread") unread ??= found.because;
  }
  if (unread !== undefined) return { kind: "unknown", because: unread };
  if (moved !== undefined) return moved;
  const wanted = `${organization}/${project}/${stack}`;
  return {
    kind: "unknown",
    because: names.includes(wanted)
      ? `this backend has a stack ${wanted} without it, but another backend may have one with it`
      : `this backend has no stack ${wanted}, but another backend may have it, or it was renamed`,
  };
}

// A listing leaves out the parts that are the current ones.
function qualify(name: string, organization: string, project: string | undefined): string {
  const parts = name.split("/");
  if (parts.length === 3) return name;
  return parts.length === 2 ? `${organization}/${name}` : `${organization}/${project ?? ""}/${name}`;
}

const resourceShape = z.object({
  urn: z.string(),
  type: z.string(),
  inputs: z.record(z.string(), z.unknown()).default({}),
  outputs: z.record(z.string(), z.unknown()).default({}),
});

const exportSchema = z.object({
  deployment: z.object({
    resources: z.array(resourceShape).nullish(),
    pending_operations: z.array(z.unknown()).nullish(),
  }),
});

type SearchedStack =
  | Exclude<StackLookup, { kind: "unknown" }>
  | { readonly kind: "absent" }
  | { readonly kind: "unread"; readonly because: string };

async function searchStack(
  workspace: LocalWorkspace,
  stack: string,
  { claimName, destinationId, owner }: ClaimHolder,
): Promise<SearchedStack> {
  try {
    // What is encrypted stays so: nothing of it is needed.
    const { stdout } = await runFile(workspace.pulumiCommand.command, ["stack", "export", "--stack", stack], {
      cwd: workspace.workDir,
      env: { ...process.env, ...workspace.envVars },
      maxBuffer: maxStateBytes,
    });
    const { resources, pending_operations: pending } = exportSchema.parse(JSON.parse(stdout)).deployment;
    const destinations = (resources ?? []).filter(({ type }) => destinationTypes.has(type));
    const hasField = ({ inputs, outputs }: z.infer<typeof resourceShape>, name: string, value: string) =>
      inputs[name] === value || outputs[name] === value;
    const ofOwner = destinations.filter((each) => hasField(each, "ownerId", owner.id));
    // By its owner too: a run that was cut off may have left an older id in the state.
    const holding =
      destinations.find((each) => hasField(each, "destinationId", destinationId)) ??
      ofOwner.find(({ outputs }) => outputs.claimName === undefined || outputs.claimName === claimName);
    if (holding !== undefined) return { kind: "held", stack, urn: holding.urn };
    if (pending != null && pending.length > 0)
      return { kind: "unread", because: `an update of stack ${stack} is in progress, or was interrupted` };
    return ofOwner.length > 0 ? { kind: "moved", stack } : { kind: "absent" };
  } catch {
    return { kind: "unread", because: `the state of stack ${stack} cannot be read` };
  }
}
