import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { installPythonSdk } from "../support/pulumi/language-stage.js";

/** The environment of programs in Python, for the tests of a file: they find the generated SDK in it. */
export function usePythonSdk(): () => Readonly<Record<string, string>> {
  let folder = "";
  let path = "";
  beforeAll(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "python-sdk-")));
    path = await installPythonSdk(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return () => ({ PYTHONPATH: path, PYTHONDONTWRITEBYTECODE: "1" });
}
