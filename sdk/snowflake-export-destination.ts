import * as pulumi from "@pulumi/pulumi";
import type { SnowflakeCredentialsInput } from "../provider/export-destination/credentials/index.js";
import {
  type ExportDestinationArgs,
  type ExportDestinationCommonArgs,
  ExportDestinationResource,
} from "./export-destination.js";
import { type DeepInput, isMap } from "./inputs.js";

/** The credentials of a Snowflake warehouse; exactly one of `password`, `token` and `privateKey`. */
export type SnowflakeExportCredentialsArgs = DeepInput<
  Omit<SnowflakeCredentialsInput, "type"> & { type?: "snowflake" }
>;

/** The arguments of `SnowflakeExportDestination`. */
export interface SnowflakeExportDestinationArgs extends ExportDestinationCommonArgs {
  /**
   * A change replaces a working destination: the new credentials are validated and stored, the claim moves, and only
   * then the old one is disconnected. A failed one is tried anew in place.
   */
  credentials: pulumi.Input<SnowflakeExportCredentialsArgs>;
}

/**
 * Proves that Snowflake credentials work, keeps them in AWS Secrets Manager for export jobs to read, and takes them
 * away safely. `ExportDestination` of type "snowflake" under its own name; the codes of its errors stand there.
 */
export class SnowflakeExportDestination extends ExportDestinationResource {
  constructor(name: string, args: SnowflakeExportDestinationArgs, opts?: pulumi.CustomResourceOptions) {
    const { credentials } = args;
    super(name, { ...args, credentials: addType(credentials) }, opts);
  }
}

type Given = SnowflakeExportDestinationArgs["credentials"];
type Typed = ExportDestinationArgs["credentials"];

function addType(credentials: Given): Typed {
  const add = (given: object): Typed => ({ type: "snowflake", ...given }) as Typed;
  if (pulumi.Output.isInstance(credentials) || credentials instanceof Promise) {
    return pulumi.output(credentials).apply((given) => (isMap(given) ? add(given) : given)) as Typed;
  }
  return isMap(credentials) ? add(credentials) : credentials;
}
