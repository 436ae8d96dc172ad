import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type DemoSeed,
  type SnowflakeServer,
  seedDemo,
  startSnowflakeServer,
} from "../../sdk/snowflake-server/index.js";
import { buildPluginLines, placePlugin } from "../support/pulumi/plugin.js";
import { createProject, type PulumiProject } from "../support/pulumi/project.js";
import { buildConnectionEnv } from "../support/snowflake/connection-env.js";

/** A Snowflake account, and a Pulumi project with the plugin, whose environment connects to the account. */
export interface PluginStage {
  readonly server: SnowflakeServer;
  readonly seed: DemoSeed;
  readonly project: PulumiProject;
  /** Writes a program with `SnowflakeSecretSync` of the plugin, `Provider`, `pulumi`, and what is planted, as `v`, at hand. */
  setProgram(body: string): void;
  /** Value by name of what stands in the schema. */
  values(schema?: string): Record<string, string | undefined>;
  stop(): Promise<void>;
}

/** What a generated SDK does, and no more. */
export const pluginSdk = `
const pulumi = require("@pulumi/pulumi");
const dynamic = require("pulumi-snowflake-secrets");
const secretArguments = ["secrets", "connection", "sources", "fingerprintKey"];
const outputs = ["secretSync", "syncStatus", "lastSyncJobId", "lastSyncMessage", "lastSyncedAt", "managedSecrets", "connectionInfo"];
class SnowflakeSecretSync extends pulumi.CustomResource {
  constructor(name, args, opts) {
    const inputs = Object.fromEntries(outputs.map((output) => [output, undefined]));
    for (const [key, value] of Object.entries(args)) {
      inputs[key] = secretArguments.includes(key) ? pulumi.secret(value) : value;
    }
    super("snowflake-secrets:index:SnowflakeSecretSync", name, inputs, opts);
  }
}
class ExportDestination extends pulumi.CustomResource {
  constructor(name, args, opts) {
    const names = ["destinationId", "status", "integrationStatus", "destinationMetadata", "secretArn", "secretName", "claimName"];
    const inputs = { ...Object.fromEntries(names.map((output) => [output, undefined])), ...args };
    super("snowflake-secrets:index:SnowflakeExportDestination", name, { ...inputs, credentials: pulumi.secret(args.credentials) }, opts);
  }
}
class Provider extends pulumi.ProviderResource {
  constructor(name, args, opts) { super("snowflake-secrets", name, args, opts); }
}
`;

export async function startPluginStage(options: {
  readonly plants: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly isConnected?: boolean;
}): Promise<PluginStage> {
  const server = await startSnowflakeServer();
  const seed = seedDemo(server.control);
  const plugin = realpathSync(mkdtempSync(join(tmpdir(), "pulumi-plugin-")));
  placePlugin(plugin);
  const name = "shop";
  const project = await createProject({
    name,
    plants: [...Object.values(options.plants), seed.password],
    snowflake: [server],
    files: {
      "Pulumi.yaml": `name: ${name}\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n${buildPluginLines(plugin)}`,
      "package.json": `${JSON.stringify({ name, version: "0.0.0", private: true, main: "index.js" })}\n`,
      "index.js": pluginSdk,
    },
    env: { ...(options.isConnected === false ? {} : buildConnectionEnv(server, seed)), ...options.env },
  });
  return {
    server,
    seed,
    project,
    setProgram: (body) =>
      project.write("index.js", `const v = ${JSON.stringify(options.plants)};\n${pluginSdk}${body}\n`),
    values: (schema = seed.schema) =>
      Object.fromEntries(
        server.control.secrets(seed.database, schema).map(({ name, value }) => [name, value]),
      ),
    stop: async () => {
      try {
        project.stop();
      } finally {
        rmSync(plugin, { recursive: true, force: true });
        await server.stop();
      }
    },
  };
}
