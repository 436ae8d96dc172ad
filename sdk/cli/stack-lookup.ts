import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { LocalWorkspace } from "@pulumi/pulumi/automation/index.js";
import * as z from "zod";
import { destinationTypes } from "./resource-types.js";

const runFile = promisify(execFile);
const maxStateBytes = 1024 ** 3;

/** What the backend that the Pulumi of this machine is logged in to says of the stack of a claim. */
export type StackLookup =
  /** The stack is not there, and other stacks of its project are. */
  | { readonly kind: "stack-gone"; readonly otherStacks: number }
  /** The stack is there, and no resource in it is the claim's destination. */
  | { readonly kind: "resource-gone" }
  /** The stack holds the destination. */
  | { readonly kind: "held"; readonly urn: string }
  | { readonly kind: "unknown"; readonly because: string };

/** What a claim tells of the destination that holds it. */
export interface ClaimHolder {
  readonly destinationId: string;
  readonly owner: { readonly id: string; readonly place: string };
}

/**
 * Looks for the stack of a place (`organization/project/stack/name`) in the current backend, and in the stack for the
 * destination. Where the backend cannot be listed, or holds nothing of that project, it says `unknown`: another backend
 * may hold the stack.
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
    return { kind: "unknown", because: "the stacks of the backend could not be listed" };
  }
  const wanted = `${organization}/${project}/${stack}`;
  const others = names.filter((name) => name.startsWith(`${organization}/${project}/`));
  if (names.includes(wanted)) return findResource(workspace, wanted, holder);
  return others.length > 0
    ? { kind: "stack-gone", otherStacks: others.length }
    : {
        kind: "unknown",
        because: `this backend shows no stack of project ${project}; another one may hold it`,
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
  deployment: z.object({ resources: z.array(resourceShape).nullish() }),
});

async function findResource(
  workspace: LocalWorkspace,
  stackName: string,
  { destinationId, owner }: ClaimHolder,
): Promise<StackLookup> {
  try {
    // What is encrypted stays so: nothing of it is needed.
    const { stdout } = await runFile(
      workspace.pulumiCommand.command,
      ["stack", "export", "--stack", stackName],
      { cwd: workspace.workDir, env: { ...process.env, ...workspace.envVars }, maxBuffer: maxStateBytes },
    );
    const { resources } = exportSchema.parse(JSON.parse(stdout)).deployment;
    // By its owner too: a run that was cut off may have left an older id in the state.
    const found = (resources ?? []).find(
      ({ type, inputs, outputs }) =>
        destinationTypes.has(type) &&
        [inputs, outputs].some(
          (fields) => fields.destinationId === destinationId || fields.ownerId === owner.id,
        ),
    );
    return found === undefined ? { kind: "resource-gone" } : { kind: "held", urn: found.urn };
  } catch {
    return { kind: "unknown", because: "the state of the stack could not be read" };
  }
}
