import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import {
  exportCredentialsArguments,
  probeCredentials,
} from "../../../provider/export-destination/credentials/index.js";
import { type SnowflakeServer, startSnowflakeServer } from "../../../sdk/snowflake-server/index.js";
import { type Postgres, startPostgres } from "../../support/postgres/postgres.js";
import { seedWarehouse } from "../../support/snowflake/export-warehouse.js";

/** More than a log-in may take: what loading took where twenty began at once on two cores. */
const loadMs = 10_500;

const load = vi.hoisted(() => async (importOriginal: () => Promise<unknown>) => {
  const loaded = await importOriginal();
  await new Promise((resolve) => setTimeout(resolve, 10_500));
  return loaded as object;
});
vi.mock("snowflake-sdk", load);
vi.mock("pg", load);

describe("a driver that takes longer to load than a log-in may take", () => {
  let snowflake: SnowflakeServer;
  let postgres: Postgres;
  beforeAll(async () => {
    [snowflake, postgres] = await Promise.all([startSnowflakeServer(), startPostgres()]);
  }, 60_000);
  afterAll(() => Promise.all([snowflake?.stop(), postgres?.stop()]));

  it("does not make good credentials fail: the time begins when it is loaded", async () => {
    const started = Date.now();
    const { host, port, database, user: username, password } = postgres;
    const probes = [
      [seedWarehouse(snowflake), { endpoint: snowflake.url }],
      [{ type: "postgresql", host, port, database, username, password }, {}],
    ] as const;
    await Promise.all(
      probes.map(([credentials, route]) =>
        probeCredentials(exportCredentialsArguments.parse(credentials), route),
      ),
    );
    expect(Date.now() - started).toBeGreaterThan(loadMs);
  }, 30_000);
});
