import * as pulumi from "@pulumi/pulumi";
import { buildPulumiContext } from "./context.js";
import { addedSecrets, keptSecrets, outputs } from "./generated/fields.js";
import type { SnowflakeSecretSyncArgs, SnowflakeSecretSyncOutputs } from "./generated/types.js";
import {
  buildSecretPlaces,
  hideGiven,
  requireWholeSecrets,
  splitSecrets,
  withFormerTypes,
} from "./inputs.js";

/**
 * Keeps the secrets of a Snowflake schema in sync with one or more sources. It writes only what changed, and changes
 * only secrets that this sync wrote.
 *
 * @example
 * new SnowflakeSecretSync("app", {
 *   sources: [{ type: "dotenv", path: ".env" }],
 *   secrets: { API_KEY: config.requireSecret("apiKey") },
 *   destinationConfig: { database: "APP", schema: "SECRETS" },
 *   syncOptions: { initialSyncBehavior: "overwrite-destination" },
 * });
 *
 * Errors by code: `INVALID_INPUT`, `CONNECTION_INCOMPLETE`, `AUTHENTICATION_FAILED`, `NETWORK_POLICY`,
 * `UNREACHABLE`, `TIMED_OUT`, `NOT_FOUND`, `PRIVILEGE_MISSING`, `NOT_OURS`, `UNPROVEN`, `REMOVAL_LIMIT`, `WRONG_ACCOUNT`,
 * `SOURCE_FAILED` (nothing was written), and `PARTLY_DONE` (the next `up` does the rest).
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the SDK makes a field of each output that it is told
export class SnowflakeSecretSync extends pulumi.dynamic.Resource {
  constructor(name: string, args: SnowflakeSecretSyncArgs, opts?: pulumi.CustomResourceOptions) {
    requireWholeSecrets(name, opts);
    const { secrets, ...rest } = args;
    const inputs = {
      ...rest,
      ...splitSecrets(name, secrets),
      ...hideGiven(rest, keptSecrets.SnowflakeSecretSync),
      ...buildSecretPlaces(addedSecrets.SnowflakeSecretSync),
      // Filled by `check` where there is none.
      fingerprintKey: pulumi.secret(args.fingerprintKey ?? ""),
      pulumiContext: buildPulumiContext("SnowflakeSecretSync", name, opts),
    };
    const moved = withFormerTypes(opts, "snowflake-secrets:index:SnowflakeSecretSync");
    const properties = { ...outputs.SnowflakeSecretSync, ...inputs };
    super(provider, name, properties, moved, "snowflake", "SnowflakeSecretSync");
    // A preview knows only what `check` answers of a dynamic resource, and would show each shift in a list of it. In the
    // mocks of a program's own tests there may be none.
    Object.assign(this, { secretIdList: this.secretIds.apply((ids) => Object.values(ids ?? {}).sort()) });
  }
}

export interface SnowflakeSecretSync extends SnowflakeSecretSyncOutputs {}

// Pulumi writes these functions as text into the state, where their size counts: hence the short name. They capture
// nothing else, and stay the same text in every release.
const h = () => require("pulumi-snowflake-secrets/provider").secretSync;
const provider: pulumi.dynamic.ResourceProvider = {
  configure: (...a) => h().configure(...a),
  check: (...a) => h().check(...a),
  diff: (...a) => h().diff(...a),
  create: (...a) => h().create(...a),
  read: (...a) => h().read(...a),
  update: (...a) => h().update(...a),
  delete: (...a) => h().delete(...a),
};
