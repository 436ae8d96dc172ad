import { describePackage, type PackageDescription } from "./definitions.js";
import type { FunctionSpec, PackageSpec, PropertySpec, PropertySpecs, ResourceSpec } from "./package-spec.js";
import { buildToken, createTypeSpecs, packageName, type TypeSpecs } from "./type-specs.js";

export type { PackageSpec } from "./package-spec.js";

/**
 * The package schema, from which Pulumi makes the SDK of every language. Names, types, defaults and descriptions are
 * those of the zod definitions that parse the arguments. `npm run generate` writes it to `schema.json`, with examples.
 */
export function buildSchema(version: string): PackageSpec {
  const { types: definitions, settings: described, resources, functions } = describePackage();
  const types = createTypeSpecs(definitions);
  const settings = buildSettings(types.buildObject(described).properties);
  return {
    name: packageName,
    displayName: "Snowflake Secrets",
    version,
    description:
      "Keeps the secrets of a Snowflake schema in sync with their source, and warehouse credentials in AWS Secrets Manager for export jobs.",
    keywords: [
      "pulumi",
      "snowflake",
      "secrets",
      "aws-secrets-manager",
      "infisical",
      "category/infrastructure",
      "kind/native",
    ],
    license: "Apache-2.0",
    publisher: "pulumi-snowflake-secrets",
    meta: { supportPack: true },
    config: { variables: settings },
    provider: {
      description:
        "An account, and who logs in to it. What is absent comes from `SNOWFLAKE_*` or `connections.toml`.",
      inputProperties: settings,
    },
    resources: mapTokens(resources, (resource) => buildResource(types, resource)),
    functions: mapTokens(functions, (definition) => buildFunction(types, definition)),
    types: types.named,
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

/** Settings are texts, numbers and flags: of several forms the first is taken, and a choice is a text. */
function buildSettings(properties: PropertySpecs): PropertySpecs {
  const flatten = ({ oneOf, $ref, ...spec }: PropertySpec): PropertySpec => {
    if (oneOf !== undefined) return { ...spec, ...oneOf[0] };
    return $ref === undefined ? spec : { ...spec, type: "string" };
  };
  return Object.fromEntries(Object.entries(properties).map(([name, spec]) => [name, flatten(spec)]));
}

function buildResource(
  types: TypeSpecs,
  { description, inputs, outputs, dynamicType }: PackageDescription["resources"][string],
): ResourceSpec {
  const given = types.buildObject(inputs);
  return {
    description,
    inputProperties: given.properties,
    requiredInputs: given.required,
    ...types.buildObject(outputs),
    aliases: [{ type: `pulumi-nodejs:dynamic/snowflake:${dynamicType}` }],
  };
}

function buildFunction(
  types: TypeSpecs,
  { description, inputs, outputs }: PackageDescription["functions"][string],
): FunctionSpec {
  return {
    description,
    inputs: { type: "object", ...types.buildObject(inputs) },
    outputs: { type: "object", ...types.buildObject(outputs) },
  };
}

function mapTokens<T, U>(named: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(named).map(([name, value]) => [buildToken(name), change(value)]));
}
