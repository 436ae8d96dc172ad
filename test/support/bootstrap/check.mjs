import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { actionlint } from "../actionlint/install.mjs";
import { audit } from "./audit.mjs";
import { capture, run, say } from "./commands.mjs";
import { cacheFolder, filesBelow, projectFolder } from "./folders.mjs";
import { commandScript } from "./packages.mjs";

/** Runs every check that is no test, shows what failed, and resolves to an exit code. */
export async function check() {
  const tarball = await pack();
  const checks = [
    ...typescriptProjects().map((project) => ({
      title: `types of ${project}`,
      command: [commandScript("typescript", "tsc"), "--noEmit", "-p", project],
    })),
    {
      title: "format and lint (Biome)",
      command: [commandScript("@biomejs/biome", "biome"), "check", "--error-on-warnings"],
    },
    { title: "dead code and dependencies (knip)", command: [commandScript("knip", "knip")] },
    { title: "package (publint)", command: [commandScript("publint", "publint"), tarball, "--strict"] },
    {
      title: "types of the package (attw)",
      command: [commandScript("@arethetypeswrong/cli", "attw"), tarball, "--no-emoji"],
    },
    {
      title: "workflows (actionlint)",
      file: actionlint,
      // What else it would run is not on every machine.
      command: ["-shellcheck=", "-pyflakes=", ...workflows()],
    },
  ];
  let failures = 0;
  const runNext = async () => {
    for (let next = checks.shift(); next !== undefined; next = checks.shift()) {
      const { title, file = process.execPath, command } = next;
      const startedAt = Date.now();
      const { code, output } = await capture(file, command, { cwd: projectFolder });
      say(`${code === 0 ? "ok    " : "FAILED"} ${title} (${Math.round((Date.now() - startedAt) / 1000)} s)`);
      if (code === 0) continue;
      failures += 1;
      say(output.trimEnd());
    }
  };
  // Two at a time: most take one core.
  await Promise.all([runNext(), runNext()]);
  const { outcome, text } = await audit();
  say(
    `${{ ok: "ok    ", failed: "FAILED", undone: "NOT DONE" }[outcome]} known faults of dependencies (npm audit)`,
  );
  if (text !== "") say(text);
  if (outcome === "failed") failures += 1;
  return failures === 0 ? 0 : 1;
}

function workflows() {
  return [".github/workflows", "examples/github-actions"].flatMap((folder) =>
    filesBelow(join(projectFolder, folder), [".yml"]),
  );
}

function typescriptProjects() {
  const examples = readdirSync(join(projectFolder, "examples"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `examples/${entry.name}/tsconfig.json`)
    .filter((file) => existsSync(join(projectFolder, file)));
  return ["tsconfig.json", "test/tsconfig.json", ...examples];
}

/** The tarball that npm would publish, packed from the `dist/` that is there. */
async function pack() {
  const folder = join(cacheFolder, "check");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await run("npm", ["pack", "--ignore-scripts", "--loglevel=error", "--pack-destination", folder], {
    cwd: projectFolder,
  });
  return join(folder, readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "");
}
