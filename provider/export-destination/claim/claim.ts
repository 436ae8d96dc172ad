import { randomUUID } from "node:crypto";
import {
  managedByTag,
  managedByValue,
  type SecretDescription,
  type SecretsManager,
  whileNotVisible,
} from "../../aws/secrets-manager.js";
import { isProviderError, ProviderError } from "../../core/errors.js";
import { SecretValue } from "../../core/secret-value.js";
import { isSameStack } from "../../engine/context.js";
import type { Messages } from "../../engine/messages.js";
import { buildClaimName, type DestinationScope } from "../secret/names.js";
import { kindTag, organizationTag, typeTag } from "../secret/tags.js";
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
  /** `read` for what writes: a claim whose deletion somebody scheduled is restored first, and that is reported. */
  readRestored(messages: Messages): Promise<ClaimSnapshot | undefined>;
  /**
   * Reads, lets `decide` make the next record, and swaps; again if somebody was faster, so `decide` may run more than
   * once. `decide` throws to leave the claim as it is, or returns the very record it got.
   */
  change(decide: (record: ClaimRecord) => ClaimRecord): Promise<ClaimRecord>;
}

/** The claim of an organization and type. Nothing is read or written yet. */
export function openClaim(secrets: SecretsManager, scope: DestinationScope): ActiveClaim {
  const name = buildClaimName(scope);

  async function read(): Promise<ClaimSnapshot | undefined> {
    const held = await secrets.readVersion(name, holderLabel);
    // Without the label: there is no claim, or its creator has not come to the label yet.
    const found = held ?? (await secrets.readVersion(name, "AWSCURRENT"));
    if (found === undefined) return undefined;
    if (found === "marked") throw await explainMarked(secrets, name);
    const record = parseRecord(found.text);
    if (record === undefined)
      throw await explainForeign(secrets, name, held === undefined ? undefined : found.versionId);
    return {
      record,
      versionId: found.versionId,
      isLabelled: held !== undefined,
      isCurrent: found.labels.includes("AWSCURRENT"),
    };
  }

  async function readRestored(messages: Messages): Promise<ClaimSnapshot | undefined> {
    try {
      return await read();
    } catch (error) {
      if (!isProviderError(error) || error.details.isRestorable !== true) throw error;
    }
    await secrets.restore(name);
    messages.report(`the claim ${name} was scheduled for deletion by somebody; it is restored`);
    const found = await whileNotVisible(async () => {
      try {
        return { snapshot: await read() };
      } catch (error) {
        if (isProviderError(error) && error.details.isRestorable === true) return undefined;
        throw error;
      }
    });
    return found === undefined ? read() : found.snapshot;
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
        [kindTag]: "claim",
        [organizationTag]: scope.organizationId,
        [typeTag]: scope.type,
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
    readRestored,
    change: async (decide) => {
      let shown: ClaimSnapshot | undefined;
      for (let swaps = 0; swaps < maxSwaps; swaps += 1) {
        await pause(swaps);
        const before: ClaimSnapshot | undefined = shown ?? (await read());
        shown = undefined;
        // Whoever held it last was cut off before the current version followed.
        if (before?.isLabelled && !before.isCurrent) await showToAll();
        const wanted = decide(before?.record ?? buildEmptyRecord(scope));
        if (before === undefined) {
          if (await create(wanted)) return wanted;
          // Made by somebody else, or by us a moment ago, and not shown by AWS yet.
          shown = await whileNotVisible(read);
        } else if (wanted === before.record) {
          return wanted;
        } else if (await swap(before, wanted)) {
          return wanted;
        }
      }
      throw new ProviderError("AWS_FAILED", {
        operation: `other processes changed the claim ${maxSwaps} times in a row`,
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

/** What a creation is told that finds a destination of its own owner id, which no state proves to be its own. */
export function buildUnproven(
  scope: DestinationScope,
  { destinationId }: ClaimedDestination,
  doubt: string,
): ProviderError {
  return new ProviderError("UNPROVEN", {
    operation: `the active ${scope.type} export destination of organization ${scope.organizationId}, ${destinationId}, has this resource's owner id, but the state does not record it: ${doubt}`,
    target: buildClaimName(scope),
    hint: "if the state was lost (or --replace made this a new destination) and no other stack has it, free the claim with the command release, then run pulumi up. Otherwise it belongs to a destination of the same name in another stack or backend: give this one another organizationId or secretNamePrefix, or remove it.",
  });
}

/** What is said where such a destination is taken for the work of a creation that was cut off. */
export function describeResumed({ destinationId, since }: ClaimedDestination): string {
  return `continues destination ${destinationId}, which an interrupted update of this resource made on ${since}, as the state is empty. If another backend has a stack of the same name with this destination, cancel now and remove this one`;
}

/** What the stack is told whose state was copied into another one, which has replaced the destination since. */
export function buildCopied(
  scope: DestinationScope,
  { destinationId, owner }: ClaimedDestination,
): ProviderError {
  return new ProviderError("UNPROVEN", {
    operation: `a copy of this state in ${owner.place} has written its destination ${destinationId} since, so nothing was done here`,
    target: buildClaimName(scope),
    hint: "keep the destination in one stack. In the other stack, remove it from the program, and from the state with `pulumi state delete` (not with a destroy). To keep it in this stack, then free the claim with the command release, and run `pulumi up`.",
  });
}

function buildText(record: ClaimRecord): SecretValue {
  return new SecretValue(JSON.stringify(record));
}

/** By its tags, the only thing that AWS shows of a secret that is scheduled for deletion. */
function isClaim({ tags }: SecretDescription): boolean {
  return tags[managedByTag] === managedByValue || tags[kindTag] === "claim";
}

async function explainMarked(secrets: SecretsManager, name: string): Promise<ProviderError> {
  const found = await secrets.describe(name);
  const isRestorable = found !== undefined && isClaim(found);
  const date = found?.deletionDate;
  const restore = `aws secretsmanager restore-secret --secret-id ${name}`;
  return new ProviderError("PENDING_DELETION", {
    operation: `someone scheduled the claim for deletion${date === undefined ? "" : `, for ${date}`}`,
    target: name,
    hint: isRestorable
      ? `run pulumi up or pulumi destroy, which restores the claim first, or restore it: ${restore}.`
      : `if this secret is the claim, restore it (${restore}), then run again.`,
    details: { isRestorable },
  });
}

/** Somebody put a version of their own under the label; ours are kept as long as they have a label. */
async function explainForeign(
  secrets: SecretsManager,
  name: string,
  foreignId: string | undefined,
): Promise<ProviderError> {
  for (const label of [candidateLabel, "AWSCURRENT", "AWSPREVIOUS"]) {
    const version = await secrets.readVersion(name, label);
    if (version === undefined || version === "marked" || parseRecord(version.text) === undefined) continue;
    return new ProviderError("NOT_OURS", {
      operation: `someone wrote a version into the claim's secret that is not a claim${foreignId === undefined ? "" : `, and moved version stage ${holderLabel} to it`}`,
      target: name,
      hint: `move the stage back to the last version that holds a claim: aws secretsmanager update-secret-version-stage --secret-id ${name} --version-stage ${holderLabel}${foreignId === undefined ? "" : ` --remove-from-version-id ${foreignId}`} --move-to-version-id ${version.versionId}; then run again.`,
    });
  }
  return new ProviderError("NOT_OURS", {
    operation: "the secret with the claim's name does not contain a claim that this version can read",
    target: name,
    hint: "update pulumi-snowflake-secrets if a newer one wrote it; otherwise choose another secretNamePrefix.",
  });
}
