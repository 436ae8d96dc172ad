import { afterEach, beforeEach, describe, it } from "vitest";
import { InterruptedSync } from "../../engine/interrupted-stage.js";

describe.each(["dynamic", "plugin"] as const)("1,000 writes that are cut off, in the host %s", (host) => {
  let sync: InterruptedSync;
  beforeEach(async () => {
    sync = await InterruptedSync.start(host);
  });
  afterEach(() => sync?.stop());

  it("by Ctrl-C: what was begun is recorded, and the next up does exactly the rest", (context) =>
    sync.seeCtrlC(context));

  it("by Ctrl-C twice, when Snowflake is silent: all ends at once, and the marks let the next up resume", (context) =>
    sync.seeCtrlCTwice(context));

  it("by a SIGKILL of the engine alone: its host begins no more, and the next up does the rest", (context) =>
    sync.seeEngineKilled(context));
});
