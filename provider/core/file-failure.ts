import type { SafeCause } from "./errors.js";

const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EISDIR: "it is a folder",
  ENOENT: "no such file",
};

/** Why a file cannot be read: in words where Node's code is a usual one. */
export function describeFileFailure({ code = "", name }: SafeCause): string {
  return reasons[code] ?? (code || name);
}
