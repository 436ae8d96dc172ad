import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { atNight, inHosts, isNightly } from "../support/nightly.js";
import { KilledExport, type Scenario } from "./killed-export-stage.js";

/** The last write of each. */
const lives: readonly (readonly [Scenario, number])[] = [
  ["rotation", 4],
  ...atNight(["creation", 3], ["update", 1], ["disconnect", 2]),
];

describe.each(inHosts("dynamic"))("in the host %s, killed once AWS has carried a write out", (host) => {
  let killed: KilledExport;
  beforeAll(async () => {
    killed = await KilledExport.start(host);
  });
  afterAll(() => killed?.stop());

  it.for(lives)(
    "of a %s, at write %i, at night at each: the next up finishes",
    { timeout: 600_000 },
    async ([scenario, last], context) => {
      if (isNightly) expect(await killed.seeKillAtEach(context, scenario)).toBeGreaterThanOrEqual(last);
      else expect(await killed.seeKill(context, scenario, last)).toBe(true);
    },
  );

  it.for(lives)(
    "interrupted by Ctrl-C in a %s: it ends, and the next up does only what the engine did not begin",
    ([scenario], context) => killed.seeCtrlC(context, scenario),
  );
});
