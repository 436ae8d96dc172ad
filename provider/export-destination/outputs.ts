import * as z from "zod";
import type { Immutable } from "../core/immutable.js";
import { stateVersion } from "../engine/state-version.js";

const status = z
  .enum(["Pending", "Testing", "Validated", "Failed"])
  .meta({ id: "Status", description: "The status of the check." });

/** The output `integrationStatus`. */
export const integrationStatus = z.enum(["Connected", "Error", "Disconnected"]).meta({
  id: "IntegrationStatus",
  description: "The status of the integration.",
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
    description: "The destination's id. After a failed attempt it differs from the resource's `id`.",
    lasts: "validated",
  }),
  status,
  integrationStatus,
  destinationMetadata,
  secretArn: z
    .string()
    .exactOptional()
    .meta({
      description: "Absent until the credentials are stored.",
      repeats: ["name", "organizationId", "secretNamePrefix", "destinationId"],
      lasts: "validated",
    }),
  secretName: z
    .string()
    .exactOptional()
    .meta({
      description:
        "`[<prefix>/]exports/org_<organizationId>/<name>_<destinationId>`; absent until the credentials are stored.",
      repeats: ["name", "organizationId", "secretNamePrefix", "destinationId"],
      lasts: "validated",
    }),
  claimName: z.string().meta({
    description:
      "The name of the claim, which never changes: a secret without credentials. Its version stage `HOLDER` names the active destination and its ARN.",
    repeats: ["organizationId", "secretNamePrefix"],
    lasts: "always",
  }),
  errorMessage: z.string().describe("Why the check failed, or what someone else changed. Empty if neither."),
  egressIp: z
    .string()
    .describe("The public address of the machine that ran the last check. Empty if unknown."),
  statusHistory: z
    .array(statusChange)
    .meta({ description: "The newest is last. Old entries are removed.", repeats: ["destinationId"] }),
  attempts: z.array(attempt).meta({
    description: "The attempts to check credentials. The newest is last. Old entries are removed.",
    repeats: ["destinationId"],
  }),
  createdAt: z.string().meta({ description: "ISO 8601.", lasts: "validated" }),
  validatedAt: z.string().meta({
    description: "ISO 8601. Empty until the first successful check.",
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
/** One try to validate credentials. */
export type Attempt = DestinationOutputs["attempts"][number];
