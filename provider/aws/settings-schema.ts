import * as z from "zod";
import { parseSafeUrl } from "../core/safe-url.js";

// Of an empty text nothing else is said.
const text = z.string("must be a string.").min(1, { error: "must not be empty.", abort: true });

/** A URL that secrets may be sent to: `https:`, or `http:` on this machine alone. */
export const endpoint = text.refine(
  (value) => parseSafeUrl(value) !== undefined,
  "must be an https:// URL without user and password (http:// on this machine only).",
);

/** The ARN of an IAM role, in any partition. */
export const assumeRoleArn = text.regex(
  /^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/,
  "must be the ARN of an IAM role.",
);

/** The name of an AWS region. */
export const region = text.regex(
  /^[a-z]{2,}(-[a-z]+)+-\d+$/,
  "must be the name of an AWS region, such as eu-central-1.",
);

/** Which AWS, and as whom, for what only reads. */
export const awsSettingsArguments = z
  .strictObject({
    region: region.optional().describe("Default: AWS_REGION, or the profile's."),
    profile: text.optional().describe("A profile of AWS's configuration files."),
    endpoint: endpoint
      .optional()
      .describe(
        "The address of every service, in place of AWS's own: an https:// URL (http:// on this machine only).",
      ),
    assumeRoleArn: assumeRoleArn.optional().describe("A role to assume."),
  })
  .meta({ id: "AwsSettings", description: "Which AWS, and as whom, for what only reads." });
