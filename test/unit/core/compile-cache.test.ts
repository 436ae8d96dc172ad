import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import nodeModule from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { afterEach, beforeEach, expect, it } from "vitest";

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "compile-cache-")));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const folderIn = (base: string) => join(base, "pulumi-snowflake-secrets", "compile-cache");

/** Loads a module with the cache on, as a process of its own. @returns whether Node kept what it compiled */
function isKept(env: Readonly<Record<string, string>>, base = root): boolean {
  const program = join(root, "program.cjs");
  buildSync({
    stdin: {
      contents: `import { enableCompileCache } from "./provider/core/compile-cache.js"; enableCompileCache(); require("node:module").createRequire(${JSON.stringify(join(process.cwd(), "package.json"))})("dotenv");`,
      resolveDir: process.cwd(),
    },
    bundle: true,
    platform: "node",
    outfile: program,
    logLevel: "error",
  });
  const { status, stderr } = spawnSync(process.execPath, [program], {
    env: { PATH: process.env.PATH, HOME: root, ...env },
    encoding: "utf8",
  });
  expect(status, stderr).toBe(0);
  return existsSync(folderIn(base)) && readdirSync(folderIn(base)).length > 0;
}

/** Node 20 has no cache: there, nothing is ever kept. */
const hasCache = "enableCompileCache" in nodeModule;

it("is kept in XDG_CACHE_HOME, and without it below the home", () => {
  expect(isKept({ XDG_CACHE_HOME: join(root, "own") }, join(root, "own"))).toBe(hasCache);
  expect(isKept({}, join(root, ".cache"))).toBe(hasCache);
});

it.each([0o770, 0o707, 0o755])("is not kept in a folder of mode %o", (mode) => {
  mkdirSync(folderIn(root), { recursive: true });
  chmodSync(folderIn(root), mode);
  expect(isKept({ XDG_CACHE_HOME: root })).toBe(false);
});

it("is not kept below a folder in which others can put another one", () => {
  mkdirSync(folderIn(root), { recursive: true, mode: 0o700 });
  expect(isKept({ XDG_CACHE_HOME: root })).toBe(hasCache);
  rmSync(folderIn(root), { recursive: true });
  chmodSync(root, 0o777);
  expect(isKept({ XDG_CACHE_HOME: root })).toBe(false);
});

it("is switched off by Node's own variable", () => {
  expect(isKept({ XDG_CACHE_HOME: root, NODE_DISABLE_COMPILE_CACHE: "1" })).toBe(false);
});
