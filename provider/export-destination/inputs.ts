import { z } from "zod";
import { requiredText } from "./credentials/fields.js";
import { type ExportType, exportTypes } from "./credentials/index.js";
import { buildClaimName, buildSecretName, derivedDestinationIdLength, maxSecretNameLength } from "./names.js";
import type { DestinationMetadata } from "./records.js";

const segment = /^[A-Za-z0-9_.-]+$/;
const segmentRule = "must be letters, digits, '-', '_' and '.' (no '/').";
const slug = requiredText.regex(segment, segmentRule);

const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** A URL that secrets may be sent to: `https:`, or `http:` on this machine alone. */
const endpoint = requiredText.refine((value) => {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || url.username !== "" || url.password !== "") return false;
  return url.protocol === "https:" || (url.protocol === "http:" && loopback.test(url.hostname));
}, "must be an https:// URL without user and password (http:// on this machine only).");

/** Tags of ours begin so; a user's tags may not. */
export const tagPrefix = "pulumi-snowflake-secrets:";

const tagText = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const maxUserTags = 35;

const tags = z
  .record(z.string(), z.string("must be a text.").max(256, "must not be longer than 256 characters."))
  .superRefine((given, context) => {
    const refuse = (path: string[], message: string) => context.addIssue({ code: "custom", path, message });
    if (Object.keys(given).length > maxUserTags) refuse([], `there may be at most ${maxUserTags} tags.`);
    for (const [name, value] of Object.entries(given)) {
      if (/^aws:/i.test(name) || name.startsWith(tagPrefix) || name === "managed-by") {
        refuse([name], `a tag may not be named "managed-by" nor begin with "aws:" or "${tagPrefix}".`);
      } else if (name === "" || name.length > 128 || !tagText.test(name) || !tagText.test(value)) {
        refuse([name], "a tag may hold letters, digits, spaces and _.:/=+-@; its name 1 to 128 characters.");
      }
    }
  });

/** The `aws` argument. */
export const awsArgsSchema = z.strictObject({
  region: requiredText.optional(),
  profile: requiredText.optional(),
  endpoint: endpoint.optional(),
  assumeRoleArn: requiredText
    .regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/, "must be the ARN of an IAM role.")
    .optional(),
  kmsKeyId: requiredText.optional(),
  tags: tags.optional(),
  recoveryWindowInDays: z
    .number("must be a number.")
    .int("must be a whole number of days.")
    .min(7, "must be 7 to 30 days.")
    .max(30, "must be 7 to 30 days.")
    .optional(),
});

/** What a program may write, but for `credentials`, which has a schema per type. */
export const destinationArgsSchema = z
  .strictObject({
    name: slug,
    organizationId: slug,
    secretNamePrefix: z
      .string("must be a text.")
      .regex(
        /^[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/,
        "must be names of letters, digits, '-', '_' and '.', joined by '/'.",
      )
      .optional(),
    destinationId: slug.optional(),
    aws: awsArgsSchema.optional(),
    glue: z.strictObject({ jobNames: z.array(requiredText).optional() }).optional(),
    onPendingDeletion: z.enum(["fail", "restore"]).default("fail"),
    egressIpService: z.union([z.literal(false), endpoint], "must be an https:// URL, or false.").optional(),
    validation: z
      .strictObject({ endpoint: endpoint.optional(), authorityEndpoint: endpoint.optional() })
      .optional(),
    retryTrigger: z.string("must be a text.").optional(),
  })
  .superRefine((args, context) => {
    const id = args.destinationId ?? "0".repeat(derivedDestinationIdLength);
    const names = [
      buildSecretName(args, args.name, id),
      ...exportTypes.map((type) => buildClaimName({ ...args, type })),
    ];
    if (names.some((name) => name.length > maxSecretNameLength)) {
      context.addIssue({
        code: "custom",
        path: ["name"],
        message: `the secret's name, [<prefix>/]exports/org_<organizationId>/<name>_<destinationId>, would be longer than ${maxSecretNameLength} characters: shorten name, organizationId or secretNamePrefix.`,
      });
    }
  });

export type DestinationArgs = z.output<typeof destinationArgsSchema>;

/** What `check` answers: the arguments without credentials, and what it found out. */
export interface CheckedInputs extends DestinationArgs {
  readonly type: ExportType;
  /** The non-sensitive fields of the credentials. */
  readonly destinationMetadata: DestinationMetadata;
  /** A keyed fingerprint for each other field, so that a preview shows which one changes. */
  readonly credentialFingerprints: Readonly<Record<string, string>>;
  /** A keyed fingerprint of the credentials as a whole. */
  readonly credentialsFingerprint: string;
  readonly fingerprintKey: string;
  readonly ownerId: string;
  readonly awsAccountId: string;
  readonly awsRegion: string;
}
