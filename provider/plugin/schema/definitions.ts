import * as z from "zod";
import { createJsonSchemas, type JsonSchema } from "../../engine/json-schema.js";
import * as destination from "../../export-destination/inputs/arguments.js";
import { listedDestination, queryArguments } from "../../export-destination/listing.js";
import { destinationOutputs } from "../../export-destination/outputs.js";
import * as sync from "../../secret-sync/inputs/arguments.js";
import { syncOutputs } from "../../secret-sync/outputs.js";
import { providerArguments } from "../settings.js";

interface ResourceDefinition {
  readonly description: string;
  readonly inputs: z.ZodObject;
  /** What `check` adds to them. */
  readonly added: z.ZodObject;
  readonly outputs: z.ZodObject;
  /** Its type in Node's dynamic provider, behind `pulumi-nodejs:dynamic/snowflake:`. */
  readonly dynamicType: string;
}

const resources: Readonly<Record<string, ResourceDefinition>> = {
  SnowflakeSecretSync: {
    description:
      "Copies the secrets of one or more sources into a Snowflake schema, as native secrets. It writes only changes, and changes only its own secrets.",
    inputs: sync.programArguments,
    added: sync.addedInputs,
    outputs: syncOutputs,
    dynamicType: "SnowflakeSecretSync",
  },
  ExportDestination: {
    description:
      "Checks credentials of a PostgreSQL server, a Qlik Cloud tenant, a Power BI workspace or a Snowflake warehouse by a login, stores them in AWS Secrets Manager for export jobs, and deletes them only when no job uses them.",
    inputs: destination.exportDestinationArguments,
    added: destination.addedInputs,
    outputs: destinationOutputs,
    dynamicType: "ExportDestination",
  },
  SnowflakeExportDestination: {
    description:
      'Proves that Snowflake credentials work, keeps them in AWS Secrets Manager for export jobs to read, and takes them away safely. `ExportDestination` of type "snowflake" under its own name.',
    inputs: destination.snowflakeExportDestinationArguments,
    added: destination.addedInputs,
    outputs: destinationOutputs,
    dynamicType: "ExportDestination",
  },
};

interface FunctionDefinition {
  readonly description: string;
  readonly inputs: z.ZodObject;
  readonly outputs: z.ZodObject;
}

const connection = sync.connectionArgument.describe(
  "How to log in to Snowflake. Fields that are not set here are taken from the provider's settings, `SNOWFLAKE_*` variables or `connections.toml`.",
);
const exactNames = z.array(z.string()).describe("Their exact names.");

const functions: Readonly<Record<string, FunctionDefinition>> = {
  listSnowflakeDatabases: {
    description:
      "Lists the databases that the connection's role may see, A to Z, without `SNOWFLAKE` and `SNOWFLAKE_SAMPLE_DATA`; complete, however many there are.",
    inputs: z.object({ connection }),
    outputs: z.object({ databases: exactNames }),
  },
  listSnowflakeSchemas: {
    description:
      "Lists the schemas of a database that the connection's role may see, A to Z, without `INFORMATION_SCHEMA`.",
    inputs: z.object({ database: z.string().describe("The database's exact name."), connection }),
    outputs: z.object({ schemas: exactNames }),
  },
  listExportDestinations: {
    description:
      "Lists the export destinations of an organization, active ones first, then archived ones, the latest first; none of their fields is secret.",
    inputs: queryArguments,
    outputs: z.object({ destinations: z.array(listedDestination) }),
  },
  getExportDestination: {
    description: "Finds one export destination, active or archived.",
    inputs: z.object({
      ...queryArguments.shape,
      destinationId: z.string().describe("The destination's id."),
    }),
    outputs: z.object(listedDestination.shape),
  },
};

/** With what zod tells in the place of each definition. */
type Described<T> = { readonly [K in keyof T]: T[K] extends z.ZodType ? JsonSchema : T[K] };

/** Everything that programs of any language see of this package, as zod tells it. */
export interface PackageDescription {
  /** The types that have a name, by that. */
  readonly types: Readonly<Record<string, JsonSchema>>;
  /** The settings of a `Provider`, and of a stack under `snowflake-secrets:`. */
  readonly settings: JsonSchema;
  readonly resources: Readonly<Record<string, Described<ResourceDefinition>>>;
  readonly functions: Readonly<Record<string, Described<FunctionDefinition>>>;
}

/** The package as Pulumi's schema has it. */
export function describePackage(): PackageDescription {
  const { named, describe } = createJsonSchemas();
  return {
    types: named,
    settings: describe(providerArguments),
    resources: mapValues(resources, ({ inputs, added, outputs, ...rest }) => ({
      ...rest,
      inputs: describe(inputs),
      added: describe(added),
      outputs: describe(outputs),
    })),
    functions: mapValues(functions, ({ inputs, outputs, ...rest }) => ({
      ...rest,
      inputs: describe(inputs),
      outputs: describe(outputs),
    })),
  };
}

function mapValues<T, U>(named: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(named).map(([name, value]) => [name, change(value)]));
}
