import { startCli } from "../../support/cli/run-cli.js";
import { createProject } from "../../support/pulumi/project.js";
import { type DeployedStacks, startServers } from "./stage.js";

const program = `
const pulumi = require("@pulumi/pulumi");
const { SnowflakeSecretSync } = require("pulumi-snowflake-secrets");
new SnowflakeSecretSync("app", JSON.parse(process.env.SYNCS)[pulumi.getStack()]);
`;

/** Stacks of one project, deployed and followed with Pulumi's engine. */
export async function deployWithEngine(count: number): Promise<DeployedStacks> {
  const servers = await startServers(count);
  const { names, snowflake, infisical } = servers;
  const [first = ""] = names;
  const syncs = Object.fromEntries(names.map((name) => [name, servers.buildArguments(name)]));
  const env = { ...servers.env, SYNCS: JSON.stringify(syncs) };
  const project = await createProject({
    plants: [infisical.clientSecret],
    snowflake: [snowflake],
    stack: first,
    files: { "index.js": program },
    env,
  });
  const stop = async () => {
    project.stop();
    await servers.stop();
  };
  try {
    for (const name of names) {
      if (name !== first) await project.pulumi(["stack", "init", name]);
      const { code, output } = await project.up({ args: ["--stack", name] });
      if (code !== 0) throw new Error(output);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  const options = ["--all", "--listen", "0", "--monitor", "0"];
  return {
    servers,
    follow: async (intervalMs) =>
      startCli(project, ["auto-sync", "--interval", `${intervalMs}ms`, ...options], env),
    stop,
  };
}
