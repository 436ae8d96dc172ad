import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { seedDemo, startSnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { readBlocks } from "../support/docs/page.js";
import { drawTerminal } from "../support/docs/terminal-svg.js";
import { projectFolder } from "../support/engine/engine.js";
import { createProject, type PulumiProject } from "../support/pulumi/project.js";
import { buildConnectionEnv } from "../support/snowflake/connection-env.js";

/** Records previews of the README's program: its first steps, and a replacement. */
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
    await recordPreview(project, "preview.svg");
    await project.up();
    server.control.createSchema(seed.database, "NEXT", { owner: seed.role });
    project.write("index.js", program.replace('schema: "SECRETS"', 'schema: "NEXT"'));
    await recordPreview(project, "replacement.svg");
  } finally {
    project.stop();
    await server.stop();
  }
}

async function recordPreview(project: PulumiProject, file: string): Promise<void> {
  const { code, output } = await project.pulumi(["preview", "--diff", "--color", "always"]);
  if (code !== 0) throw new Error(output);
  writeFileSync(join(projectFolder, "docs/images", file), drawTerminal("pulumi preview --diff", output));
}

record().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
