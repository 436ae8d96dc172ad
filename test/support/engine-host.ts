import { randomUUID } from "node:crypto";
import type { SyncState } from "../../provider/secret-sync/state.js";
import type { SnowflakeServer } from "../../sdk/snowflake-server/index.js";
import type { Host, Run } from "./hosts.js";
import { buildPluginLines, pluginFolder } from "./pulumi/plugin.js";
import { createProject, type PulumiProject } from "./pulumi/project.js";

const imports = {
  "engine, dynamic": "pulumi-snowflake-secrets",
  "engine, plugin": "pulumi-snowflake-secrets/plugin",
} as const;

export type EngineHostName = keyof typeof imports;

export function isEngineHost(name: string): name is EngineHostName {
  return Object.hasOwn(imports, name);
}

/** A stack of one sync, run by the real engine with a program in either host. */
export class EngineHost implements Host<SyncState> {
  #project: PulumiProject | undefined;
  #outputs: SyncState | undefined;
  #stack = "";

  constructor(
    readonly name: EngineHostName,
    readonly connection: Readonly<Record<string, unknown>>,
    readonly server: SnowflakeServer,
  ) {}

  async up(args: Readonly<Record<string, unknown>>): Promise<Run> {
    const project = await this.#start();
    project.plant(...Object.values(args.secrets as Readonly<Record<string, string>>));
    project.write(
      "index.js",
      `const { SnowflakeSecretSync } = require("${imports[this.name]}");
new SnowflakeSecretSync("app", ${JSON.stringify({ connection: this.connection, ...args })});\n`,
    );
    return this.#run("up");
  }

  async destroy(): Promise<Run> {
    await this.#start();
    return this.#run("destroy");
  }

  state(): SyncState | undefined {
    return this.#outputs;
  }

  seen(): string {
    return [...(this.#project?.results ?? []).map(({ output }) => output), this.#stack].join("\n");
  }

  /** @throws Error if a value stands anywhere that the engine left */
  stop(): void {
    this.#project?.stop();
  }

  async #start(): Promise<PulumiProject> {
    const name = `fault-${randomUUID().slice(0, 8)}`;
    this.#project ??= await createProject({
      name,
      plants: [String(this.connection.password)],
      snowflake: [this.server],
      files: {
        "Pulumi.yaml": `name: ${name}\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n${this.name === "engine, plugin" ? buildPluginLines(pluginFolder) : ""}`,
      },
    });
    return this.#project;
  }

  async #run(command: "up" | "destroy"): Promise<Run> {
    const project = await this.#start();
    // Longer than a statement that is never answered.
    const { code, output } = await project[command]({ timeoutMs: 300_000 });
    const stack = await project.exportStack();
    this.#stack = JSON.stringify(stack);
    this.#outputs = (await project.state())[0]?.outputs as SyncState | undefined;
    return { ok: code === 0, problems: code === 0 ? [] : [findDiagnostics(output)], lines: [output] };
  }
}

/** What a person reads at the end of a run that failed. */
function findDiagnostics(output: string): string {
  return (
    /^Diagnostics:\n([\s\S]*?)(?=^Resources:|^Duration:|(?![\s\S]))/m.exec(output)?.[1]?.trim() ?? output
  );
}
