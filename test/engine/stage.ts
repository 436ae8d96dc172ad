import { outputs } from "../../sdk/generated/fields.js";
import {
  type LanguageStage,
  type LanguageStageOptions,
  startLanguageStage,
} from "../support/pulumi/language-stage.js";
import { buildPluginLines, pluginFolder } from "../support/pulumi/plugin.js";
import type { PulumiProject } from "../support/pulumi/project.js";

export const hosts = ["dynamic", "plugin"] as const;
export type Host = (typeof hosts)[number];

/** The type of a sync in a state, by host. */
export const syncTypes = {
  dynamic: "pulumi-nodejs:dynamic/snowflake:SnowflakeSecretSync",
  plugin: "snowflake-secrets:index:SnowflakeSecretSync",
} as const;

/** The first lines of a `Pulumi.yaml` whose programs are in JavaScript, and may use the plugin. */
export const buildNodeProject = (name: string) =>
  `name: ${name}\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n${buildPluginLines(pluginFolder)}`;

/** What a generated SDK does, and no more. */
const pluginSdk = `
const pulumi = require("@pulumi/pulumi");
const dynamic = require("pulumi-snowflake-secrets");
const secretArguments = ["secrets", "connection", "sources", "fingerprintKey"];
const outputs = ${JSON.stringify(Object.keys(outputs.SnowflakeSecretSync))};
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

/** What stands before a program: the classes of a host, and beside those of the plugin the others as `dynamic`. */
export const heads: Readonly<Record<Host, string>> = {
  dynamic: `const pulumi = require("@pulumi/pulumi");\nconst { SnowflakeSecretSync, SnowflakeExportDestination, ExportDestination } = require("pulumi-snowflake-secrets");\n`,
  plugin: pluginSdk,
};

/** A Snowflake account, and a project with programs of one host whose environment connects to the account. */
export interface Stage extends LanguageStage {
  /** Writes a program with the classes of the host, `pulumi`, and what is planted, as `v`, at hand. */
  setProgram(body: string): void;
}

export async function startStage(
  host: Host,
  plants: Readonly<Record<string, string>>,
  options: Pick<LanguageStageOptions, "env" | "isConnected" | "account"> = {},
): Promise<Stage> {
  const name = "shop";
  const files = { "Pulumi.yaml": buildNodeProject(name), "index.js": heads[host] };
  const stage = await startLanguageStage({ ...options, name, plants: Object.values(plants), files });
  const given = `const v = ${JSON.stringify(plants)};\n${heads[host]}`;
  return { ...stage, setProgram: (body) => stage.project.write("index.js", `${given}${body}\n`) };
}

/** A run whose engine and plugins are killed when `kill` is called, as a crash of the machine would. */
export async function runKilled(
  project: PulumiProject,
  command: "up" | "destroy",
  prepare: (kill: () => void) => void,
): Promise<void> {
  let killRun: (signal: NodeJS.Signals) => void = () => undefined;
  prepare(() => {
    killRun("SIGKILL");
    project.endPlugins();
  });
  const { code, output } = await project[command]({
    onOutput: (_output, kill) => {
      killRun = kill;
    },
  });
  if (code !== -1) throw new Error(`pulumi ${command} was not killed:\n${output}`);
  const cancel = await project.pulumi(["cancel", "--yes"]);
  if (cancel.code !== 0) throw new Error(cancel.output);
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

/** What was printed without inputs that stay as they are; of a replacement also without the old outputs that go. */
export function outline(printed: string): string {
  const isReplaced = printed.includes("(replace)");
  const lines = printed
    .split("\n")
    .filter((line) => !/^ {8,}(?![+~-])\S/.test(line) && !(isReplaced && /^ {6,}- /.test(line)));
  return lines.join("\n");
}
