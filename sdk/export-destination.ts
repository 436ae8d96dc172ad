import * as pulumi from "@pulumi/pulumi";
import { buildPulumiContext } from "./context.js";
import { addedSecrets, keptSecrets, outputs } from "./generated/fields.js";
import type { ExportDestinationArgs, ExportDestinationOutputs } from "./generated/types.js";
import { buildSecretPlaces, hideGiven, isMap, requireWholeCredentials, withFormerTypes } from "./inputs.js";

/** What both classes put out. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the SDK makes a field of each output that it is told
export abstract class ExportDestinationResource extends pulumi.dynamic.Resource {
  protected constructor(
    name: string,
    { credentials, ...args }: ExportDestinationArgs,
    opts?: pulumi.CustomResourceOptions,
  ) {
    requireWholeCredentials(name, opts);
    const inputs = {
      ...args,
      ...hideGiven(args, keptSecrets.ExportDestination),
      ...buildSecretPlaces(addedSecrets.ExportDestination),
      credentials: hideLeaves(credentials),
      pulumiContext: buildPulumiContext("ExportDestination", name, opts),
    };
    const moved = withFormerTypes(
      opts,
      "snowflake-secrets:index:ExportDestination",
      "snowflake-secrets:index:SnowflakeExportDestination",
    );
    super(
      provider,
      name,
      { ...outputs.ExportDestination, ...inputs },
      moved,
      "snowflake",
      "ExportDestination",
    );
    if (opts?.deleteBeforeReplace === true) {
      void pulumi.log.warn(
        "Do not set deleteBeforeReplace: it deletes the old credentials before the new ones are checked. Without it, a replacement has no gap.",
        this,
      );
    }
  }
}

export interface ExportDestinationResource extends ExportDestinationOutputs {}

/**
 * Checks the credentials of a PostgreSQL server, a Qlik Cloud tenant, a Power BI workspace or a Snowflake warehouse by
 * a login, stores them in AWS Secrets Manager for export jobs, and deletes them safely.
 *
 * @example
 * new ExportDestination("reporting", {
 *   organizationId: "acme",
 *   credentials: {
 *     type: "postgresql",
 *     host: "db.acme.com",
 *     port: 5432,
 *     database: "reports",
 *     username: "export",
 *     password: config.requireSecret("exportPassword"),
 *     sslMode: "require",
 *   },
 * });
 *
 * Errors by code: `INVALID_INPUT`, `CREDENTIALS_REJECTED` (the service refused the credentials; the text holds why),
 * `TIMED_OUT`, `UNREACHABLE`, `NETWORK_POLICY`, `NOT_FOUND`, `PRIVILEGE_MISSING` (the log-in did not pass for another
 * reason; the next `up` tries again),
 * `INTEGRATION_EXISTS` (another destination of this organization and type is active), `EXPORT_RUNNING` (a Glue run
 * holds off the disconnect), `PENDING_DELETION`, `NOT_OURS`, `UNPROVEN`, `WRONG_ACCOUNT`, `AWS_FAILED`.
 */
export class ExportDestination extends ExportDestinationResource {
  constructor(name: string, args: ExportDestinationArgs, opts?: pulumi.CustomResourceOptions) {
    super(name, args, opts);
  }
}

/** Each field a secret of its own, so that one that is unknown in a preview does not make the others unknown. */
function hideLeaves(credentials: ExportDestinationArgs["credentials"]): pulumi.Input<unknown> {
  if (!isMap(credentials) || pulumi.Output.isInstance(credentials) || credentials instanceof Promise) {
    return pulumi.secret(credentials);
  }
  return Object.fromEntries(
    Object.entries(credentials).map(([field, value]) => [field, pulumi.secret(value)]),
  );
}

// Pulumi writes these functions as text into the state, where their size counts: hence the short name. They capture
// nothing else, and stay the same text in every release.
const h = () => require("pulumi-snowflake-secrets/provider").exportDestination;
const provider: pulumi.dynamic.ResourceProvider = {
  configure: (...a) => h().configure(...a),
  check: (...a) => h().check(...a),
  diff: (...a) => h().diff(...a),
  create: (...a) => h().create(...a),
  read: (...a) => h().read(...a),
  update: (...a) => h().update(...a),
  delete: (...a) => h().delete(...a),
};
