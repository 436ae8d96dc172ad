import { defineConfig } from "vitest/config";

const minuteMs = 60_000;

/** Two cores are all that the tests ask for. A third worker uses them while the others wait for a process or a time. */
const maxWorkers = 3;

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
          maxWorkers,
        },
      },
      {
        // A Snowflake server, an AWS, a PostgreSQL, a Vault; no engine.
        test: {
          env,
          name: "server",
          include: ["test/server/**/*.test.ts"],
          globalSetup: "test/support/bootstrap/before-vault-tests.mjs",
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
