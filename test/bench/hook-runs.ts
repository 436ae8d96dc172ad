import { defaultConcurrency } from "../../provider/snowflake/connection/arguments.js";
import { seedDemo, startSnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { Stack } from "../support/stack.js";
import { buildConnection, type Measured, type Meter, runNaively, startMeter } from "./measure.js";

const many = 1_000;
/** For the runs that differ only in how many statements are under way: one at a time takes long. */
const some = 300;

const secretsOf = (count: number, change = "") =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `KEY_${index}`,
      `value-${index}${index === 0 ? change : ""}`,
    ]),
  );

/** Runs one operation after another against a server of its own, and gives what each cost. */
async function withMeter<T>(latencyMs: number, work: (meter: Meter) => Promise<T>): Promise<T> {
  const server = await startSnowflakeServer();
  try {
    const seed = seedDemo(server.control);
    server.control.setLatencyMs(latencyMs);
    return await work(startMeter(server, seed));
  } finally {
    await server.stop();
  }
}

const declare = (
  meter: Meter,
  secrets: Record<string, string>,
  maxConcurrentStatements = defaultConcurrency,
) => ({
  app: {
    args: {
      connection: { ...buildConnection(meter), maxConcurrentStatements },
      secrets,
      destinationConfig: { database: meter.seed.database, schema: meter.seed.schema },
      syncOptions: { initialSyncBehavior: "overwrite-destination", keySchema: "APP_{{secretKey}}" },
    },
  },
});

/** The scenario of one sync: made, left alone, changed in one key. */
function measureScenario(latencyMs: number) {
  return withMeter(latencyMs, async (meter) => {
    const stack = new Stack();
    const made = declare(meter, secretsOf(many));
    const changed = declare(meter, secretsOf(many, "-changed"));
    return [
      await meter.measure(`${many} created, preview`, () => succeed(stack.preview(made))),
      await meter.measure(`${many} created, up`, () => succeed(stack.up(made))),
      await meter.measure(`${many} unchanged, preview`, () => succeed(stack.preview(made))),
      await meter.measure(`${many} unchanged, up`, () => succeed(stack.up(made))),
      await meter.measure("1 changed, preview", () => succeed(stack.preview(changed))),
      await meter.measure("1 changed, up", () => succeed(stack.up(changed))),
      await meter.measure("destroy", () => succeed(stack.destroy())),
    ];
  });
}

function measureCreation(latencyMs: number, maxConcurrentStatements: number) {
  return withMeter(latencyMs, (meter) => {
    const program = declare(meter, secretsOf(some), maxConcurrentStatements);
    return meter.measure(`${some} created, ${maxConcurrentStatements} at a time`, () =>
      succeed(new Stack().up(program)),
    );
  });
}

function measureNaive(latencyMs: number) {
  return withMeter(latencyMs, (meter) =>
    meter.measure(`${many} by CREATE OR REPLACE, one after another`, () =>
      runNaively(meter, secretsOf(many)),
    ),
  );
}

async function succeed(operation: Promise<{ ok: boolean; problems: readonly string[] }>): Promise<void> {
  const { ok, problems } = await operation;
  if (!ok) throw new Error(`An operation of the benchmark failed: ${problems.join("\n")}`);
}

/** What the hooks themselves cost, without engine and program. */
export interface HookRuns {
  readonly naive: Measured;
  readonly scenario: readonly Measured[];
  readonly creations: readonly Measured[];
  /** How long the first sync took, as a multiple of what its statements need at that concurrency and latency. */
  readonly firstSyncRatio: number;
}

export async function measureHookRuns(latencyMs: number): Promise<HookRuns> {
  // The first log-in loads the driver, which has a table of its own.
  await withMeter(latencyMs, (meter) => runNaively(meter, {}));
  const naive = await measureNaive(latencyMs);
  const scenario = await measureScenario(latencyMs);
  const creations: Measured[] = [];
  for (const limit of [1, 16, 32, 64]) creations.push(await measureCreation(latencyMs, limit));
  const first = scenario.find(({ what }) => what === `${many} created, up`);
  // The log-in is a request, as each statement is.
  const leastMs = latencyMs * (1 + Math.ceil(many / defaultConcurrency));
  return { naive, scenario, creations, firstSyncRatio: (first?.durationMs ?? 0) / leastMs };
}
