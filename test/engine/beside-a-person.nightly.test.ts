import { chmodSync, copyFileSync, existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { expectedStateVariable } from "../../provider/secret-sync/inputs/guards.js";
import { type SnowflakeServer, startSnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { startCli } from "../support/cli/run-cli.js";
import { findEngine } from "../support/engine/engine.js";
import { createProject, type PulumiProject } from "../support/pulumi/project.js";
import { buildConnectionEnv } from "../support/snowflake/connection-env.js";

const buildProgram = (programValue: string) => `
const { SnowflakeSecretSync } = require("pulumi-snowflake-secrets");
new SnowflakeSecretSync("app", {
  sources: [{ type: "dotenv", path: "app.env" }],
  secrets: { PROGRAM: "${programValue}" },
  destinationConfig: { database: "APP", schema: "SECRETS" },
  syncOptions: { initialSyncBehavior: "preserve-destination" },
});`;

let snowflake: SnowflakeServer;
let project: PulumiProject;
let env: Record<string, string>;

beforeEach(async () => {
  snowflake = await startSnowflakeServer();
  snowflake.control.createDatabase("APP");
  snowflake.control.createSchema("APP", "SECRETS");
  env = buildConnectionEnv(snowflake, snowflake.connection);
  project = await createProject({
    plants: ["value-1", "value-2", "old-of-the-program", "new-of-the-program"],
    snowflake: [snowflake],
    files: { "index.js": buildProgram("old-of-the-program"), "app.env": "API_KEY=value-1\n" },
    env,
  });
});
afterEach(async () => {
  project.stop();
  await snowflake.stop();
});

it("auto-sync does not turn back what a person deployed from a newer checkout while it decided", async () => {
  const readValue = (name: string) => snowflake.control.secret("APP", "SECRETS", name)?.value;
  const up = await project.up();
  expect(up.code, up.output).toBe(0);

  for (const file of ["Pulumi.yaml", "Pulumi.dev.yaml", "package.json"]) {
    project.write(`person/${file}`, "");
    copyFileSync(join(project.folder, file), join(project.folder, "person", file));
  }
  project.write("person/index.js", buildProgram("new-of-the-program"));
  project.write("person/app.env", "API_KEY=value-2\n");
  project.write("app.env", "API_KEY=value-2\n");
  // The engine as auto-sync finds it: right before the first update that follows from a look, the person deploys.
  const engine = join(findEngine().folder, "pulumi");
  const deployment = `cd person && env -u ${expectedStateVariable} "${engine}" up --yes --skip-preview --non-interactive --stack dev`;
  project.write(
    "engine/pulumi",
    `#!/bin/bash
if [ "$1" = up ] && ! [ -e deployed ]; then
  touch deployed
  (${deployment}) > deployment.log 2>&1 || exit 1
fi
exec "${engine}" "$@"
`,
  );
  chmodSync(join(project.folder, "engine/pulumi"), 0o755);
  const path = [
    join(project.folder, "engine"),
    findEngine().folder,
    dirname(process.execPath),
    process.env.PATH,
  ];

  const run = startCli(project, ["auto-sync", "--stack", "dev", "--interval", "1s"], {
    ...env,
    PATH: path.join(delimiter),
  });
  // The person carried the changed source over, too, so that there is nothing left to do.
  const first = await run.find("unchanged");
  await run.stop();
  expect(existsSync(join(project.folder, "deployed"))).toBe(true);
  expect([readValue("PROGRAM"), readValue("API_KEY")]).toEqual(["new-of-the-program", "value-2"]);
  expect(first).toMatchObject({ syncs: ["app"] });
  const told = run.events.map(({ event }) => event);
  for (const event of ["synced", "refused", "failed"]) expect(told).not.toContain(event);
});
