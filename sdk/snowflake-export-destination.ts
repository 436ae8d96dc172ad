import * as pulumi from "@pulumi/pulumi";
import { ExportDestinationResource } from "./export-destination.js";
import type { ExportDestinationArgs, SnowflakeExportDestinationArgs } from "./generated/types.js";
import { isMap } from "./inputs.js";

/**
 * Checks Snowflake credentials by a login, stores them in AWS Secrets Manager for export jobs, and deletes them safely.
 * It is `ExportDestination` of type "snowflake", with the same errors.
 *
 * @example
 * new SnowflakeExportDestination("bi", {
 *   organizationId: "acme",
 *   credentials: {
 *     account: "acme-prod",
 *     warehouse: "EXPORT_WH",
 *     database: "ANALYTICS",
 *     username: "EXPORT_USER",
 *     privateKey: config.requireSecret("exportKey"),
 *   },
 * });
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
  return isMap(credentials) ? add(credentials) : (credentials as Typed);
}
