import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { seedDemo, startSnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { readBlocks } from "../support/docs/page.js";
import { drawTerminal } from "../support/docs/terminal-svg.js";
import { projectFolder } from "../support/engine/engine.js";
import { createProject } from "../support/pulumi/project.js";
import { buildConnectionEnv } from "../support/snowflake/connection-env.js";

/** Records the preview of the README's first steps: its program, its changes, and Pulumi's colours. */
async function record(): Promise<void> {
  const steps = readBlocks("README.md").filter(({ language }) => language === "sh");
  const program = /<<'JS'\n([\s\S]*?)^JS$/m.exec(steps[0]?.text ?? "")?.[1];
  if (program === undefined) throw new Error("README.md has no program between <<'JS' and JS.");
  const server = await startSnowflakeServer();
  const seed = seedDemo(server.control);
  const project = await createProject({
    name: "try",
    plants: [],
    snowflake: [server],
    env: buildConnectionEnv(server, seed),
    files: { "index.js": program },
  });
  try {
    for (const key of ["API_KEY", "DATABASE_URL", "WEBHOOK_TOKEN"]) {
      await project.setConfig(`secrets.${key}`, `first-${key}`, "secret");
    }
    await project.up();
    await project.setConfig("secrets.API_KEY", "second-API_KEY", "secret");
    await project.setConfig("secrets.SIGNING_KEY", "first-SIGNING_KEY", "secret");
    await project.removeConfig("secrets.WEBHOOK_TOKEN");
    const { code, output } = await project.pulumi(["preview", "--diff", "--color", "always"]);
    if (code !== 0) throw new Error(output);
    const folder = join(projectFolder, "docs/images");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "preview.svg"), drawTerminal("pulumi preview --diff", output));
  } finally {
    project.stop();
    await server.stop();
  }
}

record().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
