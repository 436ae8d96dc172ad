import { spawnSync } from "node:child_process";
import { accessSync, constants, readdirSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";

/** OpenTofu and Snowflake's provider for it, as they are on this machine. */
export interface OpenTofu {
  readonly program: string;
  readonly version: string;
  /** The folder of the provider's program. */
  readonly providerFolder: string;
}

const providerName = "terraform-provider-snowflake";

/** What `BENCH_TOFU` and `BENCH_TOFU_PROVIDER` name, or what is found on PATH; undefined where one of the two is not. */
export function findOpenTofu(): OpenTofu | undefined {
  const { BENCH_TOFU, BENCH_TOFU_PROVIDER } = process.env;
  const program = BENCH_TOFU ?? findOnPath((name) => /^tofu(\.exe)?$/.test(name));
  const provider = BENCH_TOFU_PROVIDER ?? findOnPath((name) => name.startsWith(providerName));
  if (program === undefined || provider === undefined) return undefined;
  // What this machine sets for its own runs is not for these.
  const { TF_CLI_CONFIG_FILE: _, ...env } = process.env;
  const { stdout, error } = spawnSync(program, ["version", "-json"], { encoding: "utf8", env });
  if (error !== undefined) throw error;
  const { terraform_version: version } = JSON.parse(stdout) as { terraform_version: string };
  return { program: resolve(program), version, providerFolder: dirname(resolve(provider)) };
}

function findOnPath(isIt: (name: string) => boolean): string | undefined {
  return (process.env.PATH ?? "")
    .split(delimiter)
    .flatMap((folder) =>
      listFiles(folder)
        .filter(isIt)
        .map((name) => join(folder, name)),
    )
    .find(isExecutable);
}

function listFiles(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** OpenTofu's default is ten at a time. */
export const tofuArguments = ["apply", "-auto-approve", "-input=false", "-no-color", "-parallelism=30"];

/** The file that OpenTofu is told of its providers in: this one needs no registry. */
export function buildTofuSettings({ providerFolder }: OpenTofu): string {
  return `provider_installation {\n  dev_overrides { "snowflake-labs/snowflake" = ${JSON.stringify(providerFolder)} }\n}\n`;
}

/** A resource for each secret. */
export function buildTofuProgram(
  schema: { readonly database: string; readonly schema: string },
  secrets: Readonly<Record<string, string>>,
): string {
  return JSON.stringify({
    terraform: { required_providers: { snowflake: { source: "snowflake-labs/snowflake" } } },
    provider: { snowflake: {} },
    resource: {
      snowflake_secret_with_generic_string: {
        app: {
          ...schema,
          for_each: secrets,
          // biome-ignore lint/suspicious/noTemplateCurlyInString: OpenTofu's
          name: "APP_${each.key}",
          // biome-ignore lint/suspicious/noTemplateCurlyInString: OpenTofu's
          secret_string: "${each.value}",
        },
      },
    },
  });
}
