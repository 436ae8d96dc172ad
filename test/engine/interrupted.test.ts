import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { atNight, inHosts } from "../support/nightly.js";
import { InterruptedSync } from "./interrupted-stage.js";

const interruptions: readonly (readonly [
  what: string,
  see: "seeCtrlC" | "seeCtrlCTwice" | "seeEngineKilled",
])[] = [
  ["by Ctrl-C: what was begun is recorded, and the next up does exactly the rest", "seeCtrlC"],
  ...atNight(
    [
      "by Ctrl-C twice, when Snowflake is silent: all ends at once, and the marks let the next up resume",
      "seeCtrlCTwice",
    ],
    [
      "by a SIGKILL of the engine alone: its host begins no more, and the next up does the rest",
      "seeEngineKilled",
    ],
  ),
];

describe.each(inHosts("dynamic"))("1,000 writes that are cut off, in the host %s", (host) => {
  let sync: InterruptedSync;
  beforeEach(async () => {
    sync = await InterruptedSync.start(host);
  });
  afterEach(() => sync?.stop());

  it.for(interruptions)("%s", async ([, see], context) => {
    await sync[see](context);
    expect(context.task.meta.faults).toHaveLength(1);
  });
});
