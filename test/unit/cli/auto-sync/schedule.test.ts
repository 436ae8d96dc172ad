import { describe, expect, it } from "vitest";
import { countDown, findPhase } from "../../../../sdk/cli/auto-sync/schedule.js";
import { readStackSyncs } from "../../../../sdk/cli/stack-syncs.js";
import { buildResource } from "../exported-sync.js";

const read = (inputs: Record<string, unknown>) => readStackSyncs([buildResource(inputs)]);

describe("when a stack is looked at", () => {
  it("is the same moment for stacks that have a source in common, and another for others", () => {
    const source = { type: "environment", prefix: "APP_" };
    const phase = findPhase(read({ sources: [source] }), "one");
    expect(findPhase(read({ sources: [source], secrets: {} }), "two")).toBe(phase);
    expect(findPhase(read({ sources: [{ ...source, prefix: "OTHER_" }] }), "one")).not.toBe(phase);
    expect(findPhase(read({ sources: [source], environment: "prod" }), "one")).not.toBe(phase);
  });

  it("is spread over the interval", () => {
    const phases = Array.from({ length: 100 }, (_, index) => findPhase([], `stack ${index}`));
    for (const tenth of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) {
      const within = phases.filter((phase) => Math.floor(phase * 10) === tenth);
      expect(within.length).toBeLessThan(35);
    }
  });

  it("is never further away than the interval, and never now", () => {
    for (const now of [0, 1, 499, 500, 501, 999, 1_000, 1_700_000_000_000]) {
      const wait = countDown(1_000, 0.5, now);
      expect(wait).toBeGreaterThan(0);
      expect(wait).toBeLessThanOrEqual(1_000);
      expect((now + wait) % 1_000).toBe(500);
    }
  });
});
