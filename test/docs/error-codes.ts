import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ErrorCode } from "../../provider/core/errors.js";
import { projectFolder } from "../support/engine/engine.js";

/** Links to what the code of some rooms of `provider/` can fail with, in the order of the page of errors. */
export function linkErrorsOf(rooms: readonly string[]): string {
  const texts = rooms.flatMap((room) => {
    const folder = join(projectFolder, "provider", room);
    return readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => readFileSync(join(folder, name), "utf8"));
  });
  const page = readFileSync(join(projectFolder, "provider/core/errors.ts"), "utf8");
  const codes = [...page.matchAll(/^ \* - `([A-Z_]+)`:/gm)].map(([, code = ""]) => code);
  return codes
    .filter((code) => texts.some((text) => text.includes(`"${code}"`)))
    .map((code) => linkCode(code as ErrorCode))
    .join(", ");
}

/** A link from another page of `docs/` to what stands behind a code. */
export function linkCode(code: ErrorCode): string {
  return `[\`${code}\`](errors.md#${code.toLowerCase()})`;
}
