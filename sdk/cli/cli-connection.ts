import type { ConfigReader } from "../../provider/engine/operation.js";
import type { ConnectionSources } from "../../provider/snowflake/connection/resolve.js";

/** What the flags of a command say of the connection. */
export interface ConnectionFlags {
  readonly profile?: string;
  readonly stack?: string;
  readonly cwd: string;
}

/** The links of the connection chain on the command line: `--profile`, the stack's config, variables, profiles. */
export async function readConnectionSources({
  profile,
  stack,
  cwd,
}: ConnectionFlags): Promise<ConnectionSources> {
  return {
    argument: profile === undefined ? {} : { profile },
    config: stack === undefined ? noConfig : await readStackConfig(stack, cwd),
    programDirectory: cwd,
    warn: (text) => process.stderr.write(`warning: ${text}\n`),
  };
}

const noConfig: ConfigReader = { get: () => undefined };

async function readStackConfig(stackName: string, projectDirectory: string): Promise<ConfigReader> {
  const { openStack } = await import("./stack-access.js");
  return await (await openStack({ stackName, project: projectDirectory })).readConfig();
}
