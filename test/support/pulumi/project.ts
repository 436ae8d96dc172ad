import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import type { SnowflakeServer } from "../../../sdk/snowflake-server/index.js";
import { type EngineName, findEngine, projectFolder } from "../engine/engine.js";
import { languageFolders } from "../engine/languages.js";
import { type CommandResult, runCommand } from "./command.js";
import { plantingSeed } from "./planted-values.js";
import { endProcessesWith, findProcessesWith, watchProcesses } from "./processes.js";
import { type Finding, findIn, type SearchText } from "./search.js";
import { type ResourceState, resourcesOf, type StackExport } from "./stack-export.js";

/** What a temporary Pulumi project is made of. */
export interface ProjectOptions {
  /**
   * The values that the test plants: nowhere but where they belong may they stand when the project ends. Config
   * secrets count without being named; `[]` says that there are no others.
   */
  readonly plants: readonly string[];
  /** The Snowflake servers that the project's programs reach: the texts of their statements are searched, too. */
  readonly snowflake: readonly Pick<SnowflakeServer, "control">[];
  /** Files by path inside the project; `index.js` is the program unless `folder` brings one. */
  readonly files?: Readonly<Record<string, string>>;
  /** A folder whose content becomes the program. */
  readonly folder?: string;
  /** A project that runs where it stands, unchanged; only the stack's config file appears there, until `stop()`. */
  readonly inPlace?: string;
  /** The project's name. @default "test-project" */
  readonly name?: string;
  /** The stack's name. @default "dev" */
  readonly stack?: string;
  /** Environment variables of every run, beside those that keep the project to itself. */
  readonly env?: Readonly<Record<string, string>>;
  /** Packages by name that resolve to a folder; this package and @pulumi/pulumi are always there. */
  readonly packages?: Readonly<Record<string, string>>;
  /** Leaves out the links to this package and @pulumi/pulumi, for a folder that brings its own node_modules. */
  readonly ownPackages?: boolean;
  /** @default "newest" */
  readonly engine?: EngineName;
  /** The folder of the Node that runs programs and plugins. @default that of this one */
  readonly nodeFolder?: string;
  /** What the project's folder is called. @default "program" */
  readonly folderName?: string;
}

/** A Pulumi project in a folder of its own, run by the real engine. */
export interface PulumiProject {
  /** The project's folder. */
  readonly folder: string;
  /** The folder of the file backend, which holds state, history and backups. */
  readonly backendFolder: string;
  /** Every result so far, oldest first. */
  readonly results: readonly CommandResult[];
  /** Runs `pulumi` with any arguments in the project's folder. */
  pulumi(args: readonly string[], options?: RunOptions): Promise<CommandResult>;
  /** Runs a script in bash in the project's folder; Pulumi asks nothing there, and shows no preview before an `up`. */
  shell(script: string, options?: RunOptions): Promise<CommandResult>;
  preview(options?: RunOptions): Promise<CommandResult>;
  up(options?: RunOptions): Promise<CommandResult>;
  refresh(options?: RunOptions): Promise<CommandResult>;
  destroy(options?: RunOptions): Promise<CommandResult>;
  /** `key` may be a path, such as `secrets.API_KEY`. */
  setConfig(key: string, value: string, kind?: "plain" | "secret"): Promise<void>;
  removeConfig(key: string): Promise<void>;
  /** Replaces a file of the program; "index.js" is the program itself. */
  write(path: string, text: string): void;
  /** The stack as `pulumi stack export` gives it: secrets encrypted. */
  exportStack(): Promise<StackExport>;
  importStack(stack: StackExport): Promise<CommandResult>;
  /** The stack's resources, without the stack itself and providers. */
  state(): Promise<ResourceState[]>;
  /** The stack's outputs, secrets in clear. */
  outputs(): Promise<Record<string, unknown>>;
  /** Names further values that the test plants, such as those that a server made. */
  plant(...values: readonly string[]): void;
  /** Says which variables the test itself gives to a process of the project: there, they are no leak. */
  giveVariables(variables: Readonly<Record<string, string | undefined>>): void;
  /** Adds a text that nothing planted may stand in, such as what another command printed; read when it is searched. */
  addText(name: string, read: () => string): void;
  /** Where anything planted stands now. */
  findPlanted(): Finding[];
  /**
   * Where any of the values stands: state, history, backups, plans, logs, temporary files, the project's Pulumi home,
   * every output, arguments and environments of its processes, statements, texts that were added.
   */
  searchEverything(values: readonly string[]): Finding[];
  /** How many processes run for the project: engines, programs, plugins, the command line. */
  countProcesses(): number;
  /** Ends plugins that outlived an engine that was killed, as a crash of the machine would. @returns how many */
  endPlugins(): number;
  /**
   * Searches for everything that was planted, and removes the project and all that the engine kept of it.
   *
   * @throws Error if something planted stands somewhere; it names places, and never what stands there
   */
  stop(): void;
}

export interface RunOptions {
  /** Further arguments. */
  readonly args?: readonly string[];
  /** What the command reads from its standard input. @default nothing */
  readonly input?: string;
  /** Further environment variables of this run. */
  readonly env?: Readonly<Record<string, string>>;
  /** Ends the run with SIGKILL when it lasts longer. @default 150 s */
  readonly timeoutMs?: number;
  /** Sees the process while it runs, such as to end it half-way. */
  readonly onOutput?: (output: string, kill: (signal: NodeJS.Signals) => void) => void;
}

const unattended = ["--non-interactive", "--color", "never"];
const quietly = { PULUMI_SKIP_CONFIRMATIONS: "true", PULUMI_OPTION_SKIP_PREVIEW: "true" };
const packageName = "pulumi-snowflake-secrets";
/** Nothing of the user's own set-up may reach a test. */
const foreign = /^(PULUMI_|SNOWFLAKE_|AWS_|INFISICAL_|NODE_OPTIONS$|VITEST|GOOGLE_|AZURE_|PG)/;

/** Makes a temporary project with an empty stack; `stop()` searches it for what was planted, and removes it. */
export async function createProject(options: ProjectOptions): Promise<PulumiProject> {
  const name = options.name ?? "test-project";
  const stack = options.stack ?? "dev";
  const root = realpathSync(mkdtempSync(join(tmpdir(), "pulumi-project-")));
  const folder = options.inPlace ?? join(root, options.folderName ?? "program");
  const configFile = join(folder, `Pulumi.${stack}.yaml`);
  const backendFolder = join(root, "backend");
  const home = join(root, "home");
  const temporary = join(root, "tmp");
  for (const each of [folder, backendFolder, home, temporary]) mkdirSync(each, { recursive: true });
  // Left by a run that was cut off.
  if (options.inPlace !== undefined) rmSync(configFile, { force: true });
  if (options.folder !== undefined) {
    cpSync(options.folder, folder, { recursive: true, filter: (from) => !/[/\\]node_modules$/.test(from) });
  }

  const written = new Set<string>();
  const write = (path: string, text: string) => {
    written.add(join(folder, path));
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const files: Readonly<Record<string, string>> =
    options.inPlace === undefined
      ? {
          "Pulumi.yaml": `name: ${name}\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n`,
          "package.json": `${JSON.stringify({ name, version: "0.0.0", private: true, main: "index.js" })}\n`,
          ...options.files,
        }
      : {};
  for (const [path, text] of Object.entries(files)) write(path, text);
  if (options.ownPackages !== true && options.inPlace === undefined) linkPackages(folder, options.packages);

  const engine = findEngine(options.engine);
  const inherited = Object.entries(process.env).filter(([key]) => !foreign.test(key));
  const environment: Record<string, string | undefined> = {
    ...Object.fromEntries(inherited),
    // This Node runs programs and plugins, whatever another one the user has installed.
    PATH: [
      engine.folder,
      ...languageFolders,
      options.nodeFolder ?? dirname(process.execPath),
      process.env.PATH ?? "",
    ].join(delimiter),
    HOME: home,
    USERPROFILE: home,
    // The language host leaves a folder behind for every run.
    TMPDIR: temporary,
    PULUMI_HOME: join(home, "pulumi"),
    PULUMI_BACKEND_URL: `file://${backendFolder}`,
    PULUMI_CONFIG_PASSPHRASE: "a passphrase for tests",
    PULUMI_SKIP_UPDATE_CHECK: "1",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    NO_PROXY: "127.0.0.1,localhost",
    no_proxy: "127.0.0.1,localhost",
    NO_COLOR: "1",
    // A run is over before the engine's garbage matters: a twentieth less processor time.
    GOGC: "400",
    ...options.env,
  };

  const mark = `PULUMI_HOME=${join(home, "pulumi")}`;
  const given = new Set<string>();
  const give = (variables: Readonly<Record<string, string | undefined>>) => {
    for (const [key, value] of Object.entries(variables)) given.add(`${key}=${value}`);
  };
  give(environment);
  const watch = watchProcesses(mark, (variable) => given.has(variable));
  const planted = new Set(options.plants);
  const addedTexts = options.snowflake.map(({ control }) => ({
    name: "statements on Snowflake",
    read: keepStatementTexts(control),
  }));

  const results: CommandResult[] = [];
  const execute = async (file: string, args: readonly string[], run: RunOptions) => {
    give(run.env ?? {});
    const result = await runCommand(file, [...args, ...(run.args ?? [])], {
      cwd: folder,
      env: { ...environment, ...run.env },
      timeoutMs: run.timeoutMs ?? 150_000,
      ...(run.input === undefined ? {} : { input: run.input }),
      ...(run.onOutput === undefined ? {} : { onOutput: run.onOutput }),
    });
    results.push(result);
    return result;
  };
  const pulumi = (args: readonly string[], run: RunOptions = {}) =>
    execute(join(engine.folder, "pulumi"), args, run);
  const succeed = async (args: readonly string[], run: RunOptions = {}) => {
    const result = await pulumi(args, run);
    if (result.code !== 0) throw new Error(`pulumi ${args[0]} failed with ${result.code}:\n${result.output}`);
    return result;
  };

  const exportStack = async () => JSON.parse((await succeed(["stack", "export"])).stdout) as StackExport;
  const endPlugins = () => endProcessesWith(mark);
  const searchEverything = (values: readonly string[]) => {
    const texts: SearchText[] = [
      ...results.map(({ command, output }) => ({ name: `output of ${command}`, text: output })),
      ...watch.texts,
      ...addedTexts.map(({ name, read }) => ({ name, text: read() })),
    ];
    const folders = options.inPlace === undefined ? [root] : [root, configFile];
    return findIn(values, { folders, texts, leaveOut: written });
  };
  let isStopped = false;
  const stop = () => {
    if (isStopped) return;
    isStopped = true;
    watch.look();
    watch.stop();
    endPlugins();
    try {
      ensureNotFound(searchEverything([...planted]));
    } finally {
      rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
      if (options.inPlace !== undefined) rmSync(configFile, { force: true });
    }
  };

  try {
    await succeed(["stack", "init", stack, "--non-interactive"]);
  } catch (error) {
    stop();
    throw error;
  }

  return {
    folder,
    backendFolder,
    results,
    pulumi,
    shell: (script, run = {}) =>
      execute("bash", ["-e", "-o", "pipefail", "-c", script], { ...run, env: { ...quietly, ...run.env } }),
    preview: (run) => pulumi(["preview", "--diff", ...unattended], run),
    up: (run) => pulumi(["up", "--yes", "--skip-preview", ...unattended], run),
    refresh: (run) => pulumi(["refresh", "--yes", "--skip-preview", ...unattended], run),
    destroy: (run) => pulumi(["destroy", "--yes", "--skip-preview", ...unattended], run),
    setConfig: async (key, value, kind = "plain") => {
      if (kind === "secret") planted.add(value);
      // Over the standard input: an argument could be seen in the list of processes.
      await succeed(["config", "set", "--path", kind === "secret" ? "--secret" : "--plaintext", key], {
        input: value,
      });
    },
    removeConfig: async (key) => {
      await succeed(["config", "rm", "--path", key]);
    },
    write,
    exportStack,
    importStack: async (exported) => {
      const file = join(root, "import.json");
      writeFileSync(file, JSON.stringify(exported));
      return pulumi(["stack", "import", "--file", file]);
    },
    state: async () => resourcesOf(await exportStack()),
    outputs: async () =>
      JSON.parse((await succeed(["stack", "output", "--json", "--show-secrets"])).stdout) as Record<
        string,
        unknown
      >,
    plant: (...values) => {
      for (const value of values) planted.add(value);
    },
    giveVariables: give,
    addText: (name, read) => void addedTexts.push({ name, read }),
    findPlanted: () => searchEverything([...planted]),
    searchEverything,
    countProcesses: () => findProcessesWith(mark).length,
    endPlugins,
    stop,
  };
}

/** Reads the texts of all statements so far, also of those that a test lets its server forget. */
function keepStatementTexts(control: SnowflakeServer["control"]): () => string {
  const forgotten: string[] = [];
  const { resetCounts } = control;
  control.resetCounts = () => {
    forgotten.push(...control.statements().map(({ sql }) => sql));
    resetCounts();
  };
  return () => [...forgotten, ...control.statements().map(({ sql }) => sql)].join("\n");
}

/** @throws Error with the place and the form of each; which value it is, only by its number */
function ensureNotFound(findings: readonly Finding[]): void {
  if (findings.length === 0) return;
  const lines = findings.map(
    ({ value, form, place }) => `  ${place}: planted value ${value + 1}, as ${form}`,
  );
  throw new Error(
    `what was planted was found (TEST_SEED=${plantingSeed} plants it again):\n${lines.join("\n")}`,
  );
}

/** Makes this package and @pulumi/pulumi resolve from the program's folder as if they were installed there. */
function linkPackages(folder: string, packages: Readonly<Record<string, string>> = {}): void {
  const links = {
    [packageName]: projectFolder,
    "@pulumi/pulumi": join(projectFolder, "node_modules/@pulumi/pulumi"),
    ...packages,
  };
  for (const [name, target] of Object.entries(links)) {
    const link = join(folder, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(target, link, "junction");
  }
}
