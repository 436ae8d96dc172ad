import { randomUUID } from "node:crypto";
import { z } from "zod";
import { managedByTag, managedByValue, type SecretsManager } from "../aws/secrets-manager.js";
import { ProviderError } from "../core/errors.js";
import { SecretValue } from "../core/secret-value.js";
import { exportTypes } from "./credentials/index.js";
import { tagPrefix } from "./inputs.js";
import { buildClaimName, type DestinationScope } from "./names.js";
import type { ClaimedDestination, ClaimRecord } from "./records.js";

/** The label of the version that counts. Consumers read the claim with this `VersionStage`. */
export const holderLabel = "HOLDER";

/** Written versions wait under this label until the swap; it moves from one writer to the next. */
const candidateLabel = "CANDIDATE";

const maxSwaps = 20;

/** A claim as it was read: its record, and the version that a swap must still find. */
export interface ClaimSnapshot {
  readonly record: ClaimRecord;
  readonly versionId: string;
  /** False right after the creation, and after a crash there. */
  readonly isLabelled: boolean;
  /** Whether a reader without a label, who gets the current version, sees this one. */
  readonly isCurrent: boolean;
}

/**
 * The claim of one AWS account, region, prefix, organization and type: a secret of its own, never deleted. It is
 * taken by the atomic creation of a name, and handed over by moving a label away from the version that was read:
 * Secrets Manager refuses the move if the label is no longer there.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html
 */
export interface ActiveClaim {
  readonly name: string;
  /** @throws `NOT_OURS` if the secret of this name holds something else, `PENDING_DELETION` if it is to be deleted. */
  read(): Promise<ClaimSnapshot | undefined>;
  /**
   * Reads, lets `decide` make the next record, and swaps; again if somebody was faster, so `decide` may run more than
   * once. `decide` throws to leave the claim as it is, or returns the very record it got.
   */
  change(decide: (record: ClaimRecord) => ClaimRecord): Promise<ClaimRecord>;
}

export function openClaim(secrets: SecretsManager, scope: DestinationScope): ActiveClaim {
  const name = buildClaimName(scope);

  async function read(): Promise<ClaimSnapshot | undefined> {
    const held = await secrets.readVersion(name, holderLabel);
    // Without the label: there is no claim, or its creator has not come to the label yet.
    const found = held ?? (await secrets.readVersion(name, "AWSCURRENT"));
    if (found === undefined) return undefined;
    if (found === "marked") throw await explainMarked(secrets, name);
    return {
      record: parseRecord(found.text, name),
      versionId: found.versionId,
      isLabelled: held !== undefined,
      isCurrent: found.labels.includes("AWSCURRENT"),
    };
  }

  async function create(record: ClaimRecord): Promise<boolean> {
    const versionId = randomUUID();
    const made = await secrets.create({
      name,
      description: `Which ${scope.type} export destination of organization ${scope.organizationId} is active; holds no credential. Read version stage ${holderLabel}.`,
      value: buildText(record),
      versionId,
      tags: {
        [managedByTag]: managedByValue,
        [`${tagPrefix}kind`]: "claim",
        [`${tagPrefix}organization`]: scope.organizationId,
        [`${tagPrefix}type`]: scope.type,
      },
    });
    if (made === "taken") return false;
    await secrets.moveLabel(name, holderLabel, { from: undefined, to: versionId });
    return true;
  }

  /** False if somebody else was faster. */
  async function swap(before: ClaimSnapshot, record: ClaimRecord): Promise<boolean> {
    if (!before.isLabelled) {
      await secrets.moveLabel(name, holderLabel, { from: undefined, to: before.versionId });
    }
    const versionId = randomUUID();
    await secrets.putVersion(name, { value: buildText(record), versionId, label: candidateLabel });
    const moved = await secrets.moveLabel(name, holderLabel, { from: before.versionId, to: versionId });
    // The call may have been carried out although its answer was lost: what is there now tells.
    if (!moved && (await read())?.versionId !== versionId) return false;
    await showToAll(versionId);
    return true;
  }

  // Who reads without a label gets the current version, so that one follows the holder. Every writer brings it to
  // where the holder is, by the same compare-and-swap, so the last one does.
  async function showToAll(holderVersionId: string): Promise<void> {
    const { versions = {} } = (await secrets.describe(name)) ?? {};
    const from = Object.keys(versions).find((id) => versions[id]?.includes("AWSCURRENT"));
    if (from !== undefined && from !== holderVersionId) {
      await secrets.moveLabel(name, "AWSCURRENT", { from, to: holderVersionId });
    }
  }

  return {
    name,
    read,
    change: async (decide) => {
      for (let swaps = 0; swaps < maxSwaps; swaps += 1) {
        // Whoever lost waits a little longer each time, so that a crowd comes apart.
        if (swaps > 0) await new Promise((resolve) => setTimeout(resolve, Math.random() * 100 * swaps));
        const before = await read();
        const wanted = decide(before?.record ?? buildEmptyRecord(scope));
        if (before === undefined) {
          if (await create(wanted)) return wanted;
        } else if (wanted === before.record) {
          if (before.isLabelled && !before.isCurrent) await showToAll(before.versionId);
          return wanted;
        } else if (await swap(before, wanted)) {
          return wanted;
        }
      }
      throw new ProviderError("AWS_FAILED", {
        operation: `the claim was changed by others ${maxSwaps} times in a row`,
        target: name,
        hint: "run again.",
        retryable: true,
      });
    },
  };
}

/** What a second destination of an organization and type is told. */
export function buildIntegrationExists(scope: DestinationScope, holder: ClaimedDestination): ProviderError {
  return new ProviderError("INTEGRATION_EXISTS", {
    operation: `integration already exists: organization ${scope.organizationId} has an active ${scope.type} export destination, ${holder.destinationId}, held by ${holder.owner.place}`,
    target: buildClaimName(scope),
    hint: "list the destinations, disconnect that one (remove it from its stack), then create this one; if its stack is gone, free the claim with the command release.",
  });
}

function buildEmptyRecord(scope: DestinationScope): ClaimRecord {
  const type = exportTypes.find((known) => known === scope.type);
  if (type === undefined) throw new TypeError("unknown type");
  return {
    kind: "pulumi-snowflake-secrets/export-claim",
    recordVersion: 1,
    organizationId: scope.organizationId,
    type,
    generation: 0,
    active: null,
    archived: [],
  };
}

function buildText(record: ClaimRecord): SecretValue {
  return new SecretValue(JSON.stringify(record));
}

const claimedShape = z.object({
  destinationId: z.string(),
  generation: z.number(),
  name: z.string(),
  owner: z.object({ id: z.string(), place: z.string() }),
  secretName: z.string(),
  secretArn: z.string().optional(),
  destinationMetadata: z.record(z.string(), z.union([z.string(), z.number()])),
  since: z.string(),
});

const recordSchema = z.object({
  kind: z.literal("pulumi-snowflake-secrets/export-claim"),
  recordVersion: z.literal(1),
  organizationId: z.string(),
  type: z.enum(exportTypes),
  generation: z.number(),
  active: claimedShape.extend({ status: z.enum(["planned", "connected", "disconnecting"]) }).nullable(),
  successor: claimedShape.extend({ status: z.enum(["planned", "connected", "disconnecting"]) }).optional(),
  archived: z.array(
    claimedShape.extend({
      archivedAt: z.string(),
      disconnectedAt: z.string().optional(),
      deletionDate: z.string().optional(),
    }),
  ),
  failedRotation: z
    .object({
      ownerId: z.string(),
      attemptFingerprint: z.string(),
      destinationId: z.string(),
      at: z.string(),
      errorCode: z.string(),
      errorMessage: z.string(),
    })
    .optional(),
});

/** @throws `NOT_OURS` for a text that no version of this package writes. */
export function parseRecord(text: string, name: string): ClaimRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const parsed = recordSchema.safeParse(value);
  // `optional()` of zod allows an undefined that JSON cannot hold.
  if (parsed.success) return parsed.data as ClaimRecord;
  throw new ProviderError("NOT_OURS", {
    operation: "the secret with the claim's name holds no claim that this version reads",
    target: name,
    hint: "update pulumi-snowflake-secrets if a newer one wrote it; otherwise choose another secretNamePrefix.",
  });
}

async function explainMarked(secrets: SecretsManager, name: string): Promise<ProviderError> {
  const { deletionDate } = (await secrets.describe(name)) ?? {};
  return new ProviderError("PENDING_DELETION", {
    operation: `the claim was scheduled for deletion by somebody${deletionDate === undefined ? "" : `, for ${deletionDate}`}`,
    target: name,
    hint: "restore it (aws secretsmanager restore-secret), then run again: it guards that one destination is active.",
  });
}
