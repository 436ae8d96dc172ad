import * as z from "zod";
import { assumeRoleArn, endpoint, region } from "../../aws/settings-schema.js";
import type { Immutable } from "../../core/immutable.js";
import { trigger } from "../../engine/trigger.js";
import { holdsUnknown, isKnown, isUnknown, type Known, orUnknown } from "../../engine/unknown.js";
import { requiredName, requiredText } from "../credentials/fields.js";
import {
  exportCredentialsArguments,
  exportTypes,
  snowflakeCredentialsArguments,
} from "../credentials/index.js";
import { payloadFormats } from "../credentials/payload.js";
import {
  buildClaimName,
  buildSecretName,
  derivedDestinationIdLength,
  maxSecretNameLength,
} from "../secret/names.js";

const segment = /^[A-Za-z0-9_.-]+$/;
const segmentRule = "must be letters, digits, '-', '_' and '.' (no '/').";
const slug = orUnknown(requiredText.regex(segment, segmentRule));
/** What is found again by a tag: AWS keeps 256 characters of it. */
const taggedSlug = orUnknown(
  requiredText.regex(segment, segmentRule).max(256, "must not be longer than 256 characters."),
);

/** Tags of ours begin so; a user's tags may not. */
export const tagPrefix = "pulumi-snowflake-secrets:";

const tagText = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const maxUserTags = 35;

const tagValue = orUnknown(z.string("must be a string.").max(256, "must not be longer than 256 characters."));
const tags = z.record(z.string(), tagValue).superRefine((given, context) => {
  const refuse = (path: string[], message: string) => context.addIssue({ code: "custom", path, message });
  if (Object.keys(given).length > maxUserTags) refuse([], `there may be at most ${maxUserTags} tags.`);
  for (const [name, value] of Object.entries(given)) {
    if (/^aws:/i.test(name) || name.startsWith(tagPrefix) || name === "managed-by") {
      refuse([name], `a tag may not be named "managed-by" nor begin with "aws:" or "${tagPrefix}".`);
    } else if (
      name === "" ||
      name.length > 128 ||
      !tagText.test(name) ||
      !(isUnknown(value) || tagText.test(value))
    ) {
      refuse([name], "a tag may hold letters, digits, spaces and _.:/=+-@; its name 1 to 128 characters.");
    }
  }
});

const awsArguments = z
  .strictObject({
    region: orUnknown(region).optional().meta({
      description: "A change replaces. Default: AWS_REGION, or the profile's.",
      replaces: true,
    }),
    profile: orUnknown(requiredText)
      .optional()
      .describe(
        "A profile of AWS's configuration files. A change is recorded; one that leads to another account replaces.",
      ),
    endpoint: orUnknown(endpoint).optional().meta({
      description:
        "The address of every service, an https:// URL (http:// on this machine only). A change replaces.",
      replaces: true,
    }),
    assumeRoleArn: orUnknown(assumeRoleArn)
      .optional()
      .describe("A role to assume. A change is recorded; one that leads to another account replaces."),
    kmsKeyId: orUnknown(requiredText)
      .optional()
      .describe(
        "The key that encrypts the secret. A change updates. If you remove the argument, the secret keeps its key. Default: AWS's own key.",
      ),
    tags: orUnknown(tags)
      .optional()
      .describe("Up to 35 tags of the secret, beside those of this package. A change updates."),
    recoveryWindowInDays: orUnknown(
      z
        .number("must be a number.")
        .int("must be a whole number of days.")
        .min(7, "must be 7 to 30 days.")
        .max(30, "must be 7 to 30 days."),
    )
      .optional()
      .describe(
        "How many days, 7 to 30, a deleted secret can be restored. A change updates, and counts for the next deletion. Default: 30.",
      ),
  })
  .meta({
    id: "ExportAws",
    description:
      "The AWS account, region and identity. Fields that are not set are taken from the environment, as by every AWS tool.",
  });

const glueArguments = z
  .strictObject({
    jobNames: orUnknown(z.array(orUnknown(requiredName)))
      .optional()
      .describe(
        "Jobs whose runs prevent a disconnect, whatever their arguments are. With names, only the runs of these jobs are read, which needs `glue:GetJobRuns` on them. A change updates.",
      ),
    scanAllJobs: orUnknown(z.boolean("must be true or false."))
      .optional()
      .describe(
        "Also reads the runs of all other jobs in the account and region. A run prevents a disconnect if its arguments, or those of its job, name the secret or the claim. Needs `glue:GetJobs` and `glue:GetJobRuns` on all jobs. A change updates. Default: true without `jobNames`, false with them.",
      ),
  })
  .refine(
    ({ jobNames = [], scanAllJobs }) => isUnknown(jobNames) || jobNames.length > 0 || scanAllJobs !== false,
    {
      path: ["scanAllJobs"],
      message:
        "without glue.jobNames no job would be looked at before a disconnect: name the jobs, or leave it out.",
    },
  )
  .meta({ id: "ExportGlue", description: "Which AWS Glue jobs prevent a disconnect while they run." });

const nameMeta = {
  description:
    "Display name: letters, digits, `-`, `_`, `.`. A change replaces. Default: the resource's name.",
  replaces: true,
} as const;

/** What a program may write, but for `credentials`, which has a schema per type. */
export const destinationArguments = z
  .strictObject({
    name: slug.meta(nameMeta),
    organizationId: taggedSlug.meta({
      description:
        "The organization that the destination belongs to: letters, digits, `-`, `_`, `.`, at most 256 characters. A change replaces.",
      replaces: true,
    }),
    secretNamePrefix: orUnknown(
      z
        .string("must be a string.")
        .regex(
          /^[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/,
          "must be names of letters, digits, '-', '_' and '.', joined by '/'.",
        ),
    )
      .optional()
      .meta({
        description:
          "A prefix of the names of secret and claim. Use one per environment if several environments share an AWS account. A change replaces. Default: none.",
        replaces: true,
      }),
    destinationId: taggedSlug.optional().meta({
      description:
        "A fixed id: letters, digits, `-`, `_`, `.`, at most 256 characters; with it, the ARN stays the same when the credentials change. A change replaces. Default: a derived id with a revision number.",
      replaces: true,
    }),
    aws: orUnknown(awsArguments).optional(),
    glue: orUnknown(glueArguments).optional(),
    onPendingDeletion: orUnknown(z.enum(["fail", "restore"]).meta({ id: "OnPendingDeletion" }))
      .default("fail")
      .describe(
        "What to do if a secret of this destination with the same name is scheduled for deletion: fail with the date, or restore and overwrite it. The secret of an active destination is always restored. A change only updates the state.",
      ),
    egressIpService: orUnknown(z.union([z.literal(false), endpoint], "must be an https:// URL, or false."))
      .optional()
      .describe(
        "A service that returns this machine's public address as text. It is asked if the server does not report the address, for the event `export_secret_ip_check`. `false` asks no service. A change only updates the state. Default: https://checkip.amazonaws.com.",
      ),
    validation: orUnknown(
      z
        .strictObject({
          endpoint: orUnknown(endpoint)
            .optional()
            .describe(
              "The service's address, an https:// URL (http:// on this machine only): private link, a national cloud.",
            ),
          authorityEndpoint: orUnknown(endpoint)
            .optional()
            .describe("The address of the log-in, where it is another one (Power BI: Entra)."),
        })
        .meta({
          id: "ExportValidation",
          description: "Where the log-in goes in place of the service's public address.",
        }),
    )
      .optional()
      .describe(
        "Other addresses for the login that checks the credentials. A change is used by the next check.",
      ),
    payloadFormat: orUnknown(z.enum(payloadFormats).meta({ id: "PayloadFormat" }))
      .optional()
      .meta({
        description:
          "Under which names the secret holds the credentials: `default` (the names of `credentials`), `glue` and `athena` (the Snowflake connections of AWS Glue and Amazon Athena), `rds` (the names of Amazon RDS, for PostgreSQL), or `custom` (those of `payloadNames`). A change replaces a working destination without a gap, as changed credentials do. Default: `default`.",
        replaces: true,
      }),
    payloadNames: orUnknown(z.record(z.string(), taggedSlug)).optional().meta({
      description:
        'With `payloadFormat: "custom"`, the name of each field of `credentials` in the secret: `{ username: "DB_USER" }`. Letters, digits, `-`, `_`, `.`, at most 256 characters. Each secret field needs a name. Any other field without a name is not stored. A change replaces, as one of `payloadFormat`.',
      replaces: true,
    }),
    retryTrigger: trigger
      .optional()
      .describe(
        "Change it to try refused credentials (user, password, key, token) once more, for example after you attached the key to the user. Refused credentials are not sent again by themselves, because services lock accounts. Any other failure is tried again by the next `up`. On a working destination, a change only updates the state.",
      ),
  })
  .superRefine(({ name, organizationId, secretNamePrefix, destinationId }, context) => {
    const parts = { name, organizationId, secretNamePrefix, destinationId };
    if (!isKnown(parts)) return;
    const id = parts.destinationId ?? "0".repeat(derivedDestinationIdLength);
    const names = [
      buildSecretName(parts, parts.name, id),
      ...exportTypes.map((type) => buildClaimName({ ...parts, type })),
    ];
    if (names.some((each) => each.length > maxSecretNameLength)) {
      context.addIssue({
        code: "custom",
        path: ["name"],
        message: `the secret's name, [<prefix>/]exports/org_<organizationId>/<name>_<destinationId>, would be longer than ${maxSecretNameLength} characters: shorten name, organizationId or secretNamePrefix.`,
      });
    }
  });

const credentialsMeta = {
  description:
    "The credentials for the export jobs. The state stores only keyed fingerprints of secret fields. A change replaces a working destination without a gap: the new credentials are checked and stored, the claim moves, then the old destination is disconnected. A failed destination is tried again in place.",
  secret: true,
  leaves: "fingerprints",
  replaces: true,
} as const;

// The name is found by `check` where the program gives none.
const programFields = { ...destinationArguments.shape, name: slug.optional().meta(nameMeta) };

/** Every argument of `ExportDestination` as a program gives it. */
export const exportDestinationArguments = z.strictObject({
  ...programFields,
  credentials: exportCredentialsArguments.meta(credentialsMeta),
});

/** Every argument of `SnowflakeExportDestination` as a program gives it. */
export const snowflakeExportDestinationArguments = z.strictObject({
  ...programFields,
  credentials: z
    .strictObject({
      ...snowflakeCredentialsArguments.shape,
      type: snowflakeCredentialsArguments.shape.type.optional().describe("Implied."),
    })
    .meta({ ...snowflakeCredentialsArguments.meta(), id: "SnowflakeCredentials" })
    .meta(credentialsMeta),
});

const fingerprint = orUnknown(z.string());

/** What `check` adds to the arguments, and leaves of the credentials, for the engine to keep and show. */
export const addedInputs = z.object({
  type: orUnknown(z.enum(exportTypes)),
  /** The non-sensitive fields of the credentials. */
  destinationMetadata: orUnknown(z.record(z.string(), orUnknown(z.union([z.string(), z.number()])))),
  /** A keyed fingerprint for each other field, so that a preview shows which one changes. */
  credentialFingerprints: orUnknown(z.record(z.string(), fingerprint)),
  /** A keyed fingerprint of the credentials as a whole. */
  credentialsFingerprint: fingerprint,
  fingerprintKey: z.string().meta({ secret: true }),
  ownerId: z.string(),
  /** The account that the AWS settings lead to; "" where `notReadable` says why it is not known. */
  awsAccountId: orUnknown(z.string()).meta({ replaces: true }),
  awsRegion: orUnknown(z.string()).meta({ replaces: true }),
  /**
   * Why AWS did not tell account and region, where `check` is not told whether this is a preview. It counts as a
   * change, and what writes refuses it, so it never reaches the state.
   */
  notReadable: z.object({ AWS: z.object({ what: z.string(), fix: z.string() }) }).exactOptional(),
});

/** The arguments after parsing: exact types, defaults filled. */
export type DestinationArguments = z.output<typeof destinationArguments>;

/** What `check` answers, and the engine keeps and shows. In a preview some of it may be unknown. */
export interface DestinationInputs extends DestinationArguments, Immutable<z.infer<typeof addedInputs>> {}

/** The inputs in `up`, where nothing is unknown. */
export type KnownInputs = Known<DestinationInputs>;

/** What has to be known before AWS can be looked at. */
const lookedUpWith = [
  "type",
  "name",
  "organizationId",
  "secretNamePrefix",
  "destinationId",
  "aws",
  "glue",
  "onPendingDeletion",
  "awsAccountId",
  "awsRegion",
] as const satisfies readonly (keyof DestinationInputs)[];

/** The inputs of a preview that knows enough to plan: at most the credentials are unknown. */
export type PlannableInputs = Omit<DestinationInputs, (typeof lookedUpWith)[number]> &
  Pick<KnownInputs, (typeof lookedUpWith)[number]>;

/** The arguments that must be known before AWS can be looked at, and are not. */
export function findUnknownArguments(inputs: DestinationInputs): readonly string[] {
  return lookedUpWith.filter((argument) => holdsUnknown(inputs[argument]));
}

/** Whether all is known that a plan needs; the credentials may be unknown. */
export function isPlannable(inputs: DestinationInputs): inputs is PlannableInputs & DestinationInputs {
  return findUnknownArguments(inputs).length === 0;
}
