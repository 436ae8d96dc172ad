import { defineConfig } from "vitest/config";

/** All faults, the slow ones and every kill too; `npm test` has the quick ones. */
export default defineConfig({
  test: {
    include: ["test/faults/**/*.test.ts"],
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
    reporters: ["default", "./test/faults/table-reporter.ts", "./test/support/closing-line-reporter.ts"],
    globalSetup: "test/support/bootstrap/before-engine-tests.mjs",
    testTimeout: 400_000,
    hookTimeout: 240_000,
    maxWorkers: 2,
  },
});
