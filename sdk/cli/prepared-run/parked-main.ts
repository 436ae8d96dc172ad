// A Node process that has loaded what a run needs, and waits to be told which script it is to be.
import type { ParkedStart } from "./parked-process.js";
import { projectRequire } from "./project-require.js";

/** Loads something before it is needed; whatever is wrong with it shows where it is needed. */
function warmUp(load: () => unknown): void {
  try {
    load();
  } catch {
    // Not installed here, or not needed.
  }
}

for (const name of process.argv.slice(2)) {
  warmUp(() => projectRequire(name));
  // What the resources load at first use are packages of this one.
  warmUp(() => require(name));
}
// The first dynamic resource of a program makes the runtime load its compiler.
warmUp(() => projectRequire("@pulumi/pulumi").runtime.serializeFunction(() => undefined));

// Nobody else would end it.
process.on("disconnect", () => process.exit());
process.once("message", ({ script, args, env }: ParkedStart) => {
  // From now on it ends when its script has nothing more to do.
  process.channel?.unref();
  Object.assign(process.env, env);
  process.argv = [process.execPath, script, ...args];
  require(script);
});
