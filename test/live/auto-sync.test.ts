import { randomUUID } from "node:crypto";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startCli } from "../support/cli/run-cli.js";
import { createProject, type PulumiProject } from "../support/pulumi/project.js";
import { findSetting } from "./announce.js";

const setting = findSetting("auto-sync", "LIVE_SNOWFLAKE_SCHEMA");
const hours = Number(findSetting("auto-sync", "LIVE_AUTO_SYNC_HOURS") ?? 0);
const [database, schema] = (setting ?? "").split(".");
const durationMs = hours * 3_600_000;
const changeEveryMs = Math.min(600_000, durationMs / 10);
const intervalMs = Math.min(60_000, changeEveryMs / 2);

const program = `
const { SnowflakeSecretSync } = require("pulumi-snowflake-secrets");
new SnowflakeSecretSync("app", {
  sources: [{ type: "dotenv", path: "app.env" }],
  destinationConfig: ${JSON.stringify({ database, schema })},
  syncOptions: {
    initialSyncBehavior: "overwrite-destination",
    keySchema: "PULUMI_SNOWFLAKE_SECRETS_LIVE_{{secretKey}}",
  },
});
`;

describe.skipIf(setting === undefined || !(hours > 0))("auto-sync with a real Snowflake account", () => {
  // A profile is looked for in the person's own folder.
  const env: Record<string, string> = {
    SNOWFLAKE_HOME: join(homedir(), ".snowflake"),
    ...Object.fromEntries(
      Object.entries(process.env).flatMap(([name, value = ""]) =>
        name.startsWith("SNOWFLAKE_") ? [[name, value]] : [],
      ),
    ),
  };
  let project: PulumiProject;
  const change = () => {
    const value = randomUUID();
    project.plant(value);
    project.write("app.env", `API_KEY=${value}\n`);
  };

  beforeAll(async () => {
    project = await createProject({ plants: [], snowflake: [], files: { "index.js": program }, env });
    change();
    const { code, output } = await project.up();
    expect(code, output).toBe(0);
  });
  afterAll(async () => {
    const { code, output } = await project.destroy();
    project.stop();
    expect(code, output).toBe(0);
  });

  it(
    "syncs every change, for as many hours as the environment says",
    async () => {
      const run = startCli(project, ["auto-sync", "--stack", "dev", "--interval", `${intervalMs}ms`], env);
      await run.find("unchanged");
      const end = Date.now() + durationMs;
      for (let changes = 1; Date.now() < end; changes += 1) {
        change();
        await expect
          .poll(() => run.events.filter(({ event }) => event === "synced").length, {
            timeout: changeEveryMs + 600_000,
            interval: 1_000,
            message: run.events
              .slice(-3)
              .map((event) => JSON.stringify(event))
              .join("\n"),
          })
          .toBe(changes);
        await sleep(changeEveryMs);
      }
      expect(await run.stop()).toBe(0);
    },
    durationMs + 900_000,
  );
});
