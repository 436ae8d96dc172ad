import * as pulumi from "@pulumi/pulumi";
import type { ExportDestinationArgs, ExportDestinationResource as Outputs } from "../export-destination.js";
import { requireWholeCredentials, withFormerTypes } from "../inputs.js";
import { destinationOutputs } from "../outputs.js";
import type { SnowflakeExportDestinationArgs } from "../snowflake-export-destination.js";
import { hideFields } from "./inputs.js";

/** What both classes put out. */
export abstract class ExportDestinationResource extends pulumi.CustomResource {
  /** The destination's id; after a failed attempt another one than the resource's own `id`. */
  declare readonly destinationId: Outputs["destinationId"];
  declare readonly status: Outputs["status"];
  declare readonly integrationStatus: Outputs["integrationStatus"];
  /** The non-sensitive fields of the credentials. */
  declare readonly destinationMetadata: Outputs["destinationMetadata"];
  /** Undefined while nothing is stored. */
  declare readonly secretArn: Outputs["secretArn"];
  /** `[<prefix>/]exports/org_<organizationId>/<name>_<destinationId>`; undefined while nothing is stored. */
  declare readonly secretName: Outputs["secretName"];
  /** The stable name for consumers, also across replacements. */
  declare readonly claimName: Outputs["claimName"];
  /** Why validation failed, or what somebody else changed. */
  declare readonly errorMessage: Outputs["errorMessage"];
  /** The address that the last validation came from, where it is known. */
  declare readonly egressIp: Outputs["egressIp"];
  /** The latest last, bounded. */
  declare readonly statusHistory: Outputs["statusHistory"];
  /** Every try to validate credentials, the latest last, bounded. */
  declare readonly attempts: Outputs["attempts"];
  /** ISO 8601. */
  declare readonly createdAt: Outputs["createdAt"];
  /** ISO 8601; undefined until the first validation that passed. */
  declare readonly validatedAt: Outputs["validatedAt"];

  protected constructor(
    type: "ExportDestination" | "SnowflakeExportDestination",
    name: string,
    { credentials, ...rest }: ExportDestinationArgs | SnowflakeExportDestinationArgs,
    opts?: pulumi.CustomResourceOptions,
  ) {
    requireWholeCredentials(name, opts);
    const inputs = { ...rest, credentials: hideFields(credentials) };
    const moved = withFormerTypes(opts, "pulumi-nodejs:dynamic/snowflake:ExportDestination");
    super(`snowflake-secrets:index:${type}`, name, { ...destinationOutputs, ...inputs }, moved);
  }
}

/** As the dynamic resource of this name, by the plugin. */
export class ExportDestination extends ExportDestinationResource {
  constructor(name: string, args: ExportDestinationArgs, opts?: pulumi.CustomResourceOptions) {
    super("ExportDestination", name, args, opts);
  }
}

/** As the dynamic resource of this name, by the plugin. */
export class SnowflakeExportDestination extends ExportDestinationResource {
  constructor(name: string, args: SnowflakeExportDestinationArgs, opts?: pulumi.CustomResourceOptions) {
    super("SnowflakeExportDestination", name, args, opts);
  }
}
