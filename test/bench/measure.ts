import type { DemoSeed, SnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { closeDriver, connectDriver, queryRows } from "../support/snowflake/node-driver.js";

/** What an operation cost. */
export interface Measured {
  readonly what: string;
  readonly statements: number;
  readonly logins: number;
  readonly httpRequests: number;
  readonly mostAtOnce: number;
  readonly durationMs: number;
}

/** Counts and times operations on a server. */
export interface Meter {
  readonly server: SnowflakeServer;
  readonly seed: DemoSeed;
  measure(what: string, work: () => Promise<void>): Promise<Measured>;
}

export function startMeter(server: SnowflakeServer, seed: DemoSeed): Meter {
  return {
    server,
    seed,
    measure: async (what, work) => {
      server.control.resetCounts();
      const started = performance.now();
      await work();
      const durationMs = performance.now() - started;
      const { statements, logins, httpRequests, peakConcurrentStatements } = server.control.counts();
      return { what, statements, logins, httpRequests, mostAtOnce: peakConcurrentStatements, durationMs };
    },
  };
}

/** The `connection` argument for a meter's server. */
export function buildConnection({ server, seed }: Meter): Readonly<Record<string, unknown>> {
  return {
    account: server.account,
    user: seed.username,
    password: seed.password,
    role: seed.role,
    host: server.host,
    port: server.port,
    protocol: "http",
  };
}

/** What one would write without this package: the same driver, every secret anew, one after another. */
export async function runNaively({ server, seed }: Meter, secrets: Record<string, string>): Promise<void> {
  const connection = await connectDriver({
    ...server.connection,
    username: seed.username,
    password: seed.password,
    role: seed.role,
  });
  for (const [key, value] of Object.entries(secrets)) {
    const name = `"${seed.database}"."${seed.schema}"."APP_${key}"`;
    await queryRows(connection, `CREATE OR REPLACE SECRET ${name} TYPE = GENERIC_STRING SECRET_STRING = ?`, [
      value,
    ]);
  }
  await closeDriver(connection);
}
