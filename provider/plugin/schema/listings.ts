import * as z from "zod";
import type { FunctionSpec } from "./package-spec.js";
import { connectionField } from "./secret-sync.js";
import type { TypeSpecs } from "./type-specs.js";

const database = z.string().describe("The database's exact name.");
const connection = connectionField.describe(
  "How to reach Snowflake; what is not given here comes from the provider's settings, `SNOWFLAKE_*` or `connections.toml`.",
);

/** The listings of Snowflake, which a program offers its people to choose from. */
export function buildSnowflakeListings(types: TypeSpecs): Record<string, FunctionSpec> {
  const object = (fields: z.core.$ZodShape) => ({
    type: "object" as const,
    ...types.buildObject(z.object(fields), "", { connection: "Connection" }),
  });
  return {
    listSnowflakeDatabases: {
      description:
        "Lists the databases that the connection's role may see, A to Z, without `SNOWFLAKE` and `SNOWFLAKE_SAMPLE_DATA`; complete, however many there are.",
      inputs: object({ connection }),
      outputs: object({ databases: z.array(z.string()).describe("Their exact names.") }),
    },
    listSnowflakeSchemas: {
      description:
        "Lists the schemas of a database that the connection's role may see, A to Z, without `INFORMATION_SCHEMA`.",
      inputs: object({ database, connection }),
      outputs: object({ schemas: z.array(z.string()).describe("Their exact names.") }),
    },
  };
}
