import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { findEngine } from "../support/engine/engine.js";
import type { Release } from "../support/package-install.js";
import { runCommand } from "../support/pulumi/command.js";
import { type LanguageStage, startLanguageStage } from "../support/pulumi/language-stage.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import type { Cell } from "./cells.js";
import { type Installer, installers } from "./installers.js";
import { type Program, programs } from "./programs.js";
import { findNode, installTool } from "./tools.js";

/** What came of a cell. */
export interface Outcome {
  readonly cell: Cell;
  /** The engine's version. */
  readonly pulumi: string;
  readonly nodeVersion: string;
  readonly installerVersion: string;
  /** The step that failed, with the end of what it printed. */
  readonly failure?: { readonly step: string; readonly output: string };
  readonly seconds: number;
}

export interface Surroundings {
  readonly release: Release;
  /** Where Python finds the generated SDK. */
  readonly pythonSdk?: string;
}

class StepFailure extends Error {
  constructor(
    readonly step: string,
    readonly output: string,
  ) {
    super(`${step}:\n${output}`);
  }
}

const installTimeoutMs = 300_000;
const tailChars = 2_000;

/** Installs the packed package into an empty project, and brings a secret up, changes it and takes it away. */
export async function runCell(cell: Cell, surroundings: Surroundings): Promise<Outcome> {
  const startedAt = Date.now();
  const node = await findNode(cell.node);
  const installer: Installer = installers[cell.installer];
  const tool =
    installer.tool === undefined ? { file: "npm", version: "" } : await installTool(installer.tool);
  const { version: pulumi } = findEngine(cell.engine);
  const outcome = { cell, pulumi, nodeVersion: node.version, installerVersion: tool.version };
  const passed = () => Math.round((Date.now() - startedAt) / 1_000);
  try {
    await tryCell(cell, surroundings, { node: node.file, installer, tool: tool.file });
    return { ...outcome, seconds: passed() };
  } catch (error) {
    if (!(error instanceof StepFailure)) throw error;
    const { step, output } = error;
    return { ...outcome, failure: { step, output: output.slice(-tailChars) }, seconds: passed() };
  }
}

interface Tools {
  readonly node: string;
  readonly installer: Installer;
  readonly tool: string;
}

async function tryCell(cell: Cell, { release, pythonSdk }: Surroundings, tools: Tools): Promise<void> {
  const program: Program = programs[cell.program];
  const { first, second } = plantValues("first", "second");
  const stage = await startLanguageStage({
    name: "compat",
    plants: [],
    ownPackages: true,
    nodeFolder: dirname(tools.node),
    ...(cell.engine === undefined ? {} : { engine: cell.engine }),
    ...(cell.folderName === undefined ? {} : { folderName: cell.folderName }),
    files: {
      ...program.files,
      ...tools.installer.files,
      "package.json": JSON.stringify(buildManifest(cell, program, release), null, 2),
    },
    // Empty is unset: the password comes from the stack's config, which an SDK has to hand to the hooks.
    env: {
      SNOWFLAKE_PASSWORD: "",
      ...tools.installer.env,
      ...program.env,
      ...(pythonSdk === undefined ? {} : { PYTHONPATH: pythonSdk }),
    },
  });
  try {
    await install(stage.project.folder, tools);
    if ("tsconfig.json" in program.files) await checkTypes(stage.project.folder, tools.node);
    const namespace = cell.program.endsWith("plugin") ? "snowflake-secrets" : "snowflake";
    await stage.project.setConfig(`${namespace}:password`, stage.seed.password, "secret");
    await runScenario(stage, first, second);
  } finally {
    await stage.stop();
  }
}

function buildManifest(cell: Cell, program: Program, { tarball }: Release): Record<string, unknown> {
  const dependencies: Record<string, string> = {
    "pulumi-snowflake-secrets": `file:${tarball}`,
    ...(cell.sdk === undefined ? {} : { "@pulumi/pulumi": cell.sdk }),
    ...program.dependencies,
  };
  return { name: "compat", version: "0.0.0", private: true, ...program.manifest, dependencies };
}

async function install(folder: string, { node, installer, tool }: Tools): Promise<void> {
  const env = { ...process.env, PATH: [dirname(node), process.env.PATH].join(delimiter) };
  const { code, output } = await runCommand(tool, installer.args, {
    cwd: folder,
    env,
    timeoutMs: installTimeoutMs,
  });
  if (code !== 0) throw new StepFailure("install", output);
}

/** Pulumi's SDK runs TypeScript without a look at the declarations of libraries. */
async function checkTypes(folder: string, node: string): Promise<void> {
  const [compiler = ""] = ["typescript-7", "typescript"]
    .map((name) => `node_modules/${name}/bin/tsc`)
    .filter((file) => existsSync(join(folder, file)));
  const { code, output } = await runCommand(node, [compiler, "--noEmit", "-p", "."], {
    cwd: folder,
    env: process.env,
    timeoutMs: installTimeoutMs,
  });
  if (code !== 0) throw new StepFailure("types", output);
}

async function runScenario({ project, held }: LanguageStage, first: string, second: string): Promise<void> {
  const step = async (name: string, run: () => Promise<{ code: number; output: string }>, wanted: object) => {
    const { code, output } = await run();
    if (code !== 0) throw new StepFailure(name, output);
    const [seen, expected] = [JSON.stringify(held()), JSON.stringify(wanted)];
    if (seen !== expected)
      throw new StepFailure(name, `Snowflake does not hold what was asked for.\n${output}`);
  };
  await project.setConfig("value", first, "secret");
  await step("up", () => project.up(), { API_KEY: first });
  await project.setConfig("value", second, "secret");
  await step("changed up", () => project.up(), { API_KEY: second });
  await step("destroy", () => project.destroy(), {});
}
