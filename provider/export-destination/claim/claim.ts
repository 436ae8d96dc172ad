import { randomUUID } from "node:crypto";
import { managedByTag, managedByValue, type SecretsManager } from "../../aws/secrets-manager.js";
import { ProviderError } from "../../core/errors.js";
import { SecretValue } from "../../core/secret-value.js";
import { isSameStack } from "../../engine/context.js";
import { tagPrefix } from "../inputs/arguments.js";
import { buildClaimName, type DestinationScope } from "../secret/names.js";
import { buildEmptyRecord, type ClaimedDestination, type ClaimRecord, parseRecord } from "./record.js";

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
    await showToAll();
    return true;
  }

  // Who reads without a label gets the current version, so that one follows the holder. Others may move both between
  // the look and the move: the move then fails, and who sees that looks again; so does who finds a claim just made not
  // visible yet.
  async function showToAll(): Promise<void> {
    for (let tries = 0; tries < maxSwaps; tries += 1) {
      await pause(tries);
      const found = await secrets.describe(name);
      if (found === undefined) continue;
      const { versions } = found;
      const find = (label: string) => Object.keys(versions).find((id) => versions[id]?.includes(label));
      const [from, to] = [find("AWSCURRENT"), find(holderLabel)];
      if (from === undefined || to === undefined || from === to) return;
      if (await secrets.moveLabel(name, "AWSCURRENT", { from, to })) return;
    }
  }

  return {
    name,
    read,
    change: async (decide) => {
      for (let swaps = 0; swaps < maxSwaps; swaps += 1) {
        await pause(swaps);
        const before = await read();
        // Whoever held it last was cut off before the current version followed.
        if (before?.isLabelled && !before.isCurrent) await showToAll();
        const wanted = decide(before?.record ?? buildEmptyRecord(scope));
        if (before === undefined) {
          if (await create(wanted)) return wanted;
        } else if (wanted === before.record) {
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

/** Whoever lost waits a little longer each time, so that a crowd comes apart. */
async function pause(tries: number): Promise<void> {
  if (tries > 0) await new Promise((resolve) => setTimeout(resolve, Math.random() * 100 * tries));
}

/** What a second destination of an organization and type is told. */
export function buildIntegrationExists(
  scope: DestinationScope,
  holder: ClaimedDestination,
  placeHint: string,
): ProviderError {
  const disconnect =
    "list the destinations, disconnect that one (remove it from its stack), then create this one; if its stack is gone, or no longer holds it, free the claim with the command release.";
  const { place } = holder.owner;
  // In the same stack under another name.
  const isSibling = place !== placeHint && isSameStack(place, placeHint);
  return new ProviderError("INTEGRATION_EXISTS", {
    operation: `integration already exists: organization ${scope.organizationId} has an active ${scope.type} export destination, ${holder.destinationId}, held by ${holder.owner.place}`,
    target: buildClaimName(scope),
    hint: isSibling
      ? `if this resource was renamed, give it its former name in aliases. Otherwise ${disconnect}`
      : disconnect,
  });
}

/** What the stack is told whose state was copied into another one, which has replaced the destination since. */
export function buildCopied(
  scope: DestinationScope,
  { destinationId, owner }: ClaimedDestination,
): ProviderError {
  return new ProviderError("UNPROVEN", {
    operation: `a copy of this state in ${owner.place} has replaced this destination by ${destinationId}, so nothing was done here`,
    target: buildClaimName(scope),
    hint: `one destination belongs in one stack. Where it is not to stay, take it out of the program and out of the state alone (pulumi state delete), without a destroy. If it is to stay here, free the claim with the command release then, and run pulumi up.`,
  });
}

function buildText(record: ClaimRecord): SecretValue {
  return new SecretValue(JSON.stringify(record));
}

async function explainMarked(secrets: SecretsManager, name: string): Promise<ProviderError> {
  const { deletionDate } = (await secrets.describe(name)) ?? {};
  return new ProviderError("PENDING_DELETION", {
    operation: `the claim was scheduled for deletion by somebody${deletionDate === undefined ? "" : `, for ${deletionDate}`}`,
    target: name,
    hint: "restore it (aws secretsmanager restore-secret), then run again: it guards that one destination is active.",
  });
}
