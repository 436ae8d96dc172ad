import { afterAll, beforeAll, describe, it } from "vitest";
import { KilledExport, type Scenario } from "./killed-export-stage.js";

/** The telling ones: `npm run test:faults` kills at every write of every scenario, in both hosts. */
const telling: readonly (readonly [KilledExport["host"], readonly (readonly [Scenario, number])[]])[] = [
  [
    "plugin",
    [
      ["creation", 3],
      ["rotation", 4],
      ["disconnect", 2],
    ],
  ],
  ["dynamic", [["rotation", 4]]],
];

describe.each(telling)("in the host %s, killed once AWS has carried a write out", (host, kills) => {
  let killed: KilledExport;
  beforeAll(async () => {
    killed = await KilledExport.start(host);
  });
  afterAll(() => killed?.stop());

  it.for(kills)("of a %s, the %i. one: the next up finishes", async ([scenario, k], context) => {
    context.expect(await killed.seeKill(context, scenario, k)).toBe(true);
  });

  it("interrupted by Ctrl-C in a rotation: it ends, and the next up removes the former secret", (context) =>
    killed.seeCtrlC(context, "rotation"));
});
