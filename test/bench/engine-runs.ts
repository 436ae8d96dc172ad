import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { type SnowflakeServer, seedDemo, startSnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { findEngine, projectFolder } from "../support/engine/engine.js";
import { languageFolders } from "../support/engine/languages.js";
import { pluginFolder } from "../support/pulumi/plugin.js";
import { buildConnectionEnv } from "../support/snowflake/connection-env.js";
import type { Contestant, Values } from "./contestants.js";
import { buildTofuSettings, type OpenTofu, tofuArguments } from "./open-tofu.js";
import { watchTree } from "./process-tree.js";

/** What a run finds: no stack, the same values as before, or another value for one. */
export type Phase = "first" | "unchanged" | "one changed";

/** What one `pulumi up`, or `tofu apply`, cost, from its start to its end. */
export interface EngineRun {
  readonly contestant: string;
  readonly size: number;
  readonly phase: Phase;
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakMb: number;
  readonly statements: number;
  readonly logins: number;
  /** The stack's state after it. */
  readonly stateBytes: number;
}

const phases: readonly (readonly [Phase, Values])[] = [
  ["first", "first"],
  ["unchanged", "first"],
  ["one changed", "one changed"],
];

export interface EngineRunOptions {
  readonly size: number;
  readonly latencyMs: number;
  readonly env: Readonly<Record<string, string>>;
  readonly openTofu: OpenTofu | undefined;
  onRun(run: EngineRun): void;
}

/** The scenario of a stack: made, left alone, changed in one. */
export async function measureEngineRuns(contestant: Contestant, options: EngineRunOptions): Promise<void> {
  const { size, latencyMs, openTofu } = options;
  if (contestant.runsInOpenTofu && openTofu === undefined) return;
  const server = await startSnowflakeServer();
  const stack = await createStack(server, options.env);
  try {
    if (contestant.installsPlugin) await stack.installPlugin();
    server.control.setLatencyMs(latencyMs);
    for (const [phase, values] of phases) {
      stack.write(contestant.buildFiles(size, values));
      server.control.resetCounts();
      const used =
        contestant.runsInOpenTofu && openTofu
          ? await stack.runOpenTofu(openTofu)
          : await stack.runPulumi(["up", "--yes", ...(contestant.previews ? [] : ["--skip-preview"])]);
      const { statements, logins } = server.control.counts();
      const stateBytes = stack.stateBytes(contestant);
      options.onRun({ contestant: contestant.name, size, phase, ...used, statements, logins, stateBytes });
    }
  } finally {
    stack.remove();
    await server.stop();
  }
}

type Used = Pick<EngineRun, "wallMs" | "cpuMs" | "peakMb">;

interface BenchStack {
  installPlugin(): Promise<void>;
  write(files: Readonly<Record<string, string>>): void;
  runPulumi(args: readonly string[]): Promise<Used>;
  runOpenTofu(openTofu: OpenTofu): Promise<Used>;
  stateBytes(contestant: Contestant): number;
  remove(): void;
}

// Not the project of the tests: that one watches what it runs, which costs time.
async function createStack(
  server: SnowflakeServer,
  further: Readonly<Record<string, string>>,
): Promise<BenchStack> {
  const seed = seedDemo(server.control);
  const root = realpathSync(mkdtempSync(join(tmpdir(), "pulumi-bench-")));
  const folder = join(root, "program");
  const backend = join(root, "backend");
  for (const each of [folder, backend, join(root, "home")]) mkdirSync(each);
  for (const name of ["pulumi-snowflake-secrets", "@pulumi/pulumi", "snowflake-sdk"]) {
    const link = join(folder, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    const target =
      name === "pulumi-snowflake-secrets" ? projectFolder : join(projectFolder, "node_modules", name);
    symlinkSync(target, link, "junction");
  }
  const engine = findEngine();
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(PULUMI_|SNOWFLAKE_|NODE_OPTIONS$)/.test(name),
  );
  const env = {
    ...Object.fromEntries(inherited),
    PATH: [engine.folder, ...languageFolders, dirname(process.execPath), process.env.PATH ?? ""].join(
      delimiter,
    ),
    HOME: join(root, "home"),
    PULUMI_HOME: join(root, "home/pulumi"),
    PULUMI_BACKEND_URL: `file://${backend}`,
    PULUMI_CONFIG_PASSPHRASE: "a passphrase for the benchmark",
    PULUMI_SKIP_UPDATE_CHECK: "1",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PYTHONDONTWRITEBYTECODE: "1",
    ...buildConnectionEnv(server, seed),
    ...further,
  };
  const write = (files: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  };
  const run = async (program: string, args: readonly string[], more: Record<string, string> = {}) => {
    const startedAt = performance.now();
    const child = spawn(program, args, { cwd: folder, env: { ...env, ...more } });
    const tree = watchTree(child.pid ?? 0);
    const { code, output } = await finish(child);
    const used = { wallMs: performance.now() - startedAt, ...tree.stop() };
    if (code !== 0) throw new Error(`${program} ${args.join(" ")} failed with ${code}:\n${output}`);
    return used;
  };
  const runPulumi = (args: readonly string[]) =>
    run(join(engine.folder, "pulumi"), [...args, "--non-interactive", "--color", "never"]);
  const runOpenTofu = (openTofu: OpenTofu) => {
    const settings = join(root, "tofu.rc");
    writeFileSync(settings, buildTofuSettings(openTofu));
    const { organizationName, accountName } = server.identity;
    return run(openTofu.program, tofuArguments, {
      TF_CLI_CONFIG_FILE: settings,
      SNOWFLAKE_ORGANIZATION_NAME: organizationName,
      SNOWFLAKE_ACCOUNT_NAME: accountName,
    });
  };
  write({ "Pulumi.yaml": "name: bench\nruntime: yaml\n" });
  await runPulumi(["stack", "init", "bench"]);
  const installPlugin = async () => {
    const tarball = join(root, "plugin.tar.gz");
    const { status, stderr } = spawnSync("tar", ["-czf", tarball, "-C", pluginFolder, "."]);
    if (status !== 0) throw new Error(`tar failed with ${status}:\n${stderr}`);
    const { version } = JSON.parse(readFileSync(join(projectFolder, "package.json"), "utf8"));
    await runPulumi(["plugin", "install", "resource", "snowflake-secrets", version, "--file", tarball]);
  };
  return {
    installPlugin,
    write,
    runPulumi,
    runOpenTofu,
    stateBytes: ({ runsInOpenTofu }) =>
      readFileSync(
        runsInOpenTofu ? join(folder, "terraform.tfstate") : join(backend, ".pulumi/stacks/bench/bench.json"),
      ).byteLength,
    remove: () => rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }),
  };
}

function finish(child: ChildProcess): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, output }));
  });
}
