import { endInTime, whenParentEnds } from "../engine/interrupt.js";
import { startPluginServer } from "./server.js";

/** Serves the engine, which reads the port from the first line of the output. */
export async function serve(): Promise<void> {
  const { version } = require("pulumi-snowflake-secrets/package.json") as { version: string };
  const engineAddress = process.argv[2];
  const server = await startPluginServer({
    version,
    stackConfig: readStackConfig(),
    ...(engineAddress === undefined ? {} : { engineAddress }),
  });
  const end = async (code: number) => {
    await endInTime(() => server.end());
    process.exit(code);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void end(0));
  // Whoever is started by hand has a parent that stays.
  whenParentEnds(() => void end(1));
  process.stdout.write(`${server.port}\n`);
}

/** What the engine tells every plugin in its environment, secrets in clear: so it does not stay there. */
function readStackConfig(): Record<string, unknown> {
  const { PULUMI_CONFIG: text } = process.env;
  delete process.env.PULUMI_CONFIG;
  return text === undefined || text === "" ? {} : JSON.parse(text);
}
