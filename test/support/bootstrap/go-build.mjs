import { mkdirSync } from "node:fs";
import { run, showing } from "./commands.mjs";

/** Builds a command of a Go module into a folder. `linkerFlags` go beside those that leave out what a debugger needs. */
export async function buildWithGo({ module, command, title, linkerFlags = "" }, into) {
  mkdirSync(into, { recursive: true });
  const flags = ["-mod=readonly", "-trimpath", "-buildvcs=false", `-ldflags=-s -w ${linkerFlags}`.trimEnd()];
  await showing(title, () =>
    run("go", ["build", ...flags, "-o", `${into}/`, command], {
      cwd: module,
      env: { ...process.env, GOWORK: "off", GOFLAGS: "" },
    }),
  );
}
