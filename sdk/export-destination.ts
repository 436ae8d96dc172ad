import * as pulumi from "@pulumi/pulumi";
import type { ExportCredentialsInput } from "../provider/export-destination/credentials/index.js";
import type { IntegrationStatus, Status, StatusChange } from "../provider/export-destination/lifecycle.js";
import type { Attempt, DestinationMetadata } from "../provider/export-destination/state.js";
import { buildPulumiContext } from "./context.js";
import { type DeepInput, isMap, requireWholeCredentials, withFormerTypes } from "./inputs.js";
import { destinationOutputs } from "./outputs.js";

export type { Attempt, DestinationMetadata, IntegrationStatus, Status, StatusChange };

/** The credentials of one of the types; no field of them reaches the state, but as a keyed fingerprint. */
export type ExportCredentialsArgs = DeepInput<ExportCredentialsInput>;

/** Which AWS, and as whom. What is absent comes from the environment, as for every AWS tool. */
export interface ExportAwsArgs {
  /** A change replaces. @default AWS_REGION, or the profile's */
  region?: pulumi.Input<string>;
  /** A profile of AWS's configuration files. A change is recorded; one that leads to another account replaces. */
  profile?: pulumi.Input<string>;
  /** The address of every service, an https:// URL (http:// on this machine only). A change replaces. */
  endpoint?: pulumi.Input<string>;
  /** A role to assume. A change is recorded; one that leads to another account replaces. */
  assumeRoleArn?: pulumi.Input<string>;
  /** The key that encrypts the secret. A change updates; taken away, the secret stays under the key it has. @default AWS's own key */
  kmsKeyId?: pulumi.Input<string>;
  /** Up to 35 tags of the secret beside ours. A change updates. */
  tags?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** How many days, 7 to 30, a deleted secret can be restored. A change updates, and counts for the next deletion. @default 30 */
  recoveryWindowInDays?: pulumi.Input<number>;
}

/** Which jobs of AWS Glue hold off a disconnect while they run. */
export interface ExportGlueArgs {
  /**
   * Jobs whose runs hold off a disconnect whatever their arguments say. With names, only the runs of these jobs are
   * read, which needs `glue:GetJobRuns` on them. A change updates.
   */
  jobNames?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Reads the runs of every job of account and region: those whose arguments, or those of their job, name the secret
   * or the claim hold off a disconnect too. Needs `glue:GetJobs` and `glue:GetJobRuns` on all jobs. A change updates.
   * @default true without `jobNames`, false with them
   */
  scanAllJobs?: pulumi.Input<boolean>;
}

/** Where the log-in goes in place of the service's public address. A change is recorded for the next validation. */
export interface ExportValidationArgs {
  /** The service's address, an https:// URL (http:// on this machine only): private link, a national cloud. */
  endpoint?: pulumi.Input<string>;
  /** The address of the log-in, where it is another one (Power BI: Entra). */
  authorityEndpoint?: pulumi.Input<string>;
}

/** What every export destination takes beside its credentials. */
export interface ExportDestinationCommonArgs {
  /** Display name: letters, digits, `-`, `_`, `.`. A change replaces. @default the resource's name */
  name?: pulumi.Input<string>;
  /** Whose destination it is: letters, digits, `-`, `_`, `.`. A change replaces. */
  organizationId: pulumi.Input<string>;
  /** Goes before the names of secret and claim; one per environment where several share an AWS account. A change replaces. @default none */
  secretNamePrefix?: pulumi.Input<string>;
  /** A fixed id: letters, digits, `-`, `_`, `.`; the ARN then stays when the credentials change. A change replaces. @default derived, with a revision number */
  destinationId?: pulumi.Input<string>;
  aws?: pulumi.Input<ExportAwsArgs>;
  glue?: pulumi.Input<ExportGlueArgs>;
  /**
   * What to do when a secret of ours with this name is inside its recovery window: refuse with the date, or restore
   * and overwrite it. The secret of a destination that is active, or whose disconnect was cut off, is restored in any
   * case. A change is recorded.
   * @default "fail"
   */
  onPendingDeletion?: pulumi.Input<"fail" | "restore">;
  /**
   * An address service that answers with our own address as text, asked where the server does not tell it, for the log
   * line `export_secret_ip_check`; `false` asks nobody. A change is recorded.
   * @default "https://checkip.amazonaws.com"
   */
  egressIpService?: pulumi.Input<string | false>;
  validation?: pulumi.Input<ExportValidationArgs>;
  /**
   * A change lets credentials that the service refused (user, password, key, token) be tried once more, for a key that
   * was attached since; by themselves they are not sent again, because services lock accounts. Any other failure is
   * tried again by the next `up`. On a working destination a change is recorded only.
   */
  retryTrigger?: pulumi.Input<string>;
}

/** The arguments of `ExportDestination`. */
export interface ExportDestinationArgs extends ExportDestinationCommonArgs {
  /**
   * A change replaces a working destination: the new credentials are validated and stored, the claim moves, and only
   * then the old one is disconnected. A failed one is tried anew in place.
   */
  credentials: pulumi.Input<ExportCredentialsArgs>;
}

/** What both classes put out. */
export abstract class ExportDestinationResource extends pulumi.dynamic.Resource {
  /** The destination's id; after a failed attempt another one than the resource's own `id`. */
  declare readonly destinationId: pulumi.Output<string>;
  declare readonly status: pulumi.Output<Status>;
  declare readonly integrationStatus: pulumi.Output<IntegrationStatus>;
  /** The non-sensitive fields of the credentials. */
  declare readonly destinationMetadata: pulumi.Output<DestinationMetadata>;
  /** Undefined while nothing is stored. */
  declare readonly secretArn: pulumi.Output<string | undefined>;
  /** `[<prefix>/]exports/org_<organizationId>/<name>_<destinationId>`; undefined while nothing is stored. */
  declare readonly secretName: pulumi.Output<string | undefined>;
  /**
   * The stable name for consumers: a secret without credentials whose version stage `HOLDER` names the active
   * destination and its ARN, also across replacements.
   */
  declare readonly claimName: pulumi.Output<string>;
  /** Why validation failed, or what somebody else changed; "" if neither. */
  declare readonly errorMessage: pulumi.Output<string>;
  /** The address that the last validation came from; "" where it is not known. */
  declare readonly egressIp: pulumi.Output<string>;
  /** The latest last, bounded. */
  declare readonly statusHistory: pulumi.Output<StatusChange[]>;
  /** Every try to validate credentials, the latest last, bounded. */
  declare readonly attempts: pulumi.Output<Attempt[]>;
  /** ISO 8601. */
  declare readonly createdAt: pulumi.Output<string>;
  /** ISO 8601; "" until the first validation that passed. */
  declare readonly validatedAt: pulumi.Output<string>;

  protected constructor(
    name: string,
    { credentials, ...args }: ExportDestinationArgs,
    opts?: pulumi.CustomResourceOptions,
  ) {
    requireWholeCredentials(name, opts);
    const inputs = {
      ...args,
      credentials: hideLeaves(credentials),
      fingerprintKey: pulumi.secret(""),
      pulumiContext: buildPulumiContext("ExportDestination", name, opts),
    };
    const moved = withFormerTypes(
      opts,
      "snowflake-secrets:index:ExportDestination",
      "snowflake-secrets:index:SnowflakeExportDestination",
    );
    super(provider, name, { ...destinationOutputs, ...inputs }, moved, "snowflake", "ExportDestination");
    if (opts?.deleteBeforeReplace === true) {
      void pulumi.log.warn(
        "deleteBeforeReplace takes the working destination away before the new credentials have proved themselves; without it a replacement has no gap.",
        this,
      );
    }
  }
}

/**
 * Proves that the credentials of a PostgreSQL server, a Qlik Cloud tenant, a Power BI workspace or a Snowflake
 * warehouse work, keeps them in AWS Secrets Manager for export jobs to read, and takes them away safely.
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
function hideLeaves(credentials: pulumi.Input<ExportCredentialsArgs>): pulumi.Input<unknown> {
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
