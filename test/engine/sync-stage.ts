import {
  type DemoSeed,
  type SnowflakeServer,
  seedDemo,
  startSnowflakeServer,
} from "../../sdk/snowflake-server/index.js";
import { createProject, type PulumiProject } from "../support/pulumi/project.js";
import { buildConnectionEnv } from "../support/snowflake/connection-env.js";

/** A Snowflake account, and a Pulumi project whose environment connects to it. */
export interface SyncStage {
  readonly server: SnowflakeServer;
  readonly seed: DemoSeed;
  readonly project: PulumiProject;
  /** Writes a program with the public names of the package, `pulumi`, and what is planted, as `v`, at hand. */
  setProgram(body: string): void;
  /** Value by name of what stands in the schema. */
  values(schema?: string): Record<string, string | undefined>;
  stop(): Promise<void>;
}

export async function startSyncStage(options: {
  readonly plants: Readonly<Record<string, string>>;
  readonly name?: string;
}): Promise<SyncStage> {
  const server = await startSnowflakeServer();
  const seed = seedDemo(server.control);
  const project = await createProject({
    name: options.name ?? "shop",
    plants: [...Object.values(options.plants), seed.password],
    snowflake: [server],
    env: buildConnectionEnv(server, seed),
  });
  return {
    server,
    seed,
    project,
    setProgram: (body) =>
      project.write(
        "index.js",
        `const v = ${JSON.stringify(options.plants)};\nconst pulumi = require("@pulumi/pulumi");\nconst { SnowflakeSecretSync, SnowflakeExportDestination, ExportDestination } = require("pulumi-snowflake-secrets");\n${body}\n`,
      ),
    values: (schema = seed.schema) =>
      Object.fromEntries(
        server.control.secrets(seed.database, schema).map(({ name, value }) => [name, value]),
      ),
    stop: async () => {
      try {
        project.stop();
      } finally {
        await server.stop();
      }
    },
  };
}

/**
 * What Pulumi printed, without what differs from run to run: fingerprints, ids, durations, and whether a message comes
 * before or behind its resource.
 */
export function tidy(output: string): string {
  const [title = "", ...lines] = output
    .replace(/\b[0-9a-f]{32}-[0-9a-f]{8}\b/g, "<id>")
    .replace(/"[0-9a-f]{32}"/g, '"<fingerprint>"')
    .replace(/\b[0-9a-f]{32}\b/g, "<owner>")
    .replace(/^ +\[urn=.*\n/gm, "")
    .replace(/\(\d+(\.\d+)?s\)/g, "(time)")
    .replace(/^Duration: .*$/m, "")
    .replace(/[ \t]+$/gm, "")
    .replace(/\n{2,}/g, "\n")
    .trim()
    .split("\n");
  const isMessage = (line: string) => /^(warning: )?[a-z]+: /.test(line);
  return [title, ...lines.filter(isMessage), ...lines.filter((line) => !isMessage(line))].join("\n");
}
