import {
  buildDestinationListings,
  buildExportDestination,
  buildSnowflakeExportDestination,
} from "./export-destination.js";
import { buildSnowflakeListings } from "./listings.js";
import type { PackageSpec } from "./package-spec.js";
import { buildProviderConfig } from "./provider-config.js";
import { buildSecretSync } from "./secret-sync.js";
import { buildToken, createTypeSpecs, packageName } from "./type-specs.js";

export type { PackageSpec } from "./package-spec.js";

/** Where releases of the plugin are; the engine fetches a missing one from there. Put in by `npm run plugin`. */
const pluginDownloadUrl = process.env.PULUMI_SNOWFLAKE_SECRETS_PLUGIN_URL;

/**
 * The package schema, from which Pulumi makes the SDK of every language. Names, types, defaults and descriptions are
 * those of the zod definitions that parse the arguments.
 */
export function buildSchema(version: string): PackageSpec {
  const types = createTypeSpecs();
  const settings = buildProviderConfig(types);
  const resources = {
    SnowflakeSecretSync: buildSecretSync(types),
    ExportDestination: buildExportDestination(types),
    SnowflakeExportDestination: buildSnowflakeExportDestination(types),
  };
  const functions = { ...buildSnowflakeListings(types), ...buildDestinationListings(types) };
  return {
    name: packageName,
    displayName: "Snowflake Secrets",
    version,
    description:
      "Keeps the secrets of a Snowflake schema in sync with their source, and warehouse credentials in AWS Secrets Manager for export jobs.",
    keywords: ["pulumi", "snowflake", "secrets", "aws-secrets-manager", "infisical", "kind/native"],
    license: "Apache-2.0",
    publisher: "pulumi-snowflake-secrets",
    ...(pluginDownloadUrl ? { pluginDownloadURL: pluginDownloadUrl } : {}),
    meta: { supportPack: true },
    config: { variables: settings },
    provider: {
      description:
        "An account, and who logs in to it. What is absent comes from `SNOWFLAKE_*` or `connections.toml`.",
      inputProperties: settings,
    },
    types: types.named,
    resources: withTokens(resources),
    functions: withTokens(functions),
    language: {
      nodejs: { packageName: "pulumi-snowflake-secrets-plugin", respectSchemaVersion: true },
      python: {
        packageName: "pulumi_snowflake_secrets",
        pyproject: { enabled: true },
        respectSchemaVersion: true,
      },
      go: {
        importBasePath: "pulumi-snowflake-secrets/sdk/go/snowflakesecrets",
        rootPackageName: "snowflakesecrets",
        respectSchemaVersion: true,
      },
      csharp: { namespaces: { [packageName]: "SnowflakeSecrets" }, respectSchemaVersion: true },
    },
  };
}

function withTokens<T>(named: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(named).map(([name, spec]) => [buildToken(name), spec]));
}
