import { defineConfig } from "vitest/config";

/** Hours of a service in some minutes: `npm run test:soak`. */
export default defineConfig({
  test: {
    include: ["test/soak/**/*.test.ts"],
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
    globalSetup: "test/support/bootstrap/before-engine-tests.mjs",
    testTimeout: 3 * 3_600_000,
    hookTimeout: 240_000,
  },
});
