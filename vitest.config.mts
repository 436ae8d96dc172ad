import { defineConfig } from "vitest/config";

const minuteMs = 60_000;

/** Two cores are all that the tests ask for, and they use both: by itself Vitest leaves one of them idle. */
const maxWorkers = 2;

/** The AWS SDK warns once per process that it will leave Node 20; a run of tests has many processes. */
const env = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" };

/** The layers of tests: each needs what the one before it needs, and something more. */
export default defineConfig({
  test: {
    reporters: ["default", "./test/faults/table-reporter.ts", "./test/support/closing-line-reporter.ts"],
    projects: [
      {
        test: {
          env,
          name: "unit",
          globalSetup: "test/support/bootstrap/before-server-tests.mjs",
          include: ["test/unit/**/*.test.ts"],
          testTimeout: minuteMs,
          sequence: { groupOrder: 0 },
          maxWorkers,
        },
      },
      {
        // A Snowflake server, an AWS, a PostgreSQL; no engine.
        test: {
          env,
          name: "server",
          sequence: { groupOrder: 1 },
          include: ["test/server/**/*.test.ts"],
          globalSetup: "test/support/bootstrap/before-server-tests.mjs",
          testTimeout: minuteMs,
          hookTimeout: minuteMs,
          maxWorkers,
        },
      },
      {
        // One by one what Snowflake and AWS may do to an operation; `npm run test:faults` has the slow ones too.
        test: {
          env,
          name: "faults",
          sequence: { groupOrder: 1 },
          include: ["test/faults/*.test.ts"],
          globalSetup: "test/support/bootstrap/before-server-tests.mjs",
          testTimeout: minuteMs,
          maxWorkers,
        },
      },
      {
        test: {
          env,
          name: "engine",
          sequence: { groupOrder: 2 },
          include: ["test/engine/**/*.test.ts", "test/guides/**/*.test.ts"],
          globalSetup: "test/support/bootstrap/before-engine-tests.mjs",
          testTimeout: 5 * minuteMs,
          hookTimeout: 4 * minuteMs,
          maxWorkers,
        },
      },
      {
        test: {
          env,
          name: "package",
          // Beside the engine's: each waits for the other's processes.
          sequence: { groupOrder: 2 },
          include: ["test/package/**/*.test.ts"],
          globalSetup: "test/support/bootstrap/before-engine-tests.mjs",
          testTimeout: 5 * minuteMs,
          hookTimeout: 5 * minuteMs,
          maxWorkers,
        },
      },
    ],
  },
});
