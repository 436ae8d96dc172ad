import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildPluginLines, pluginFolder } from "../support/pulumi/plugin.js";

/** A Pulumi project in YAML, in a folder of its own. */
export interface YamlProgram {
  /** The resources as a person reads them, without the head of the file. */
  readonly resources: string;
  /** What makes `pulumi` run this program on the stack of another folder. */
  readonly args: readonly string[];
  remove(): void;
}

/** Writes `examples/quickstart` in YAML: the same resources under the same names, which they are known by. */
export function writeYamlProgram(options: {
  readonly project: string;
  readonly stack: string;
  readonly configFile: string;
  readonly database: string;
  readonly schema: string;
  readonly snowflakeEndpoint: string;
  readonly organizationId: string;
  readonly exportJob: string;
  readonly warehouse: Readonly<Record<"account" | "warehouse" | "database" | "username", string>>;
  /** Settings of the stack by the name of their secret. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly passwordSetting: string;
}): YamlProgram {
  const { project, stack, secrets, passwordSetting, warehouse } = options;
  const alias = (type: string, name: string) =>
    `urn:pulumi:${stack}::${project}::pulumi-nodejs:dynamic/snowflake:${type}::${name}`;
  const list = (entries: Readonly<Record<string, string>>) =>
    Object.entries(entries).map(([key, value]) => `        ${key}: ${value}\n`);
  const settings = [...Object.values(secrets), passwordSetting];
  const resources = `resources:
  app-secrets:
    type: snowflake-secrets:SnowflakeSecretSync
    properties:
      secrets:
${list(mapValues(secrets, (setting) => `\${${setting}}`)).join("")}      destinationConfig: { database: ${options.database}, schema: ${options.schema} }
      syncOptions: { initialSyncBehavior: overwrite-destination, keySchema: "APP_{{secretKey}}" }
    options:
      aliases: ["${alias("SnowflakeSecretSync", "app-secrets")}"]
  bi:
    type: snowflake-secrets:SnowflakeExportDestination
    properties:
      organizationId: ${options.organizationId}
      credentials:
${list({ ...warehouse, password: `\${${passwordSetting}}` }).join("")}      glue: { jobNames: [${options.exportJob}] }
      validation: { endpoint: "${options.snowflakeEndpoint}" }
    options:
      aliases: ["${alias("ExportDestination", "bi")}"]
`;
  const config = settings.map((setting) => `  ${setting}: { type: string, secret: true }\n`).join("");
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "demo-yaml-")));
  writeFileSync(
    join(folder, "Pulumi.yaml"),
    `name: ${project}\nruntime: yaml\n${buildPluginLines(pluginFolder)}config:\n${config}${resources}`,
  );
  return {
    resources,
    args: ["--cwd", folder, "--stack", stack, "--config-file", options.configFile],
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function mapValues(
  entries: Readonly<Record<string, string>>,
  change: (value: string) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, change(value)]));
}
