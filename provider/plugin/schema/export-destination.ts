import * as z from "zod";
import {
  exportCredentialsArguments,
  snowflakeCredentialsArguments,
} from "../../export-destination/credentials/index.js";
import { destinationArguments } from "../../export-destination/inputs/arguments.js";
import type { IntegrationStatus, Status, StatusChange } from "../../export-destination/lifecycle.js";
import { type ListedDestination, queryArguments } from "../../export-destination/listing.js";
import type { Attempt, DestinationMetadata } from "../../export-destination/state.js";
import type { FunctionSpec, ObjectTypeSpec, ResourceSpec } from "./package-spec.js";
import type { TypeSpecs } from "./type-specs.js";

const credentialsMeta = {
  description:
    "No field of them reaches the state, but as a keyed fingerprint. A change replaces a working destination: the new credentials are validated and stored, the claim moves, and only then the old one is disconnected. A failed one is tried anew in place.",
  secret: true,
  replaces: true,
};

// Found by the host where the program gives none.
const common = { ...destinationArguments.shape, name: destinationArguments.shape.name.optional() };

const inputs = z.strictObject({ ...common, credentials: exportCredentialsArguments.meta(credentialsMeta) });

const snowflakeInputs = z.strictObject({
  ...common,
  credentials: z
    .strictObject({
      ...snowflakeCredentialsArguments.shape,
      type: snowflakeCredentialsArguments.shape.type.optional().describe("Implied."),
    })
    .meta(credentialsMeta),
});

const status = z.enum(["Pending", "Testing", "Validated", "Failed"]) satisfies z.ZodType<Status>;
const integrationStatus = z.enum([
  "Connected",
  "Error",
  "Disconnected",
]) satisfies z.ZodType<IntegrationStatus>;
const destinationMetadata: z.ZodType<DestinationMetadata> = z
  .record(z.string(), z.union([z.string(), z.number()]))
  .describe("The non-sensitive fields of the credentials.");

const statusChange = z.object({
  destinationId: z.string(),
  status,
  integrationStatus,
  at: z.string().describe("ISO 8601."),
  message: z.string().exactOptional(),
}) satisfies z.ZodType<StatusChange>;

const attempt = z.object({
  destinationId: z.string(),
  revision: z.int(),
  status,
  startedAt: z.string().describe("ISO 8601."),
  endedAt: z.string().exactOptional().describe("ISO 8601."),
  errorCode: z.string().exactOptional(),
  errorMessage: z.string().exactOptional(),
  egressIp: z.string().exactOptional(),
}) satisfies z.ZodType<Attempt>;

const outputs = z.object({
  destinationId: z
    .string()
    .describe("The destination's id; after a failed attempt another one than the resource's own `id`."),
  status: status.describe("Where the validation stands."),
  integrationStatus: integrationStatus.describe("Where the integration stands that the destination serves."),
  destinationMetadata,
  secretArn: z.string().optional().describe("Absent while nothing is stored."),
  secretName: z
    .string()
    .optional()
    .describe(
      "`[<prefix>/]exports/org_<organizationId>/<name>_<destinationId>`; absent while nothing is stored.",
    ),
  claimName: z
    .string()
    .describe(
      "The stable name for consumers: a secret without credentials whose version stage `HOLDER` names the active destination and its ARN, also across replacements.",
    ),
  errorMessage: z.string().describe('Why validation failed, or what somebody else changed; "" if neither.'),
  egressIp: z.string().describe('The address that the last validation came from; "" where it is not known.'),
  statusHistory: z.array(statusChange).describe("The latest last, bounded."),
  attempts: z.array(attempt).describe("Every try to validate credentials, the latest last, bounded."),
  createdAt: z.string().describe("ISO 8601."),
  validatedAt: z.string().describe('ISO 8601; "" until the first validation that passed.'),
});

const names = {
  aws: "ExportAws",
  glue: "ExportGlue",
  validation: "ExportValidation",
  credentials: "ExportCredentials",
  status: "Status",
  integrationStatus: "IntegrationStatus",
  onPendingDeletion: "OnPendingDeletion",
  statusHistory: "StatusChange",
  attempts: "Attempt",
};

export function buildExportDestination(types: TypeSpecs): ResourceSpec {
  return build(
    types,
    inputs,
    "Proves that the credentials of a PostgreSQL server, a Qlik Cloud tenant, a Power BI workspace or a Snowflake warehouse work, keeps them in AWS Secrets Manager for export jobs to read, and takes them away safely.",
    names,
  );
}

export function buildSnowflakeExportDestination(types: TypeSpecs): ResourceSpec {
  return build(
    types,
    snowflakeInputs,
    'Proves that Snowflake credentials work, keeps them in AWS Secrets Manager for export jobs to read, and takes them away safely. `ExportDestination` of type "snowflake" under its own name.',
    { ...names, credentials: "SnowflakeCredentials" },
  );
}

function build(
  types: TypeSpecs,
  args: z.ZodObject,
  description: string,
  called: Readonly<Record<string, string>>,
): ResourceSpec {
  const given = types.buildObject(args, "Export", called);
  return {
    description,
    inputProperties: given.properties,
    requiredInputs: given.required,
    ...types.buildObject(outputs, "Export", called),
    aliases: [{ type: "pulumi-nodejs:dynamic/snowflake:ExportDestination" }],
  };
}

const listedDestination = z.object({
  destinationId: z.string(),
  revision: z.int(),
  name: z.string(),
  organizationId: z.string(),
  type: queryArguments.shape.type.unwrap(),
  integrationStatus: integrationStatus.describe(
    "`Connected`: the active one. `Error`: stored, but the claim does not name it, as an operation was interrupted.",
  ),
  isArchived: z.boolean(),
  place: z
    .string()
    .exactOptional()
    .describe(
      "The Pulumi place that made it, `organization/project/stack/name`; absent where only tags are left.",
    ),
  destinationMetadata,
  secretName: z.string(),
  secretArn: z.string().exactOptional().describe("Absent once the secret is gone for good."),
  createdAt: z.string().exactOptional().describe("ISO 8601."),
  archivedAt: z.string().exactOptional().describe("ISO 8601."),
  disconnectedAt: z.string().exactOptional().describe("ISO 8601."),
  deletionDate: z.string().exactOptional().describe("When the secret goes, or went, for good."),
}) satisfies z.ZodType<ListedDestination>;

const listingNames = { aws: "AwsSettings", type: "ExportType", integrationStatus: "IntegrationStatus" };

export function buildDestinationListings(types: TypeSpecs): Record<string, FunctionSpec> {
  const object = (schema: z.ZodObject, called = {}): ObjectTypeSpec => ({
    type: "object",
    ...types.buildObject(schema, "Listed", { ...listingNames, ...called }),
  });
  return {
    listExportDestinations: {
      description:
        "Lists the export destinations of an organization, active ones first, then archived ones, the latest first; none of their fields is secret.",
      inputs: object(queryArguments),
      outputs: object(z.object({ destinations: z.array(listedDestination) }), {
        destinations: "ListedDestination",
      }),
    },
    getExportDestination: {
      description: "Finds one export destination, active or archived.",
      inputs: object(
        z.object({
          ...queryArguments.shape,
          destinationId: z.string().describe("The destination's id."),
        }),
      ),
      outputs: object(listedDestination),
    },
  };
}
