import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { cacheFolder, findEngine, projectFolder } from "../engine/engine.js";
import { languageFolders } from "../engine/languages.js";
import { packRelease } from "../package-install.js";
import { runCommand } from "../pulumi/command.js";
import { installPythonSdk } from "../pulumi/language-stage.js";

/** What a shell printed. */
export interface FollowedShell {
  /** By script. */
  readonly printed: readonly string[];
  /** The indexes of the scripts in which a command failed. */
  readonly failed: readonly number[];
  readonly output: string;
}

/** What the engine starts as a policy pack; it reads POLICY_PACK, the folder of the pack. */
export const policyStarter = join(projectFolder, "test/support/pulumi/run-policy-pack.sh");

/** Stands between the outputs of two scripts, and behind that of a command that failed. */
const seam = "=== the next block ===";
const failure = "=== the last command failed ===";

/** Runs scripts one after the other in one shell, in an empty folder, as a user does who follows a page. */
export async function followInShell(
  scripts: readonly string[],
  { env = {}, timeoutMs }: { readonly env?: Readonly<Record<string, string>>; readonly timeoutMs: number },
): Promise<FollowedShell> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "follow-test-")));
  try {
    for (const each of ["empty", "home", "tmp"]) mkdirSync(join(root, each));
    const [{ tarball }, pythonPath] = await Promise.all([
      packRelease(root),
      installPythonSdk(join(root, "sdk")),
    ]);
    // What was published stands in for by what would be.
    const packed = scripts.map((script) =>
      script.replace(
        /^npm install pulumi-snowflake-secrets @pulumi\/pulumi\b/m,
        `npm install ${tarball} @pulumi/pulumi@${readEngineSdkVersion()}`,
      ),
    );
    const file = join(root, "follow.sh");
    writeFileSync(file, [replacements, ...packed].join(`\necho "${seam}"\n`));
    const { output } = await runCommand("bash", [file], {
      cwd: join(root, "empty"),
      env: { ...buildEnvironment(root, pythonPath), ...env },
      timeoutMs,
    });
    const [, ...printed] = output.split(`${seam}\n`);
    const failed = printed.flatMap((text, index) => (text.includes(`${failure}\n`) ? [index] : []));
    return { printed, failed, output };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** A user's shell: with Node, Python and Pulumi, and nothing of Pulumi's set up. */
function buildEnvironment(root: string, pythonPath: string): Record<string, string | undefined> {
  const foreign = /^(PULUMI_|SNOWFLAKE_|AWS_|INFISICAL_|NODE_OPTIONS$|VITEST|npm_)/;
  return {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name))),
    PATH: [
      findEngine().folder,
      ...languageFolders,
      dirname(process.execPath),
      process.env.PATH,
      join(cacheFolder, "moto/bin"),
    ].join(delimiter),
    PULUMI_HOME: join(root, "home"),
    TMPDIR: join(root, "tmp"),
    PULUMI_SKIP_UPDATE_CHECK: "1",
    // The page's own previews are enough, and nobody is asked.
    PULUMI_OPTION_SKIP_PREVIEW: "true",
    PULUMI_SKIP_CONFIRMATIONS: "true",
    NO_COLOR: "1",
    PYTHONPATH: pythonPath,
    npm_config_prefer_offline: "true",
    npm_config_ignore_scripts: "true",
    npm_config_audit: "false",
    npm_config_fund: "false",
  };
}

/** The version of the SDK that this Node can run. */
function readEngineSdkVersion(): string {
  const require = createRequire(join(projectFolder, "package.json"));
  return (require("@pulumi/pulumi/package.json") as { version: string }).version;
}

// `pulumi package add` asks Pulumi's host for Python to make the SDK, and `--policy-pack` the one for Node to run the
// pack. The hosts that can be had from the Go proxy know neither: the SDK was made beforehand by the same generator, and
// the engine starts the pack as a program. What pip would install is in the tests' own Python.
const replacements = `
trap 'echo "${failure}"' ERR
pip() { test "$1" = install; }
python3() {
  if test "$1 $2" = "-m venv"; then mkdir -p "$3/bin" && touch "$3/bin/activate"; return; fi
  command python3 "$@"
}
pulumi() {
  if test "$1 $2" = "package add"; then test -x "$3"; return; fi
  POLICY_PACK="$PWD/examples/policy" command pulumi "\${@/%examples\\/policy/${policyStarter}}"
}
`;
