import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { CliRun } from "../../support/cli/run-cli.js";
import { projectFolder } from "../../support/engine/engine.js";
import { Stack } from "../../support/stack.js";
import type { EngineAnswer, EngineCall, Start } from "./messages.js";
import { type DeployedStacks, type Servers, startServers } from "./stage.js";

/** Stacks whose hooks are called as the engine calls them, without its process. */
export async function deployWithoutEngine(count: number): Promise<DeployedStacks> {
  const servers = await startServers(count);
  // The hooks run in this process.
  Object.assign(process.env, servers.env);
  const stacks = new Map(servers.names.map((name) => [name, new Stack({ stack: name })]));
  for (const [name, stack] of stacks) await stack.upOk(declare(servers, name));
  const folder = mkdtempSync(join(tmpdir(), "auto-sync-scale-"));
  const program = join(folder, "fleet-process.cjs");
  // As it is shipped: without a loader of TypeScript in its memory.
  await build({
    entryPoints: [join(__dirname, "fleet-process.ts")],
    outfile: program,
    bundle: true,
    platform: "node",
    packages: "external",
    // Unlike `require`, `import()` does not look where NODE_PATH says.
    supported: { "dynamic-import": false },
    logLevel: "error",
  });
  return {
    servers,
    follow: async (intervalMs) => {
      const child = spawn(process.execPath, [program], {
        stdio: ["ignore", "pipe", "pipe", "ipc"],
        env: { ...process.env, NODE_PATH: join(projectFolder, "node_modules") },
      });
      standIn(child, servers, stacks);
      const start: Start = {
        stacks: Object.fromEntries([...stacks].map(([name, stack]) => [name, exportSync(name, stack)])),
        intervalMs,
        concurrency: availableParallelism(),
      };
      child.send(start);
      return new CliRun(child);
    },
    stop: async () => {
      rmSync(folder, { recursive: true });
      await servers.stop();
    },
  };
}

function standIn(child: ChildProcess, servers: Servers, stacks: ReadonlyMap<string, Stack>): void {
  child.on("message", async ({ id, stack: name, step }: EngineCall) => {
    const stack = stacks.get(name) as Stack;
    const run = () =>
      step === "preview" ? stack.preview(declare(servers, name)) : stack.up(declare(servers, name));
    const { ok, problems, inputs } = await run();
    const answer: EngineAnswer = {
      id,
      ...(step === "preview"
        ? { secrets: inputs.app?.secrets as Record<string, string> }
        : { resource: exportSync(name, stack) }),
      ...(ok ? {} : { problem: problems.join("\n") }),
    };
    child.send(answer);
  });
}

const declare = (servers: Servers, name: string) => ({
  app: { args: { ...servers.buildArguments(name), fingerprintKey: "0123456789abcdef".repeat(2) } },
});

/** The sync as `pulumi stack export` shows it. */
function exportSync(stackName: string, stack: Stack): Start["stacks"][string] {
  const type = "pulumi-nodejs:dynamic/snowflake:SnowflakeSecretSync";
  const { inputs, outputs } = stack.resources.get("app") ?? { inputs: {}, outputs: {} };
  return { urn: `urn:pulumi:${stackName}::scale::${type}::app`, type, inputs, outputs: { ...outputs } };
}
