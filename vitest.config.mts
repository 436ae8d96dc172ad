import { configDefaults, defineConfig } from "vitest/config";

const minuteMs = 60_000;

/** Two cores are all that the tests ask for. A third worker uses them while the others wait for a process or a time. */
const maxWorkers = 3;

/** The AWS SDK warns once per process that it will leave Node 20; a run of tests has many processes. */
const env = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" };

/** As `test/support/nightly.ts` has it, which Vite warns of when a configuration imports it. */
const isNightly = process.env.TEST_NIGHTLY === "true";

/** What is tried at night only. */
const exclude = isNightly ? configDefaults.exclude : [...configDefaults.exclude, "**/*.nightly.test.ts"];

const beforeEngineTests = `test/support/bootstrap/before-${isNightly ? "nightly" : "engine"}-tests.mjs`;

/** The layers of tests: each needs what the one before it needs, and something more. */
export default defineConfig({
  test: {
    reporters: ["default", "./test/faults/table-reporter.ts", "./test/support/closing-line-reporter.ts"],
    projects: [
      {
        test: {
          env,
          exclude,
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
          exclude,
          name: "server",
          include: ["test/server/**/*.test.ts"],
          globalSetup: "test/support/bootstrap/before-vault-tests.mjs",
          testTimeout: minuteMs,
          hookTimeout: minuteMs,
          maxWorkers,
        },
      },
      {
        // One by one what Snowflake and AWS may do to an operation; at night through the engine, too.
        test: {
          env,
          exclude,
          name: "faults",
          include: ["test/faults/*.test.ts"],
          globalSetup: isNightly ? beforeEngineTests : "test/support/bootstrap/before-server-tests.mjs",
          testTimeout: isNightly ? 400_000 : minuteMs,
          maxWorkers,
        },
      },
      {
        test: {
          env,
          exclude,
          name: "engine",
          include: ["test/engine/**/*.test.ts", "test/guides/**/*.test.ts"],
          globalSetup: beforeEngineTests,
          testTimeout: 5 * minuteMs,
          hookTimeout: 4 * minuteMs,
          maxWorkers,
        },
      },
      {
        test: {
          env,
          exclude,
          name: "package",
          include: ["test/package/**/*.test.ts"],
          globalSetup: beforeEngineTests,
          testTimeout: 5 * minuteMs,
          hookTimeout: 5 * minuteMs,
          maxWorkers,
        },
      },
    ],
  },
});
