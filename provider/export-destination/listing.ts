import * as z from "zod";
import type { SecretDescription, SecretsManager } from "../aws/secrets-manager.js";
import { awsSettingsArguments } from "../aws/settings-schema.js";
import { withAws } from "../aws/with-aws.js";
import { ProviderError } from "../core/errors.js";
import type { Immutable } from "../core/immutable.js";
import { openClaim } from "./claim/claim.js";
import type { ClaimedDestination, ClaimRecord } from "./claim/record.js";
import { exportTypes } from "./credentials/index.js";
import { advance } from "./lifecycle.js";
import { destinationMetadata, type IntegrationStatus, integrationStatus } from "./outputs.js";
import { buildOrganizationPath, isDestinationName } from "./secret/names.js";
import { readMetadataTags, readTags } from "./secret/tags.js";

const name = z.string().regex(/^[A-Za-z0-9_.-]+$/, "must be letters, digits, '-', '_' and '.'.");

const type = z
  .enum(exportTypes)
  .meta({ id: "ExportType", description: "A kind of warehouse that exports can go to." });

/** Whose destinations to list, and where. */
export const queryArguments = z.strictObject({
  organizationId: name.describe("The organization of the destinations."),
  type: type.optional().describe("Only of this type. Default: every type."),
  secretNamePrefix: z
    .string()
    .min(1)
    .optional()
    .describe("Only with this prefix. Default: those without one."),
  aws: awsSettingsArguments
    .optional()
    .describe(
      "The AWS account, region and identity. Fields that are not set are taken from the environment, as by every AWS tool.",
    ),
});

/** Which destinations are listed, and through which AWS settings. */
export type DestinationQuery = Immutable<z.infer<typeof queryArguments>>;

/** A destination as a listing shows it; it holds no field that is secret. */
export const listedDestination = z
  .object({
    destinationId: z.string(),
    revision: z.int(),
    name: z.string(),
    organizationId: z.string(),
    type,
    integrationStatus: integrationStatus.describe(
      "`Connected`: the active destination. `Error`: stored, but not named by the claim, because an operation was interrupted.",
    ),
    isArchived: z.boolean(),
    place: z
      .string()
      .exactOptional()
      .describe(
        "The resource that created it, `organization/project/stack/name`. Absent if only tags are left.",
      ),
    destinationMetadata,
    secretName: z.string(),
    secretArn: z.string().exactOptional().describe("Absent after the secret was deleted."),
    createdAt: z.string().exactOptional().describe("ISO 8601."),
    archivedAt: z.string().exactOptional().describe("ISO 8601."),
    disconnectedAt: z.string().exactOptional().describe("ISO 8601."),
    deletionDate: z.string().exactOptional().describe("When the secret will be, or was, deleted."),
  })
  .meta({
    id: "ListedDestination",
    description: "A destination as a listing shows it; it holds no field that is secret.",
  });

/** A destination as its tags and its claim tell of it. */
export type ListedDestination = Immutable<z.infer<typeof listedDestination>>;

/**
 * The destinations of an organization, active ones first, then archived ones, the latest first.
 *
 * @throws `INVALID_INPUT`, `AWS_FAILED`
 */
export async function listDestinations(query: DestinationQuery): Promise<readonly ListedDestination[]> {
  const checked = parseQuery(query);
  return withAws(checked.aws ?? {}, ({ secrets }) => collect(secrets, checked));
}

/**
 * One destination, active or archived.
 *
 * @throws `NOT_FOUND`, and what `listDestinations` throws
 */
export async function getDestination({
  destinationId,
  ...query
}: DestinationQuery & { readonly destinationId: string }): Promise<ListedDestination> {
  const found = (await listDestinations(query)).find((listed) => listed.destinationId === destinationId);
  if (found !== undefined) return found;
  throw new ProviderError("NOT_FOUND", {
    operation: "export destination not found",
    target: `${buildOrganizationPath(query)}*_${destinationId}`,
    hint: "check destinationId, organizationId, secretNamePrefix, and the AWS account and region. `list destinations` shows all.",
  });
}

function parseQuery(query: DestinationQuery): DestinationQuery {
  const parsed = queryArguments.safeParse(query);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ProviderError("INVALID_INPUT", {
    operation: `${issue?.path.join(".") || "the query"}: ${issue?.message ?? "is not valid"}`,
    hint: "give organizationId. type, secretNamePrefix and aws are optional.",
  });
}

async function collect(secrets: SecretsManager, query: DestinationQuery): Promise<ListedDestination[]> {
  const types = query.type === undefined ? exportTypes : [query.type];
  const [found, ...records] = await Promise.all([
    secrets.list(buildOrganizationPath(query)),
    ...types.map(async (type) => (await openClaim(secrets, { ...query, type }).read())?.record),
  ]);
  const stored = found.filter(({ name }) => isDestinationName(query, name));
  const byName = new Map(stored.map((secret) => [secret.name, secret]));
  const claimed = records.flatMap((record) => (record === undefined ? [] : listRecord(record, byName)));
  const named = new Set(claimed.map(({ secretName }) => secretName));
  const others = stored.flatMap((secret) => (named.has(secret.name) ? [] : listTagged(secret)));
  const wanted = others.filter(({ type }) => types.some((each) => each === type));
  return [...claimed, ...wanted].sort(
    (a, b) => Number(a.isArchived) - Number(b.isArchived) || (latest(a) < latest(b) ? 1 : -1),
  );
}

function latest({ archivedAt, createdAt }: ListedDestination): string {
  return archivedAt ?? createdAt ?? "";
}

function listRecord(
  record: ClaimRecord,
  stored: ReadonlyMap<string, SecretDescription>,
): ListedDestination[] {
  const describe = (
    entry: Omit<ClaimedDestination, "status">,
    integrationStatus: IntegrationStatus,
  ): ListedDestination => {
    const secret = stored.get(entry.secretName);
    return {
      destinationId: entry.destinationId,
      revision: entry.revision,
      name: entry.name,
      organizationId: record.organizationId,
      type: record.type,
      integrationStatus,
      isArchived: integrationStatus === "Disconnected",
      place: entry.owner.place,
      destinationMetadata: entry.destinationMetadata,
      secretName: entry.secretName,
      createdAt: entry.since,
      ...(secret === undefined ? {} : { secretArn: secret.arn }),
      ...(secret?.deletionDate === undefined ? {} : { deletionDate: secret.deletionDate }),
    };
  };
  const current = [record.active, record.successor].flatMap((entry) =>
    entry == null ? [] : [describe(entry, entry.status === "connected" ? "Connected" : "Error")],
  );
  const archived = advance(
    { status: "Validated", integrationStatus: "Connected" },
    "disconnect",
  ).integrationStatus;
  return [
    ...current,
    ...record.archived.map(({ archivedAt, disconnectedAt, deletionDate, ...entry }) => ({
      ...describe(entry, archived),
      archivedAt,
      ...(disconnectedAt === undefined ? {} : { disconnectedAt }),
      ...(deletionDate === undefined ? {} : { deletionDate }),
    })),
  ];
}

/** A secret of ours that no claim names any more, or not yet. */
function listTagged(secret: SecretDescription): ListedDestination[] {
  const tags = readTags(secret);
  const type = exportTypes.find((known) => known === tags?.type);
  if (tags === undefined || type === undefined) return [];
  const isArchived = secret.deletionDate !== undefined;
  return [
    {
      destinationId: tags.destinationId,
      revision: tags.revision,
      name: tags.name,
      organizationId: tags.organizationId,
      type,
      integrationStatus: isArchived ? "Disconnected" : "Error",
      isArchived,
      destinationMetadata: readMetadataTags(secret),
      secretName: secret.name,
      secretArn: secret.arn,
      ...(secret.createdAt === undefined ? {} : { createdAt: secret.createdAt }),
      ...(secret.deletionDate === undefined ? {} : { deletionDate: secret.deletionDate }),
    },
  ];
}
