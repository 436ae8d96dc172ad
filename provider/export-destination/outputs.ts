import * as z from "zod";
import type { Immutable } from "../core/immutable.js";
import { stateVersion } from "../engine/state-version.js";

const status = z
  .enum(["Pending", "Testing", "Validated", "Failed"])
  .meta({ id: "Status", description: "Where the validation stands." });

/** The output `integrationStatus`. */
export const integrationStatus = z.enum(["Connected", "Error", "Disconnected"]).meta({
  id: "IntegrationStatus",
  description: "Where the integration stands that the destination serves.",
});

/** The output `destinationMetadata`. */
export const destinationMetadata = z
  .record(z.string(), z.union([z.string(), z.number()]))
  .describe("The non-sensitive fields of the credentials.");

const statusChange = z
  .object({
    destinationId: z.string(),
    status,
    integrationStatus,
    at: z.string().describe("ISO 8601."),
    message: z.string().exactOptional(),
  })
  .meta({ id: "StatusChange", description: "An entry of `statusHistory`." });

const attempt = z
  .object({
    destinationId: z.string(),
    revision: z.int(),
    status,
    startedAt: z.string().describe("ISO 8601."),
    endedAt: z.string().exactOptional().describe("ISO 8601."),
    errorCode: z.string().exactOptional(),
    errorMessage: z.string().exactOptional(),
    egressIp: z.string().exactOptional(),
  })
  .meta({ id: "Attempt", description: "One try to validate credentials." });

/**
 * The outputs of a destination: what programs see, and what the preview, the schema, the SDKs and the documentation
 * name. `lasts: "validated"`: until it works, each attempt is a destination of its own.
 */
export const destinationOutputs = z.object({
  destinationId: z.string().meta({
    description: "The destination's id; after a failed attempt another one than the resource's own `id`.",
    lasts: "validated",
  }),
  status,
  integrationStatus,
  destinationMetadata,
  secretArn: z
    .string()
    .exactOptional()
    .meta({
      description: "Absent while nothing is stored.",
      repeats: ["name", "organizationId", "secretNamePrefix", "destinationId"],
      lasts: "validated",
    }),
  secretName: z
    .string()
    .exactOptional()
    .meta({
      description:
        "`[<prefix>/]exports/org_<organizationId>/<name>_<destinationId>`; absent while nothing is stored.",
      repeats: ["name", "organizationId", "secretNamePrefix", "destinationId"],
      lasts: "validated",
    }),
  claimName: z.string().meta({
    description:
      "The stable name for consumers: a secret without credentials whose version stage `HOLDER` names the active destination and its ARN, also across replacements.",
    repeats: ["organizationId", "secretNamePrefix"],
    lasts: "always",
  }),
  errorMessage: z.string().describe('Why validation failed, or what somebody else changed; "" if neither.'),
  egressIp: z.string().describe('The address that the last validation came from; "" where it is not known.'),
  statusHistory: z
    .array(statusChange)
    .meta({ description: "The latest last, bounded.", repeats: ["destinationId"] }),
  attempts: z.array(attempt).meta({
    description: "Every try to validate credentials, the latest last, bounded.",
    repeats: ["destinationId"],
  }),
  createdAt: z.string().meta({ description: "ISO 8601.", lasts: "validated" }),
  validatedAt: z.string().meta({
    description: 'ISO 8601; "" until the first validation that passed.',
    lasts: "validated",
  }),
});

/** What the state keeps beside them. */
export const destinationInternals = z.object({
  stateVersion: z.literal(stateVersion),
  /** Whether `destinationId` was given as an argument. */
  destinationIdIsFixed: z.boolean(),
  revision: z.int(),
  /** `organization/project/stack/name` at the last write; "" after an import. */
  place: z.string(),
  /** The version that we stored; another current one is somebody else's. */
  secretVersionId: z.string().exactOptional(),
  errorCode: z.string().exactOptional(),
  /** `errorMessage` in its parts. */
  errorExplanation: z.object({ what: z.string(), fix: z.string() }).exactOptional(),
});

type Kept<T extends z.ZodType> = Immutable<z.infer<T>>;

/** What a destination adds to its inputs. */
export type DestinationOutputs = Kept<typeof destinationOutputs> & Kept<typeof destinationInternals>;

/** `Pending`, `Testing`, `Validated` or `Failed`. */
export type Status = DestinationOutputs["status"];
/** `Connected`, `Error` or `Disconnected`. */
export type IntegrationStatus = DestinationOutputs["integrationStatus"];
/** The non-sensitive fields of credentials, by name. */
export type DestinationMetadata = DestinationOutputs["destinationMetadata"];
/** One try to validate credentials. */
export type Attempt = DestinationOutputs["attempts"][number];
