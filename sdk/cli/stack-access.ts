import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { isProviderError, ProviderError } from "../../provider/core/errors.js";
import type { ConfigReader } from "../../provider/engine/operation.js";
import { type EnginePlan, parseEnginePlan } from "./plan-guard.js";
import type { ExportedResource } from "./stack-syncs.js";

/** A stack of a Pulumi project on this machine, worked on through Pulumi's Automation API. */
export interface StackAccess {
  readonly stackName: string;
  /** Where the program runs, and relative paths of sources start. */
  readonly programDirectory: string;
  readonly engineVersion: string;
  /** The state's resources, secrets in clear: for memory only. */
  readResources(): Promise<readonly ExportedResource[]>;
  /** The stack's config, for the connection chain. */
  readConfig(): Promise<ConfigReader>;
  /**
   * Previews the targets alone, hands the plan to `judge` with the state that it was made of, and carries exactly that
   * plan out if it answers true; the engine itself refuses what deviates from the plan.
   *
   * @throws ProviderError `TIMED_OUT` (retryable) while somebody else holds the stack's lock, `PARTLY_DONE` with the
   *   engine's own messages if the run fails.
   */
  runPlanned(targets: readonly string[], options: PlannedRun): Promise<"done" | "declined">;
}

export interface PlannedRun {
  readonly judge: (plan: EnginePlan, resources: readonly ExportedResource[]) => boolean;
  /** Further environment variables of the run. */
  readonly env?: Readonly<Record<string, string>>;
  readonly message: string;
  /** Ends the run as Ctrl-C would. */
  readonly signal?: AbortSignal;
}

export interface StackAccessOptions {
  readonly stackName: string;
  /** The folder of Pulumi.yaml. */
  readonly projectDirectory: string;
}

/** @throws ProviderError `NOT_FOUND` for a folder without a project or a stack that is not there. */
export async function openStack({ stackName, projectDirectory }: StackAccessOptions): Promise<StackAccess> {
  // Loading costs half a second, which other commands need not pay.
  const automation = await import("@pulumi/pulumi/automation/index.js");
  const workDir = resolve(projectDirectory);
  const guarded = <T>(operation: string, work: () => Promise<T>) =>
    withEngineErrors(automation, operation, stackName, work);
  const workspace = await guarded("open the project", () => automation.LocalWorkspace.create({ workDir }));
  const programDirectory = await guarded("read Pulumi.yaml", async () => {
    const { main } = await workspace.projectSettings();
    return main === undefined ? workDir : await findFolder(resolve(workDir, main));
  });
  /** One run of the engine, with variables of its own. */
  const runEngine = async (
    env: Readonly<Record<string, string>>,
    run: (stack: Stack) => Promise<unknown>,
  ): Promise<void> => {
    const own = Object.create(workspace, {
      envVars: { value: { ...workspace.envVars, ...env } },
      // Not selected: that would change which stack a person works with in that folder.
      selectStack: { value: async () => undefined },
    }) as typeof workspace;
    await run(await automation.Stack.select(stackName, own));
  };
  const readResources = () =>
    guarded("read the stack's state", async () => {
      const { deployment } = await workspace.exportStack(stackName);
      return ((deployment as { resources?: ExportedResource[] } | undefined)?.resources ??
        []) as ExportedResource[];
    });
  return {
    stackName,
    programDirectory,
    engineVersion: workspace.pulumiVersion,
    readResources,
    readConfig: () =>
      guarded("read the stack's config", async () => {
        const config = await workspace.getAllConfig(stackName);
        return { get: (name) => (Object.hasOwn(config, name) ? config[name]?.value : undefined) };
      }),
    runPlanned: (targets, { judge, env = {}, message, signal }) =>
      guarded("run pulumi", async () => {
        const folder = await mkdtemp(join(tmpdir(), "snowflake-secrets-plan-"));
        try {
          const plan = join(folder, "plan.json");
          const common = {
            target: [...targets],
            plan,
            color: "never" as const,
            ...(signal ? { signal } : {}),
          };
          const diagnostics: string[] = [];
          const onEvent = (event: { diagnosticEvent?: { severity: string; message: string } }) => {
            if (event.diagnosticEvent?.severity === "error")
              diagnostics.push(event.diagnosticEvent.message.trim());
          };
          try {
            // Side by side, so that both see the same state.
            const reading = readResources();
            // If the preview fails, nobody waits for it.
            reading.catch(() => undefined);
            await runEngine(env, (stack) => stack.preview({ ...common, onEvent }));
            if (!judge(parseEnginePlan(await readFile(plan, "utf8")), await reading)) return "declined";
            await runEngine(env, (stack) => stack.up({ ...common, message, onEvent }));
          } catch (error) {
            throw asRunFailure(automation, error, diagnostics, stackName);
          }
          return "done";
        } finally {
          await rm(folder, { recursive: true, force: true });
        }
      }),
  };
}

const lockOperation = "wait for the stack's lock";

/** Says that somebody else works on the stack. */
export function createLockError(target: string): ProviderError {
  return new ProviderError("TIMED_OUT", {
    operation: lockOperation,
    target,
    hint: "somebody else works on the stack; after a crash pulumi cancel takes the lock away.",
    retryable: true,
  });
}

/** Whether somebody else holds the stack's lock: worth another try soon. */
export function isStackLocked(error: unknown): boolean {
  return isProviderError(error) && error.operation === lockOperation;
}

type Automation = typeof import("@pulumi/pulumi/automation/index.js");

async function findFolder(path: string): Promise<string> {
  return (await stat(path)).isDirectory() ? path : dirname(path);
}

async function withEngineErrors<T>(
  automation: Automation,
  operation: string,
  stackName: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof automation.StackNotFoundError) {
      throw new ProviderError("NOT_FOUND", {
        operation: "find the stack",
        target: stackName,
        hint: "give the stack's name as pulumi stack ls shows it, in the project's folder (--cwd).",
      });
    }
    if (isProviderError(error)) throw error;
    throw asRunFailure(automation, error, [], operation);
  }
}

function asRunFailure(
  automation: Automation,
  error: unknown,
  diagnostics: readonly string[],
  target: string,
): ProviderError {
  if (isProviderError(error)) return error;
  if (error instanceof automation.ConcurrentUpdateError) return createLockError(target);
  // The message of a failed command holds its whole output; the diagnostics are the part that tells.
  const reasons = diagnostics.length > 0 ? diagnostics : [firstErrorLine(error)];
  return new ProviderError("PARTLY_DONE", {
    operation: "pulumi failed",
    target,
    hint: reasons.join(" | ").replace(/\s*\n\s*/g, " "),
    retryable: true,
  });
}

function firstErrorLine(error: unknown): string {
  const text = error instanceof Error ? error.message : "";
  const line = text.split("\n").find((each) => /^\s*(stderr: )?error:/.test(each));
  return line?.replace(/^\s*(stderr: )?/, "").trim() ?? "run the same with pulumi itself to see why.";
}
