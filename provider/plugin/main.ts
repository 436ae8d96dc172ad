#!/usr/bin/env node
// `pulumi-resource-snowflake-secrets`: started by the engine, which reads the port from the first line of its output.
import { startPluginServer } from "./server.js";

/** How often to look whether the engine is still there. */
const parentCheckMs = 1_000;

/** Less than the 5 s after which the engine kills its plugins. */
const endTimeoutMs = 4_000;

async function main(): Promise<void> {
  const { version } = require("pulumi-snowflake-secrets/package.json") as { version: string };
  const engineAddress = process.argv[2];
  const server = await startPluginServer({
    version,
    stackConfig: readStackConfig(),
    ...(engineAddress === undefined ? {} : { engineAddress }),
  });
  const end = async (code: number) => {
    const timeout = new Promise((resolve) => setTimeout(resolve, endTimeoutMs).unref());
    await Promise.race([server.end(), timeout]);
    process.exit(code);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void end(0));
  endWithParent(() => void end(1));
  process.stdout.write(`${server.port}\n`);
}

/** What the engine tells every plugin in its environment, secrets in clear: so it does not stay there. */
function readStackConfig(): Record<string, unknown> {
  const { PULUMI_CONFIG: text } = process.env;
  delete process.env.PULUMI_CONFIG;
  return text === undefined || text === "" ? {} : JSON.parse(text);
}

/** An engine that was killed tells nobody; whoever is started by hand stays. */
function endWithParent(end: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    end();
  }, parentCheckMs);
  timer.unref();
}

void main();
