import { expect, it } from "vitest";
import { InterruptedSync } from "./interrupted-stage.js";
import type { Host } from "./stage.js";

/** The telling ones: `npm run test:faults` sees each in both hosts, and Ctrl-C twice. */
it.for<[string, Host, "seeCtrlC" | "seeEngineKilled"]>([
  ["Ctrl-C", "plugin", "seeCtrlC"],
  ["Ctrl-C", "dynamic", "seeCtrlC"],
  ["a SIGKILL of the engine alone", "dynamic", "seeEngineKilled"],
])(
  "1,000 writes cut off by %s, in the host %s, are finished by the next up",
  async ([, host, see], context) => {
    const sync = await InterruptedSync.start(host);
    try {
      await sync[see](context);
    } finally {
      await sync.stop();
    }
    expect(context.task.meta.faults).toHaveLength(1);
  },
);
