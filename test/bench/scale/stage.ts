import { setTimeout as pause } from "node:timers/promises";
import type { SnowflakeServer } from "../../../sdk/snowflake-server/index.js";
import { startSnowflakeServer } from "../../../sdk/snowflake-server/index.js";
import type { CliRun } from "../../support/cli/run-cli.js";
import { type InfisicalServer, startInfisicalServer } from "../../support/infisical-server/index.js";
import { buildConnectionEnv } from "../../support/snowflake/connection-env.js";

export const secretsPerStack = 20;
const database = "APP";
/** The one that changes. */
const key = "KEY_0";
const webhookSecret = "secret-for-the-benchmark";

/** Stacks that are deployed, each with a folder of Infisical as its source and a schema as its destination. */
export interface DeployedStacks {
  readonly servers: Servers;
  /** Starts auto-sync for all of them. */
  follow(intervalMs: number): Promise<CliRun>;
  stop(): Promise<void>;
}

/** The source and the destination of all stacks. */
export interface Servers {
  readonly names: readonly string[];
  readonly snowflake: SnowflakeServer;
  readonly infisical: InfisicalServer;
  /** What leads to both. */
  readonly env: Readonly<Record<string, string>>;
  /** Which stack the arguments are of. */
  buildArguments(name: string): Readonly<Record<string, unknown>>;
  setDenied(name: string, isDenied: boolean): void;
  /** Changes one secret of a stack in its source. @returns how long it took until Snowflake had it */
  change(name: string): Promise<number>;
  stop(): Promise<void>;
}

export async function startServers(count: number): Promise<Servers> {
  const names = Array.from({ length: count }, (_, index) => `stack-${index}`);
  const [snowflake, infisical] = await Promise.all([startSnowflakeServer(), startInfisicalServer()]);
  snowflake.control.createDatabase(database);
  for (const name of names) {
    snowflake.control.createSchema(database, name);
    for (let index = 0; index < secretsPerStack; index += 1)
      infisical.set(`dev:/${name}`, `KEY_${index}`, `value-${index}`);
  }
  let changes = 0;
  return {
    names,
    snowflake,
    infisical,
    env: {
      ...buildConnectionEnv(snowflake, snowflake.connection),
      ...infisical.env,
      AUTO_SYNC_WEBHOOK_SECRET: webhookSecret,
    },
    buildArguments: (name) => ({
      environment: "dev",
      sources: [{ type: "infisical", projectId: infisical.projectId, secretPath: `/${name}` }],
      destinationConfig: { database, schema: name },
      syncOptions: { initialSyncBehavior: "overwrite-destination" },
    }),
    setDenied: (name, isDenied) => infisical.setDenied(`dev:/${name}`, isDenied),
    change: async (name) => {
      changes += 1;
      const value = `changed-${changes}`;
      const changedAt = performance.now();
      infisical.set(`dev:/${name}`, key, value);
      while (snowflake.control.secret(database, name, key)?.value !== value) {
        if (performance.now() - changedAt > giveUpMs) throw new Error(`A change of ${name} never arrived.`);
        await pause(50);
      }
      return performance.now() - changedAt;
    },
    stop: async () => {
      await Promise.all([snowflake.stop(), infisical.close()]);
    },
  };
}

const giveUpMs = 900_000;

/** Has every stack looked at at once. */
export async function wakeAll(url: string): Promise<void> {
  const { status } = await fetch(url, {
    method: "POST",
    headers: { authorization: `Bearer ${webhookSecret}` },
  });
  if (status !== 202) throw new Error(`The webhook was answered with ${status}.`);
}
