import * as pulumi from "@pulumi/pulumi";
import { outputs, secretArguments } from "../generated/fields.js";
import type { SnowflakeSecretSyncArgs, SnowflakeSecretSyncOutputs } from "../generated/types.js";
import { requireWholeSecrets, withFormerTypes } from "../inputs.js";
import { hideArguments, hideSecrets } from "./inputs.js";

/** As the dynamic resource of this name, by the plugin. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the SDK makes a field of each output that it is told
export class SnowflakeSecretSync extends pulumi.CustomResource {
  constructor(name: string, args: SnowflakeSecretSyncArgs, opts?: pulumi.CustomResourceOptions) {
    requireWholeSecrets(name, opts);
    const inputs = {
      ...args,
      ...hideArguments(args, secretArguments.SnowflakeSecretSync),
      secrets: hideSecrets(name, args.secrets),
    };
    const moved = withFormerTypes(opts, "pulumi-nodejs:dynamic/snowflake:SnowflakeSecretSync");
    const properties = { ...outputs.SnowflakeSecretSync, ...inputs };
    super("snowflake-secrets:index:SnowflakeSecretSync", name, properties, moved);
  }
}

export interface SnowflakeSecretSync extends SnowflakeSecretSyncOutputs {}
