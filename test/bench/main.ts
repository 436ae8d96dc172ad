import { seedDemo, startSnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { projectFolder } from "../support/engine/engine.js";
import { Stack } from "../unit/secret-sync/stack.js";
import { measureLoading } from "./loading.js";
import { buildConnection, type Meter, runNaively, startMeter } from "./measure.js";
import { printTable } from "./table.js";
import { measureArrival } from "./webhook.js";

const latencyMs = 20;
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
async function withMeter<T>(work: (meter: Meter) => Promise<T>): Promise<T> {
  const server = await startSnowflakeServer();
  try {
    const seed = seedDemo(server.door);
    server.door.setLatencyMs(latencyMs);
    return await work(startMeter(server, seed));
  } finally {
    await server.stop();
  }
}

const declare = (meter: Meter, secrets: Record<string, string>, maxConcurrentStatements = 16) => ({
  app: {
    args: {
      connection: { ...buildConnection(meter), maxConcurrentStatements },
      secrets,
      destinationConfig: { database: meter.seed.database, schema: meter.seed.schema },
      syncOptions: { initialSyncBehavior: "overwrite-destination", keySchema: "APP_{{secretKey}}" },
    },
  },
});

/** The life of one sync: made, left alone, changed in one key. */
function measureLife() {
  return withMeter(async (meter) => {
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

function measureCreation(maxConcurrentStatements: number) {
  return withMeter((meter) => {
    const program = declare(meter, secretsOf(some), maxConcurrentStatements);
    return meter.measure(`${some} created, ${maxConcurrentStatements} at a time`, () =>
      succeed(new Stack().up(program)),
    );
  });
}

function measureNaive() {
  return withMeter((meter) =>
    meter.measure(`${many} by CREATE OR REPLACE, one after another`, () =>
      runNaively(meter, secretsOf(many)),
    ),
  );
}

async function succeed(operation: Promise<{ ok: boolean; problems: readonly string[] }>): Promise<void> {
  const { ok, problems } = await operation;
  if (!ok) throw new Error(`An operation of the benchmark failed: ${problems.join("\n")}`);
}

async function main(): Promise<void> {
  console.log(
    `Through the hooks, against this project's Snowflake server, ${latencyMs} ms for each statement.`,
  );
  // The first log-in loads the driver, which has a table of its own.
  await withMeter((meter) => runNaively(meter, {}));

  const naive = await measureNaive();
  const life = await measureLife();
  printTable(
    ["", "statements", "log-ins", "HTTP requests", "seconds", "times as fast as naive"],
    [naive, ...life].map((row) => [
      row.what,
      row.statements,
      row.logins,
      row.httpRequests,
      (row.durationMs / 1_000).toFixed(2),
      (naive.durationMs / row.durationMs).toFixed(1),
    ]),
  );

  const creations = [];
  for (const limit of [1, 16, 64]) creations.push(await measureCreation(limit));
  const [oneByOne] = creations;
  printTable(
    ["maxConcurrentStatements", "statements", "most at once", "seconds", "times as fast as 1"],
    creations.map((row) => [
      row.what,
      row.statements,
      row.mostAtOnce,
      (row.durationMs / 1_000).toFixed(2),
      ((oneByOne?.durationMs ?? 0) / row.durationMs).toFixed(1),
    ]),
  );

  const loading = await measureLoading(projectFolder);
  printTable(
    ["loading, a process each, median", "ms more than Node alone", "MB more"],
    loading.map(({ what, moreMs, moreMb }) => [what, moreMs.toFixed(0), moreMb.toFixed(0)]),
  );

  const arrivals = await measureArrival(latencyMs);
  printTable(
    ["from a changed source to Snowflake, by the real engine", "seconds, median", "worst"],
    arrivals.map(({ what, medianMs, worstMs }) => [
      what,
      (medianMs / 1_000).toFixed(2),
      (worstMs / 1_000).toFixed(2),
    ]),
  );
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
