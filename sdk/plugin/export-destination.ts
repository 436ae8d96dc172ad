import * as pulumi from "@pulumi/pulumi";
import { outputs, secretArguments } from "../generated/fields.js";
import type {
  ExportDestinationArgs,
  ExportDestinationOutputs,
  SnowflakeExportDestinationArgs,
} from "../generated/types.js";
import { requireWholeCredentials, withFormerTypes } from "../inputs.js";
import { hideArguments } from "./inputs.js";

/** What both classes put out. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the SDK makes a field of each output that it is told
export abstract class ExportDestinationResource extends pulumi.CustomResource {
  protected constructor(
    type: "ExportDestination" | "SnowflakeExportDestination",
    name: string,
    args: ExportDestinationArgs | SnowflakeExportDestinationArgs,
    opts?: pulumi.CustomResourceOptions,
  ) {
    requireWholeCredentials(name, opts);
    const inputs = { ...args, ...hideArguments(args, secretArguments[type]) };
    const moved = withFormerTypes(opts, "pulumi-nodejs:dynamic/snowflake:ExportDestination");
    super(`snowflake-secrets:index:${type}`, name, { ...outputs.ExportDestination, ...inputs }, moved);
  }
}

export interface ExportDestinationResource extends ExportDestinationOutputs {}

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
