import { setTimeout as pause } from "node:timers/promises";
import { startSnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { startCli } from "../support/cli/run-cli.js";
import { startInfisicalServer } from "../support/infisical-server/index.js";
import { createProject } from "../support/pulumi/project.js";
import { buildConnectionEnv } from "../support/snowflake/connection-env.js";

/** How long a changed value takes to stand in Snowflake. */
export interface Arrival {
  readonly what: string;
  readonly medianMs: number;
  readonly worstMs: number;
}

const program = `
const { SnowflakeSecretSync } = require("pulumi-snowflake-secrets");
const app = new SnowflakeSecretSync("app", {
  sources: [{ type: "infisical", projectId: process.env.PROJECT_ID }],
  destinationConfig: { database: "APP", schema: "SECRETS" },
  syncOptions: { initialSyncBehavior: "preserve-destination" },
});
exports.lastSyncedAt = app.lastSyncedAt;
`;
const runs = 5;
/** So that what one run leaves to do is done before the next. */
const pauseMs = 1_000;

/** The same change by a `pulumi up` of a person and by a webhook, which previews first; one after the other. */
export async function measureArrival(latencyMs: number): Promise<readonly Arrival[]> {
  const [snowflake, infisical] = await Promise.all([startSnowflakeServer(), startInfisicalServer()]);
  snowflake.control.createDatabase("APP");
  snowflake.control.createSchema("APP", "SECRETS");
  snowflake.control.setLatencyMs(latencyMs);
  const env = {
    ...buildConnectionEnv(snowflake, snowflake.connection),
    ...infisical.env,
    INFISICAL_WEBHOOK_SECRET: "webhook-key",
    PROJECT_ID: infisical.projectId,
  };
  const project = await createProject({ plants: [], snowflake: [], files: { "index.js": program }, env });
  let count = 0;
  const measure = async (what: string, carry: () => Promise<unknown>): Promise<Arrival> => {
    const times: number[] = [];
    for (let run = 0; run < runs; run += 1) {
      count += 1;
      const value = `value-${count}`;
      infisical.set("dev:/", "API_KEY", value);
      await pause(pauseMs);
      const started = performance.now();
      const carried = carry();
      while (snowflake.control.secret("APP", "SECRETS", "API_KEY")?.value !== value) await pause(5);
      times.push(performance.now() - started);
      await carried;
    }
    times.sort((a, b) => a - b);
    return { what, medianMs: times[Math.floor(runs / 2)] ?? 0, worstMs: times.at(-1) ?? 0 };
  };
  const up = async () => {
    const { code, output } = await project.up();
    if (code !== 0) throw new Error(output);
  };
  try {
    infisical.set("dev:/", "API_KEY", "value-0");
    await up();
    const byHand = await measure("pulumi up --skip-preview, by hand", up);
    const listener = startCli(
      project,
      ["auto-sync", "--stack", "dev", "--interval", "1h", "--listen", "0"],
      env,
    );
    try {
      const { url } = await listener.find("listening");
      await listener.find("unchanged");
      const byWebhook = await measure("a webhook: preview, judgement, up", async () => {
        const from = listener.events.length;
        await infisical.sendWebhook(String(url), env.INFISICAL_WEBHOOK_SECRET);
        await listener.find("synced", from);
      });
      return [byHand, byWebhook];
    } finally {
      await listener.stop();
    }
  } finally {
    project.stop();
    await Promise.all([snowflake.stop(), infisical.close()]);
  }
}
