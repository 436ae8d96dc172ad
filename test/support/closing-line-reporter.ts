import { writeSync } from "node:fs";
import type { Reporter, TestModule } from "vitest/node";

/**
 * Ends the output with one plain line, `N passed, N failed, N skipped`, counted from Vitest's own results. A file that
 * cannot be loaded, a suite whose set-up fails and an error outside all tests count as one failure each.
 */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(
    modules: ReadonlyArray<TestModule>,
    unhandledErrors: ReadonlyArray<unknown>,
    reason: "passed" | "failed" | "interrupted",
  ): void {
    let passed = 0;
    let failed = unhandledErrors.length;
    let skipped = 0;
    for (const module of modules) {
      if (module.errors().length > 0) failed += 1;
      for (const suite of module.children.allSuites()) {
        if (suite.errors().length > 0) failed += 1;
      }
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === "passed") passed += 1;
        else if (state === "failed") failed += 1;
        else skipped += 1;
      }
    }
    // A set-up that fails leaves nothing to count; such a run, or an empty one, must not look good in this line.
    if (failed === 0 && (reason !== "passed" || passed + skipped === 0)) failed = 1;
    if (failed > 0) process.exitCode = 1;
    // Written when the process ends, so that no other reporter's summary comes after it.
    process.once("exit", () => {
      writeSync(process.stdout.fd, `${passed} passed, ${failed} failed, ${skipped} skipped\n`);
    });
  }
}
