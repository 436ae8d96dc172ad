// The one way in on a bare clone: installs what is missing and then runs a target. Plain Node, no packages, because
// nothing is installed when it starts. Each step is left out when what it would make is there already.
//   node test/support/bootstrap.mjs <target> [arguments for the target]
import { ensureActionlint } from "./actionlint/install.mjs";
import { checkMotoPrerequisites, ensureMoto } from "./aws/install.mjs";
import { ensureBuilt } from "./bootstrap/build.mjs";
import { check } from "./bootstrap/check.mjs";
import { runHere, StepError, say } from "./bootstrap/commands.mjs";
import { cacheFolder, projectFolder } from "./bootstrap/folders.mjs";
import { commandScript, ensurePackages } from "./bootstrap/packages.mjs";
import { requireNode } from "./bootstrap/prerequisites.mjs";
import { packPlugin, writeSdks } from "./bootstrap/release.mjs";
import { checkEnginePrerequisites, ensureEngine, ensureOldestEngine } from "./engine/install.mjs";
import { checkLanguagePrerequisites, ensureLanguages } from "./engine/languages.mjs";
import { checkVaultPrerequisites, ensureVault } from "./vault/install.mjs";

/** What is missing is said before the steps that take minutes. */
const prerequisites = [checkMotoPrerequisites, checkEnginePrerequisites, checkLanguagePrerequisites];
const everything = [...prerequisites, ensurePackages, ensureBuilt, ensureEngine, ensureLanguages, ensureMoto];
/** The tests need a Vault too, which the demo does without. */
const forTests = [checkVaultPrerequisites, ...everything, ensureVault];

const targets = {
  demo: { steps: everything, run: (args) => command("tsx", ["test/demo/main.ts", ...args]) },
  test: { steps: forTests, run: (args) => command("vitest", ["run", ...args]) },
  /** Each promise in both hosts, in more orders, and for longer. */
  "test:nightly": {
    steps: forTests,
    run: (args) => {
      process.env.TEST_NIGHTLY = "true";
      return targets.test.run(args);
    },
  },
  /** Breaks the code that decides, change by change, and tells which change no test notices. Hours; not in CI. */
  "test:mutation": {
    steps: [ensurePackages, ensureMoto],
    run: (args) => {
      process.env.TEST_CACHE_FOLDER = cacheFolder;
      const stryker = commandScript("@stryker-mutator/core", "stryker");
      return runHere(process.execPath, [stryker, "run", "test/mutation/stryker.config.mjs", ...args], {
        cwd: projectFolder,
      });
    },
  },
  "test:live": {
    steps: [ensurePackages],
    run: (args) => command("vitest", ["run", "--config", "test/live/vitest.config.mts", ...args]),
  },
  /** What is built from the definitions: pages of `docs/`, and the types of the SDK. */
  generate: { steps: [ensurePackages], run: () => command("tsx", ["test/docs/write-pages.ts"]) },
  /** The picture of a preview on the README. */
  record: { steps: everything, run: () => command("tsx", ["test/docs/record-preview.ts"]) },
  /** The states of 1.0.0 that later releases must read. */
  fixtures: { steps: everything, run: () => command("tsx", ["test/fixtures/make.ts"]) },
  "test:compat": {
    steps: [...everything, ensureOldestEngine],
    run: (args) => command("tsx", ["test/compat/main.ts", ...args]),
  },
  bench: { steps: everything, run: (args) => command("tsx", ["test/bench/main.ts", ...args]) },
  "snowflake-server": {
    steps: [ensurePackages, ensureBuilt],
    // In this process, which npm's shell is the parent of: the command ends with it.
    run: async (args) => {
      const { default: cli } = await import(
        new URL("../../dist/sdk/cli/command-line.js", import.meta.url).href
      );
      return cli.runCommandLine(["snowflake-server", ...args]);
    },
  },
  build: { steps: [ensurePackages, ensureBuilt], run: async () => 0 },
  /** The plugin for a release: archives, checksums, schema and list of parts, in `release/`. */
  plugin: { steps: [ensurePackages, ensureBuilt], run: packPlugin },
  /** The SDKs for a release, in `release/sdk`. */
  sdks: { steps: [ensurePackages, ensureEngine, ensureLanguages], run: writeSdks },
  /** What needs no test run: types, lint, dead code, the package. */
  check: { steps: [ensurePackages, ensureBuilt, ensureActionlint], run: check },
  verify: {
    steps: [...forTests, ensureActionlint],
    run: async (args) => {
      const checked = await check();
      const tested = await targets.test.run(args);
      return checked || tested;
    },
  },
  /** Only the steps. */
  prepare: { steps: forTests, run: async () => 0 },
};

/** Runs a command of an npm package on this terminal. */
function command(name, args) {
  return runHere(process.execPath, [commandScript(name), ...args], { cwd: projectFolder });
}

async function main([name, ...args]) {
  const target = Object.hasOwn(targets, name ?? "") ? targets[name] : undefined;
  if (target === undefined) {
    throw new StepError(`usage: node test/support/bootstrap.mjs ${Object.keys(targets).join(" | ")}`);
  }
  requireNode();
  for (const step of target.steps) await step();
  return target.run(args);
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    say(error instanceof StepError ? error.message : String(error.stack));
    process.exitCode = 1;
  },
);
