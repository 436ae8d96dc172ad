import { lstatSync, mkdirSync, realpathSync, type Stats } from "node:fs";
import * as nodeModule from "node:module";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";

/**
 * Lets Node (22.1 and later) keep the code that it compiles, for the next process; `NODE_DISABLE_COMPILE_CACHE=1`
 * switches it off. Whoever can write to the folder decides what runs here, so there is no cache without a folder that
 * only this user may write.
 *
 * Not for the host of dynamic providers: there Node would keep the functions of other resources too, with the values
 * that they captured.
 */
export function enableCompileCache(): void {
  const { enableCompileCache: enable } = nodeModule as { enableCompileCache?: (folder: string) => unknown };
  const folder = enable && ensureCacheFolder();
  if (folder !== undefined) enable?.(folder);
}

/** The folder of the cache; undefined where others may write to it, or where that cannot be told, as on Windows. */
function ensureCacheFolder(): string | undefined {
  const user = process.getuid?.();
  if (user === undefined) return undefined;
  try {
    const { XDG_CACHE_HOME: given = "" } = process.env;
    const base = isAbsolute(given) ? given : join(homedir(), ".cache");
    const folder = join(base, "pulumi-snowflake-secrets", "compile-cache");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const real = realpathSync(folder);
    const { uid, mode } = lstatSync(real);
    return uid === user && (mode & 0o077) === 0 && areSafe(dirname(real), user) ? real : undefined;
  } catch {
    return undefined;
  }
}

/** Whether nobody else can put another folder in the place of one below. */
function areSafe(folder: string, user: number): boolean {
  if (!isSafe(lstatSync(folder), user)) return false;
  const parent = dirname(folder);
  return parent === folder || areSafe(parent, user);
}

function isSafe({ uid, mode }: Stats, user: number): boolean {
  const isSticky = (mode & 0o1000) !== 0;
  return (uid === user || uid === 0) && ((mode & 0o022) === 0 || isSticky);
}
