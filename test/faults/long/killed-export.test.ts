import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KilledExport, type Scenario } from "../../engine/killed-export-stage.js";

/** How many writes a scenario has at least: fewer would mean that none was killed. */
const lives: readonly (readonly [Scenario, number])[] = [
  ["creation", 3],
  ["rotation", 4],
  ["update", 1],
  ["disconnect", 2],
];

describe.each(["dynamic", "plugin"] as const)(
  "in the host %s, killed once AWS has carried a write out",
  (host) => {
    let killed: KilledExport;
    beforeAll(async () => {
      killed = await KilledExport.start(host);
    });
    afterAll(() => killed?.stop());

    it.for(lives)(
      "of a %s, at each of them: the next up finishes",
      { timeout: 600_000 },
      async ([scenario, atLeast], context) => {
        expect(await killed.seeKillAtEach(context, scenario)).toBeGreaterThanOrEqual(atLeast);
      },
    );

    it.for(lives)(
      "interrupted by Ctrl-C in a %s: it ends, and the next up does only what the engine did not begin",
      ([scenario], context) => killed.seeCtrlC(context, scenario),
    );
  },
);
