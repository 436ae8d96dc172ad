import * as pulumi from "@pulumi/pulumi";
import { withFormerTypes } from "../inputs.js";
import { syncOutputs } from "../outputs.js";
import type * as dynamic from "../snowflake-secret-sync.js";
import { hide, hideFields, hideSecrets } from "./inputs.js";

type Outputs = dynamic.SnowflakeSecretSync;

/** As the dynamic resource of this name, by the plugin. */
export class SnowflakeSecretSync extends pulumi.CustomResource {
  /** The record in the shape of Infisical's API. */
  declare readonly secretSync: Outputs["secretSync"];
  declare readonly syncStatus: Outputs["syncStatus"];
  /** Of the last sync that wrote or tried to; "" before the first. */
  declare readonly lastSyncJobId: Outputs["lastSyncJobId"];
  /** Why the last sync failed, by key; "" if it did not. */
  declare readonly lastSyncMessage: Outputs["lastSyncMessage"];
  /** ISO 8601; moves only when something was written; "" before that. */
  declare readonly lastSyncedAt: Outputs["lastSyncedAt"];
  /** By name in Snowflake. */
  declare readonly managedSecrets: Outputs["managedSecrets"];
  declare readonly connectionInfo: Outputs["connectionInfo"];

  constructor(name: string, args: dynamic.SnowflakeSecretSyncArgs, opts?: pulumi.CustomResourceOptions) {
    const { secrets, sources, connection, fingerprintKey, ...rest } = args;
    const inputs = {
      ...rest,
      secrets: hideSecrets(name, secrets),
      sources: hide(sources),
      connection: hideFields(connection),
      fingerprintKey: hide(fingerprintKey),
    };
    const moved = withFormerTypes(opts, "pulumi-nodejs:dynamic/snowflake:SnowflakeSecretSync");
    super("snowflake-secrets:index:SnowflakeSecretSync", name, { ...syncOutputs, ...inputs }, moved);
  }
}
