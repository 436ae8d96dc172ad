import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Block, isShown, readBlocks } from "../support/docs/page.js";
import { readTerminal } from "../support/docs/terminal-svg.js";
import { findEngine, projectFolder } from "../support/engine/engine.js";
import { languageFolders } from "../support/engine/languages.js";
import { packRelease } from "../support/package-install.js";
import { type CommandResult, runCommand } from "../support/pulumi/command.js";
import { installPythonSdk } from "../support/pulumi/language-stage.js";

const blocks = readBlocks("README.md");
const textsIn = (blocks: readonly Block[], wanted: string) =>
  blocks.filter(({ language }) => language === wanted).map(({ text }) => text);
const [list = ""] = textsIn(blocks, "");
const [first = "", change = ""] = textsIn(blocks, "sh");
const inPython = readBlocks("docs/languages.md").filter(({ text }) => /try-python/.test(text));
const [python = ""] = textsIn(inPython, "sh");
const [pythonList = ""] = textsIn(inPython, "");
const picture = readTerminal(readFileSync(join(projectFolder, "docs/images/preview.svg"), "utf8"));

/** Stands between the outputs of two blocks. */
const seam = "=== the next block ===";

// The commands as they stand, in one shell, in an empty folder; what was published stands in for by what would be.
describe("README.md and docs/languages.md, followed in an empty folder", () => {
  let root: string;
  let folder: string;
  let run: CommandResult;
  let printed: string[];

  beforeAll(async () => {
    root = realpathSync(mkdtempSync(join(tmpdir(), "readme-test-")));
    folder = join(root, "empty");
    for (const each of ["empty", "home", "tmp"]) mkdirSync(join(root, each));
    const [{ tarball }, pythonPath] = await Promise.all([
      packRelease(root),
      installPythonSdk(join(root, "sdk")),
    ]);
    const install = "npm install pulumi-snowflake-secrets @pulumi/pulumi";
    expect(first).toContain(install);
    const packed = first.replace(install, `npm install ${tarball} @pulumi/pulumi@${readEngineSdkVersion()}`);
    const script = [replacements, packed, change, python, leave].join(`\necho "${seam}"\n`);
    writeFileSync(join(root, "readme.sh"), `set -e\n${script}`);
    run = await runCommand("bash", [join(root, "readme.sh")], {
      cwd: folder,
      env: buildEnvironment(pythonPath),
      timeoutMs: 200_000,
    });
    printed = run.output.split(`${seam}\n`);
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  /** A user's shell: with Node, Python and Pulumi, and nothing of Pulumi's set up. */
  function buildEnvironment(pythonPath: string): Record<string, string | undefined> {
    const foreign = /^(PULUMI_|SNOWFLAKE_|AWS_|NODE_OPTIONS$|VITEST|npm_)/;
    return {
      ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name))),
      PATH: [findEngine().folder, ...languageFolders, dirname(process.execPath), process.env.PATH].join(
        delimiter,
      ),
      PULUMI_HOME: join(root, "home"),
      TMPDIR: join(root, "tmp"),
      PULUMI_SKIP_UPDATE_CHECK: "1",
      // The page's own preview is enough.
      PULUMI_OPTION_SKIP_PREVIEW: "true",
      PYTHONPATH: pythonPath,
      npm_config_prefer_offline: "true",
      npm_config_ignore_scripts: "true",
      npm_config_audit: "false",
      npm_config_fund: "false",
    };
  }

  it("ends without an error", () => {
    expect(run.code, run.output).toBe(0);
  });

  it("prints the lists that the page shows", () => {
    ensureShown(list, printed[1]);
    ensureShown(pythonList, printed[3]);
  });

  it("prints the preview of the picture, and no value in it", () => {
    const [shown = "", written = ""] = (printed[2] ?? "").split(/^Updating/m);
    // The engine prints the summary at any time.
    const [summary = ""] = /^app: .*$/m.exec(picture) ?? [];
    expect(summary).toMatch(/1 to create, 1 to alter, 1 to drop/);
    expect(shown).toContain(summary);
    ensureShown(picture.replace(summary, ""), shown.replace(summary, ""));
    for (const value of ["first-", "second", "new"]) expect(shown).not.toContain(`"${value}`);
    // What the control API of the account shows: JSON in one line.
    const held = JSON.parse(/^\[\{.*\}\]$/m.exec(written)?.[0] ?? "[]") as { name: string; value: string }[];
    expect(Object.fromEntries(held.map(({ name, value }) => [name, value]))).toEqual({
      API_KEY: "second",
      DATABASE_URL: "first-DATABASE_URL",
      SIGNING_KEY: "new",
    });
  });

  it("takes away at the end what it made", () => {
    expect(printed[4]).toContain("NOTHING LEFT");
  });
});

function ensureShown(shown: string, text = ""): void {
  expect(isShown(shown, text), `the page shows\n${shown}\nand this was printed:\n${text}`).toBe(true);
}

/** The version of the SDK that this Node can run. */
function readEngineSdkVersion(): string {
  const require = createRequire(join(projectFolder, "package.json"));
  return (require("@pulumi/pulumi/package.json") as { version: string }).version;
}

// `pulumi package add` asks Pulumi's host for Python to make the SDK, which the host that can be had from the Go proxy
// does not know yet: the same generator has made it beforehand.
const replacements = `
pip() { test "$*" = "install pulumi"; }
pulumi() { if test "$1 $2" = "package add"; then test -x "$3"; else command pulumi "$@"; fi; }
`;

// What the page says in words, at its end.
const leave = `
pulumi destroy --yes
cd .. && pulumi destroy --yes
test -z "$(npx pulumi-snowflake-secrets list secrets --database APP --schema SECRETS | grep GENERIC_STRING)" && echo "NOTHING LEFT"
kill %1
`;
