import { chmodSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "esbuild";
import { expect } from "vitest";
import {
  type DemoSeed,
  type SnowflakeServer,
  seedDemo,
  startSnowflakeServer,
} from "../../sdk/snowflake-server/index.js";
import { FollowedPage, isShown } from "../support/docs/page.js";
import { projectFolder } from "../support/engine/engine.js";
import type { CommandResult } from "../support/pulumi/command.js";
import { createProject, type PulumiProject, type RunOptions } from "../support/pulumi/project.js";
import { buildConnectionEnv } from "../support/snowflake/connection-env.js";

/** A page that is followed in a project of its own, against a Snowflake account of its own. */
export interface GuideStage {
  readonly page: FollowedPage;
  readonly project: PulumiProject;
  readonly server: SnowflakeServer;
  readonly seed: DemoSeed;
  /** Makes the page's next program the project's, as it stands there. */
  takeProgram(): void;
  /** Runs the page's next commands. @throws Error if they fail, unless `code` says that they must */
  runNext(options?: RunOptions & { readonly code?: number }): Promise<CommandResult>;
  /** Compares the page's next output with what was printed. */
  expectShown(printed: CommandResult): void;
  /** Value by name of what stands in the schema. */
  held(): Record<string, string | undefined>;
  /** What was written since the last call, sorted: "ALTER SECRET" and the like. */
  takeWrites(): string[];
  stop(): Promise<void>;
}

/** What the program has to be told to find the servers of a test, where a reader's would find the real ones. */
export interface GuideOptions {
  readonly plants?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly stack?: string;
  readonly project?: string;
  /** Replaced in programs, such as the id of the reader's own project. */
  readonly ownNames?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
}

export async function startGuideStage(path: string, options: GuideOptions = {}): Promise<GuideStage> {
  const page = new FollowedPage(path);
  const server = await startSnowflakeServer({ accountName: "PROD" });
  const seed = seedDemo(server.control);
  const project = await createProject({
    name: options.project ?? "shop",
    stack: options.stack ?? "prod",
    plants: [...(options.plants ?? []), seed.password],
    snowflake: [server],
    env: { ...buildConnectionEnv(server, seed), ...options.env },
    files: {
      // An npm install of the package makes this one.
      "node_modules/.bin/pulumi-snowflake-secrets": `#!/bin/sh\nexec "${process.execPath}" "${join(projectFolder, "dist/sdk/cli/main.js")}" "$@"\n`,
      "index.js": buildStart(server),
      ...options.files,
    },
  });
  chmodSync(join(project.folder, "node_modules/.bin/pulumi-snowflake-secrets"), 0o755);
  let seen = 0;
  return {
    page,
    project,
    server,
    seed,
    takeProgram: () => {
      let program = page.next("ts");
      for (const [name, own] of Object.entries(options.ownNames ?? {}))
        program = program.replaceAll(name, own);
      project.write("program.js", transformSync(program, { loader: "ts", format: "cjs" }).code);
    },
    runNext: async ({ code = 0, ...run } = {}) => {
      const result = await project.shell(page.next("sh"), run);
      expect(result.code, result.output).toBe(code);
      return result;
    },
    expectShown: ({ output }) => {
      const shown = page.next("");
      expect(isShown(shown, output), `the page shows\n${shown}\nand this was printed:\n${output}`).toBe(true);
    },
    held: () =>
      Object.fromEntries(
        server.control.secrets(seed.database, seed.schema).map(({ name, value }) => [name, value]),
      ),
    takeWrites: () => {
      const statements = server.control.statements();
      const fresh = statements.slice(seen);
      seen = statements.length;
      return fresh
        .map(({ kind }) => String(kind))
        .filter((kind) => /^(CREATE|ALTER|DROP) SECRET$/.test(kind))
        .sort();
    },
    stop: async () => {
      try {
        project.stop();
      } finally {
        await server.stop();
      }
    },
  };
}

// An export destination logs in to the account that its credentials name: there it is led to the server of the test.
export const buildStart = ({ url }: SnowflakeServer) => `
const pulumi = require("@pulumi/pulumi");
pulumi.runtime.registerStackTransformation(({ type, props, opts }) =>
  type.endsWith("ExportDestination")
    ? { props: { ...props, validation: { endpoint: "${url}" }, egressIpService: false }, opts }
    : undefined,
);
module.exports = require("./program.js");
`;
