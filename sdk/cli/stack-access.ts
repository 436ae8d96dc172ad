import { mkdtemp, readFile, realpath, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { EngineEvent, LocalWorkspace, PulumiCommand, Stack } from "@pulumi/pulumi/automation/index.js";
import { isProviderError, ProviderError } from "../../provider/core/errors.js";
import type { ConfigReader } from "../../provider/engine/operation.js";
import { type RunNote, readRunNotes, runNotesVariable } from "../../provider/engine/run-notes.js";
import { parseUrn } from "../../provider/plugin/urn.js";
import { type EnginePlan, parseEnginePlan } from "./plan-guard.js";
import { findPulumi } from "./pulumi-command.js";
import { createLockError } from "./stack-lock.js";
import type { ExportedResource } from "./stack-syncs.js";
import { readStateStamp } from "./state-stamp.js";

/** A stack of a Pulumi project on this machine, worked on through Pulumi's Automation API. */
export interface StackAccess {
  readonly stackName: string;
  /** Where the program runs, and relative paths of sources start. */
  readonly programDirectory: string;
  /** Whether a source may run this program although it is the state that names it. */
  readonly mayRun: (program: string) => boolean;
  readonly engineVersion: string;
  /** The state's resources, secrets in clear: for memory only. */
  readResources(): Promise<readonly ExportedResource[]>;
  /** What changes when the state is written, read without a run of the engine; undefined where nothing tells. */
  readStamp(): Promise<string | undefined>;
  /**
   * Whether another update is in progress, or was interrupted, as far as the backend shows it: Pulumi Cloud does, other
   * backends do by the operations that the state calls pending.
   */
  isUpdating(): Promise<boolean>;
  /** The stack's config, for the connection chain; secrets in clear: for memory only. */
  readConfig(): Promise<StackConfig>;
  /**
   * Previews the targets alone, hands the plan to `judge` with the state that it was made of, and carries exactly that
   * plan out if it answers true; the engine itself refuses what deviates from the plan.
   *
   * @throws ProviderError `TIMED_OUT` (retryable) while somebody else holds the stack's lock; `AUTHENTICATION_FAILED` if
   *   Snowflake refused the log-in of the preview; with the engine's own messages `ENGINE_FAILED` if the run fails before
   *   anything was changed, and `PARTLY_DONE` after that.
   */
  runPlanned(targets: readonly string[], options: PlannedRun): Promise<"done" | "declined">;
}

/** The config of a stack. */
export interface StackConfig extends ConfigReader {
  /** What a package finds there, by names without the package's. */
  ofPackage(name: string): Readonly<Record<string, string>>;
}

/** A run of the engine that is judged between its preview and its `up`. */
export interface PlannedRun {
  readonly judge: (plan: EnginePlan, resources: readonly ExportedResource[]) => boolean;
  /** Further environment variables of the run. */
  readonly env?: Readonly<Record<string, string>>;
  readonly message: string;
  /** Told once what the run's processes noted. */
  readonly onNotes?: (notes: readonly RunNote[]) => void;
  /** Ends the run as Ctrl-C would. */
  readonly signal?: AbortSignal;
}

/** A project of Pulumi on this machine. */
export interface Project {
  /** Its own folder, without links. */
  readonly directory: string;
  readonly name: string;
  /** Where the program runs. */
  readonly programDirectory: string;
  /** What Pulumi.yaml names as its backend. */
  readonly backend: string | undefined;
  readonly workspace: LocalWorkspace;
  /** The names of its stacks in the current backend. */
  listStacks(): Promise<readonly string[]>;
}

/** @throws ProviderError `NOT_FOUND` for a folder without a project, or one whose program is not there. */
export async function openProject(projectDirectory: string, command?: PulumiCommand): Promise<Project> {
  const automation = await import("@pulumi/pulumi/automation/index.js");
  const workDir = resolve(projectDirectory);
  const failMissing = () => {
    throw new ProviderError("NOT_FOUND", {
      operation: "no Pulumi.yaml found",
      target: workDir,
      hint: "give the folder of Pulumi.yaml with --cwd.",
    });
  };
  const directory = await realpath(workDir).catch(failMissing);
  const pulumiCommand = command ?? (await findPulumi());
  const workspace = await guard(automation, "open the project", workDir, () =>
    automation.LocalWorkspace.create({ workDir, pulumiCommand }),
  );
  const settings = await workspace.projectSettings().catch(failMissing);
  return {
    directory,
    name: settings.name,
    programDirectory:
      settings.main === undefined ? workDir : await findFolder(resolve(workDir, settings.main)),
    backend: settings.backend?.url,
    workspace,
    listStacks: () =>
      guard(automation, "list the stacks", workDir, async () =>
        (await workspace.listStacks()).map(({ name }) => name),
      ),
  };
}

/** Which stack, of which project. */
export interface StackAccessOptions {
  readonly stackName: string;
  /** The folder of Pulumi.yaml, or what was opened there. */
  readonly project: string | Project;
  /** The programs that sources in the state may run. @default none */
  readonly allowedCommands?: readonly string[] | undefined;
}

/** @throws ProviderError `NOT_FOUND` for a folder without a project or a stack that is not there. */
export async function openStack({
  stackName,
  project: given,
  allowedCommands = [],
}: StackAccessOptions): Promise<StackAccess> {
  const automation = await import("@pulumi/pulumi/automation/index.js");
  const guarded = <T>(operation: string, work: () => Promise<T>) =>
    guard(automation, operation, stackName, work);
  const project = typeof given === "string" ? await openProject(given) : given;
  const { workspace, programDirectory } = project;
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
  const readDeployment = () =>
    guarded("read the stack's state", async () => {
      const { deployment } = await workspace.exportStack(stackName);
      return (deployment ?? {}) as ExportedDeployment;
    });
  const readResources = async () => (await readDeployment()).resources ?? [];
  return {
    stackName,
    programDirectory,
    mayRun: (program) => allowedCommands.includes(program),
    engineVersion: workspace.pulumiVersion,
    readResources,
    readStamp: () =>
      readStateStamp({
        projectBackend: project.backend,
        projectDirectory: project.directory,
        projectName: project.name,
        stackName,
      }),
    isUpdating: async () => {
      const { pending_operations: pending } = await readDeployment();
      if (pending != null && pending.length > 0) return true;
      const stacks = await guarded("list the stacks", () => workspace.listStacks());
      return stacks.some(({ name, updateInProgress }) => name === stackName && updateInProgress === true);
    },
    readConfig: () =>
      guarded("read the stack's config", async () => {
        const config = await workspace.getAllConfig(stackName);
        return {
          get: (name) => (Object.hasOwn(config, name) ? config[name]?.value : undefined),
          ofPackage: (name) =>
            Object.fromEntries(
              Object.entries(config).flatMap(([key, { value }]) =>
                key.startsWith(`${name}:`) ? [[key.slice(name.length + 1), value]] : [],
              ),
            ),
        };
      }),
    runPlanned: (targets, { judge, env: given = {}, message, onNotes, signal }) =>
      guarded("run pulumi", async () => {
        const folder = await mkdtemp(join(tmpdir(), "snowflake-secrets-plan-"));
        const run = watchRun(targets);
        const ending = forwardAbort(signal);
        const noteFile = join(folder, "notes.jsonl");
        try {
          const plan = join(folder, "plan.json");
          await writeFile(noteFile, "");
          const env = { ...given, [runNotesVariable]: noteFile };
          const common = {
            target: [...targets],
            plan,
            color: "never" as const,
            onEvent: run.onEvent,
            signal: ending.signal,
          };
          // Side by side, so that both see the same state.
          const reading = readResources();
          // If the preview fails, nobody waits for it.
          reading.catch(() => undefined);
          await runEngine(env, (stack) => stack.preview(common));
          // In a preview that is a warning; an `up` would send the same credential again.
          if (hasRefusedLogin(await readRunNotes(noteFile))) throw buildRefused(stackName);
          if (!judge(parseEnginePlan(await readFile(plan, "utf8")), await reading)) return "declined";
          await runEngine(env, (stack) => stack.up({ ...common, message }));
          return "done";
        } catch (error) {
          throw explainRun(automation, error, run, await readRunNotes(noteFile), stackName);
        } finally {
          ending.release();
          onNotes?.(await readRunNotes(noteFile));
          await rm(folder, { recursive: true, force: true });
        }
      }),
  };
}

/** Whether the backend knows no such stack: another try is in vain. */
export function isStackMissing(error: unknown): boolean {
  return isProviderError(error) && error.details.isStackMissing === true;
}

/** A signal of one run: the engine's library adds a listener to the one that it gets, and takes none away. */
function forwardAbort(signal: AbortSignal | undefined): {
  readonly signal: AbortSignal;
  readonly release: () => void;
} {
  const controller = new AbortController();
  const abort = () => controller.abort();
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort, { once: true });
  return { signal: controller.signal, release: () => signal?.removeEventListener("abort", abort) };
}

/** What the engine tells of a run. */
interface WatchedRun {
  readonly onEvent: (event: EngineEvent) => void;
  readonly messages: () => readonly string[];
  readonly hasChanged: () => boolean;
}

/** The engine's word for an operation of which a part was done. */
const partialFailure = 1;

function watchRun(targets: readonly string[]): WatchedRun {
  const messages: { readonly urn: string | undefined; readonly text: string }[] = [];
  let hasChanged = false;
  return {
    onEvent: ({ diagnosticEvent, resOutputsEvent, resOpFailedEvent }) => {
      if (diagnosticEvent?.severity === "error")
        messages.push({ urn: diagnosticEvent.urn, text: diagnosticEvent.message.trim() });
      const done = resOutputsEvent;
      if (done?.planning !== true && targets.includes(done?.metadata.urn ?? ""))
        hasChanged ||= done?.metadata.op !== "same";
      hasChanged ||= resOpFailedEvent?.status === partialFailure;
    },
    messages: () => {
      // Those of no resource only sum the others up.
      const ofResources = messages.filter(({ urn }) => urn !== undefined && urn !== "");
      return (ofResources.length > 0 ? ofResources : messages).flatMap(({ urn, text }) => {
        const name = urn === undefined || urn === "" ? "" : `${parseUrn(urn).name}: `;
        const lines = text.split("\n").map((line) => line.trim());
        return lines
          .filter((line) => line !== "")
          .map((line, index) => (index === 0 ? name + line : `  ${line}`));
      });
    },
    hasChanged: () => hasChanged,
  };
}

/** What `pulumi stack export` shows, as far as it is read here. */
interface ExportedDeployment {
  readonly resources?: readonly ExportedResource[] | null;
  readonly pending_operations?: readonly unknown[] | null;
}

type Automation = typeof import("@pulumi/pulumi/automation/index.js");

async function findFolder(path: string): Promise<string> {
  const found = await stat(path).catch(() => {
    throw new ProviderError("NOT_FOUND", {
      operation: "the folder of this project's program was not found",
      target: path,
      hint: "correct `main` in Pulumi.yaml, or check out the program.",
    });
  });
  return found.isDirectory() ? path : dirname(path);
}

async function guard<T>(
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
        operation: `stack "${stackName}" not found`,
        hint: "give a name that `pulumi stack ls` shows, and the project's folder with --cwd.",
        details: { isStackMissing: true },
      });
    }
    if (isProviderError(error)) throw error;
    if (error instanceof automation.ConcurrentUpdateError) throw createLockError(stackName, error.message);
    const engineMessages = findErrorLines(error);
    throw new ProviderError("ENGINE_FAILED", {
      operation: `pulumi failed to ${operation}`,
      target: stackName,
      hint:
        engineMessages.length > 0
          ? "correct the problem in the messages below, then run again."
          : "run pulumi yourself in this folder, to see why.",
      retryable: true,
      details: { engineMessages },
    });
  }
}

function hasRefusedLogin(notes: readonly RunNote[]): boolean {
  return notes.some((note) => note.kind === "login" && note.outcome === "refused");
}

function buildRefused(stackName: string): ProviderError {
  return new ProviderError("AUTHENTICATION_FAILED", {
    operation: "Snowflake refused the log-in of this stack, so nothing was written",
    target: stackName,
    hint: `run \`npx pulumi-snowflake-secrets doctor --stack ${stackName}\`, which shows why.`,
  });
}

function explainRun(
  automation: Automation,
  error: unknown,
  run: WatchedRun,
  notes: readonly RunNote[],
  stackName: string,
): ProviderError {
  if (isProviderError(error)) return error;
  if (error instanceof automation.ConcurrentUpdateError) return createLockError(stackName, error.message);
  const found = run.messages();
  const reasonCodes = new Set(notes.flatMap((note) => (note.kind === "failure" ? [note.code] : [])));
  const details = {
    engineMessages: found.length > 0 ? found : findErrorLines(error),
    reasonCodes: [...reasonCodes],
  };
  return run.hasChanged()
    ? new ProviderError("PARTLY_DONE", {
        operation: "pulumi failed part-way",
        target: stackName,
        hint: "correct the problem in the messages below, then run again. The state records what was done; the next run does the rest.",
        retryable: true,
        details,
      })
    : new ProviderError("ENGINE_FAILED", {
        operation: "pulumi failed, and nothing was changed",
        target: stackName,
        hint: "correct the problem in the messages below, then run again.",
        retryable: true,
        details,
      });
}

// The message of a failed command holds its whole output; for people these are the lines that tell.
function findErrorLines(error: unknown): string[] {
  const text = error instanceof Error ? error.message : "";
  return text
    .split("\n")
    .filter((line) => /^\s*(stderr: )?error:/.test(line))
    .map((line) => line.replace(/^\s*(stderr: )?/, "").trim());
}
