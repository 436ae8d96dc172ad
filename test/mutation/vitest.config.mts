import { existsSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The tests that judge a change: the quick ones of the unit project, the quickest first, since the first failure ends it. */
const judges = [
  "secret-sync/ownership-comment",
  "secret-sync/key-schema",
  "secret-sync/plan",
  "engine/ownership",
  "connection/connection-chain",
  "connection/connection-keys",
  "connection/login-methods",
  "listings/catalog",
  "export-destination/plan",
  "export-destination/transitions",
  "export-destination/claim",
  "export-destination/drift-kinds",
  "secret-sync/ownership",
  "secret-sync/deletion",
  "secret-sync/drift",
  "secret-sync/lost-sight",
  "secret-sync/ignore-changes",
  "secret-sync/preview",
  "secret-sync/privileges",
  "secret-sync/replacement",
  "secret-sync/fingerprint-key",
  "snowflake/statements",
  "export-destination/single-active",
  "export-destination/rotation",
  "export-destination/drift",
  "export-destination/disconnect",
  "export-destination/preview",
].map((name) => `test/unit/${name}.test.ts`);

// Stryker says nothing of a test that is not there, and calls what it covers uncovered.
const missing = judges.filter((judge) => !existsSync(judge));
if (missing.length > 0) throw new Error(`These tests are gone: ${missing.join(", ")}.`);

class InOrder extends BaseSequencer {
  override async sort(specifications: TestSpecification[]): Promise<TestSpecification[]> {
    const placeOf = ({ moduleId }: TestSpecification) =>
      judges.findIndex((judge) => moduleId.endsWith(join("/", judge)));
    return specifications.toSorted((one, other) => placeOf(one) - placeOf(other));
  }
}

export default defineConfig({
  test: {
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
    globalSetup: "test/support/bootstrap/before-server-tests.mjs",
    include: judges,
    sequence: { sequencer: InOrder },
    testTimeout: 60_000,
  },
});
