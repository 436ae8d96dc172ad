/** What is broken on purpose, bit by bit: where a mistake would write, drop or claim the wrong thing. */
const decisions = [
  "provider/secret-sync/plan/plan.ts",
  "provider/secret-sync/plan/key-schema.ts",
  "provider/secret-sync/plan/ownership-comment.ts",
  "provider/snowflake/statements.ts",
  "provider/snowflake/connection/merge.ts",
  "provider/engine/ownership.ts",
  "provider/export-destination/claim/claim.ts",
  "provider/export-destination/claim/transitions.ts",
  "provider/export-destination/claim/record.ts",
  "provider/export-destination/drift.ts",
];

/** https://stryker-mutator.io/docs/stryker-js/configuration */
export default {
  mutate: decisions,
  testRunner: "vitest",
  // Named, because by default every package beside Stryker's own is looked at.
  plugins: ["@stryker-mutator/vitest-runner"],
  vitest: { configFile: "test/mutation/vitest.config.mts", related: false },
  // Each change is tried by the tests that run its line, until one fails.
  coverageAnalysis: "perTest",
  // What runs once, when a module is loaded, would need every test again.
  ignoreStatic: true,
  concurrency: 2,
  timeoutMS: 30_000,
  dryRunTimeoutMinutes: 30,
  tempDirName: ".cache/mutation/sandbox",
  ignorePatterns: [".cache", "dist"],
  reporters: ["clear-text", "progress-append-only", "json"],
  clearTextReporter: { allowColor: false, logTests: false },
  jsonReporter: { fileName: ".cache/mutation/report.json" },
  disableTypeChecks: false,
  allowConsoleColors: false,
};
