import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { delimiter, dirname, join } from "node:path";
import { findEngine, projectFolder } from "../engine/engine.js";
import type { PulumiProject } from "../pulumi/project.js";

/** A run of the built command line with `--json`, and what it told so far. */
export class CliRun {
  readonly events: Record<string, unknown>[] = [];
  /** Both streams as they came. */
  output = "";
  readonly exited: Promise<number>;
  readonly #child: ChildProcess;

  constructor(child: ChildProcess) {
    this.#child = child;
    let rest = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      this.output += chunk;
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.events.push(JSON.parse(line));
    });
    child.stderr?.on("data", (chunk: Buffer) => {
      this.output += chunk;
    });
    this.exited = once(child, "close").then(([code]) => code as number);
  }

  /** The first event of a kind behind the first `from` events; waits for it. */
  async find(event: string, from = 0): Promise<Record<string, unknown>> {
    for (;;) {
      const found = this.events.slice(from).find((each) => each.event === event);
      if (found !== undefined) return found;
      if (this.#child.exitCode !== null)
        throw new Error(`it ended before it told "${event}":\n${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** The number of its process. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Ends it as the machine would when memory runs out. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }

  /** Asks it to end as a service manager does, and waits for that. */
  stop(): Promise<number> {
    this.#child.kill("SIGTERM");
    return this.exited;
  }
}

/** Starts the built command line in a project's folder, with the project's own Pulumi home and backend. */
export function startCli(
  project: PulumiProject,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): CliRun {
  const run = new CliRun(spawnCli(project, [...args, "--json"], env));
  project.addText(`output of ${args[0]}`, () => run.output);
  return run;
}

/** Runs the built command line as a person does, and answers what the screen shows. */
export async function runCliAsPerson(
  project: PulumiProject,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ code: number; screen: string }> {
  const child = spawnCli(project, args, env);
  let screen = "";
  project.addText(`output of ${args[0]}`, () => screen);
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      screen += chunk;
    });
  }
  const [code] = (await once(child, "close")) as [number];
  return { code, screen };
}

function spawnCli(
  project: PulumiProject,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): ChildProcess {
  project.giveVariables(env);
  const root = dirname(project.folder);
  const home = join(root, "home");
  const inherited = Object.entries(process.env).filter(
    ([key]) => !/^(PULUMI|SNOWFLAKE|INFISICAL|AWS)_/.test(key),
  );
  return spawn(process.execPath, [join(projectFolder, "dist/sdk/cli/main.js"), ...args], {
    cwd: project.folder,
    env: {
      ...Object.fromEntries(inherited),
      PATH: [findEngine().folder, dirname(process.execPath), process.env.PATH ?? ""].join(delimiter),
      HOME: home,
      TMPDIR: join(root, "tmp"),
      PULUMI_HOME: join(home, "pulumi"),
      PULUMI_BACKEND_URL: `file://${project.backendFolder}`,
      PULUMI_CONFIG_PASSPHRASE: "a passphrase for tests",
      PULUMI_SKIP_UPDATE_CHECK: "1",
      NO_PROXY: "127.0.0.1,localhost",
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
}
