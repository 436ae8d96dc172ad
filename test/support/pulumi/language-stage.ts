import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import {
  type DemoSeed,
  type SnowflakeServer,
  type SnowflakeServerOptions,
  seedDemo,
  startSnowflakeServer,
} from "../../../sdk/snowflake-server/index.js";
import { languageFolders } from "../engine/languages.js";
import { buildConnectionEnv } from "../snowflake/connection-env.js";
import { type CommandResult, runCommand } from "./command.js";
import { generateSdks } from "./generated-sdk.js";
import { createProject, type ProjectOptions, type PulumiProject } from "./project.js";

/** A Snowflake account, and a Pulumi project in some language whose environment connects to the account. */
export interface LanguageStage {
  readonly server: SnowflakeServer;
  readonly seed: DemoSeed;
  readonly project: PulumiProject;
  /** Value by name of what stands in the schema. */
  held(schema?: string): Record<string, string | undefined>;
  /** What was written since the last call or reset: "CREATE SECRET" and the like. */
  takeWrites(): string[];
  /** A command that must succeed, with what it wrote. @throws Error with what it printed */
  run(
    command: "preview" | "up" | "refresh" | "destroy",
    ...args: readonly string[]
  ): Promise<CommandResult & { readonly writes: readonly string[] }>;
  stop(): Promise<void>;
}

export interface LanguageStageOptions extends Omit<ProjectOptions, "snowflake"> {
  /** Whether the environment connects to the account. @default true */
  readonly isConnected?: boolean;
  /** How the account is started. */
  readonly account?: SnowflakeServerOptions;
}

export async function startLanguageStage({
  isConnected = true,
  account,
  ...options
}: LanguageStageOptions): Promise<LanguageStage> {
  const server = await startSnowflakeServer(account);
  const seed = seedDemo(server.control);
  const project = await createProject({
    ...options,
    plants: [...options.plants, seed.password],
    snowflake: [server],
    env: { ...(isConnected ? buildConnectionEnv(server, seed) : {}), ...options.env },
  });
  const takeWrites = () => {
    const kinds = server.control.statements().map(({ kind }) => String(kind));
    server.control.resetCounts();
    return kinds.filter((kind) => /^(CREATE|ALTER|DROP) SECRET$/.test(kind));
  };
  return {
    server,
    seed,
    project,
    held: (schema = seed.schema) =>
      Object.fromEntries(
        server.control.secrets(seed.database, schema).map(({ name, value }) => [name, value]),
      ),
    takeWrites,
    run: async (command, ...args) => {
      takeWrites();
      const result = await project[command]({ args });
      if (result.code !== 0) throw new Error(`pulumi ${command} failed:\n${result.output}`);
      return { ...result, writes: takeWrites() };
    },
    stop: async () => {
      try {
        project.stop();
      } finally {
        await server.stop();
      }
    },
  };
}

/** Generates the Python SDK and installs it, as `pulumi package add` does; a program finds it by PYTHONPATH. */
export async function installPythonSdk(into: string): Promise<string> {
  await generateSdks(into, ["python"]);
  const target = join(into, "installed");
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target);
  const python = join(languageFolders[1] ?? "", process.platform === "win32" ? "python.exe" : "python");
  // What it is built with is installed already, so that nothing is fetched.
  const flags = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-build-isolation"];
  const { code, output } = await runCommand(
    python,
    ["-m", "pip", "install", ...flags, "--target", target, join(into, "python")],
    { cwd: into, env: process.env, timeoutMs: 120_000 },
  );
  if (code !== 0) throw new Error(`The generated Python SDK was not installed:\n${output}`);
  return target;
}
