import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { SecretValue } from "../core/secret-value.js";
import { type AwsOperation, isAwsError, mapAwsError } from "./aws-errors.js";
import { describeKey, mapSecretError } from "./secret-key.js";

/** What AWS tells of a secret without its value. */
export interface SecretDescription {
  readonly arn: string;
  readonly name: string;
  /** "" where it has none. */
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly kmsKeyId?: string;
  readonly createdAt?: string;
  /** Set while the secret is scheduled for deletion: when it goes for good. */
  readonly deletionDate?: string;
  /** Where somebody replicated it to. */
  readonly replicaRegions: readonly string[];
  /** Staging labels by version id. */
  readonly versions: Readonly<Record<string, readonly string[]>>;
}

/** One version of a secret, with its text. */
export interface SecretVersion {
  readonly arn: string;
  readonly versionId: string;
  readonly labels: readonly string[];
  readonly text: string;
}

/** A secret to be created, with its first version. */
export interface NewSecret {
  readonly name: string;
  readonly description: string;
  readonly value: SecretValue;
  /** The id of the first version; the same id and value make the call idempotent. */
  readonly versionId: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly kmsKeyId?: string | undefined;
}

/** Marks every secret of this package. */
export const managedByTag = "managed-by";
/** The value of `managedByTag` on what this package creates. */
export const managedByValue = "pulumi-snowflake-secrets";

/**
 * Secrets Manager in the words of this package. Every method rejects with a `ProviderError`: `AWS_FAILED`, or
 * `NOT_FOUND` where the secret is missing and the result does not say so.
 */
export interface SecretsManager {
  /** Undefined if AWS knows no secret of this name or ARN. */
  describe(id: string): Promise<SecretDescription | undefined>;
  /** Atomic on the name: `taken` if a secret has it, a scheduled one too. */
  create(secret: NewSecret): Promise<{ readonly arn: string } | "taken">;
  /** Undefined if there is no such secret, or no version with this label; `marked` while it is scheduled for deletion. */
  readVersion(id: string, label: string): Promise<SecretVersion | "marked" | undefined>;
  /** Adds a version. Without `label` it becomes the current one. */
  putVersion(id: string, version: { value: SecretValue; versionId: string; label?: string }): Promise<void>;
  /** Compare-and-swap: false if the label is not (or no more) at `from`. */
  moveLabel(id: string, label: string, move: { from: string | undefined; to: string }): Promise<boolean>;
  tag(id: string, tags: Readonly<Record<string, string>>): Promise<void>;
  untag(id: string, keys: readonly string[]): Promise<void>;
  changeKmsKey(id: string, kmsKeyId: string): Promise<void>;
  /** The date after which the secret is gone; `missing` if there is none; `marked` if it was scheduled before. */
  scheduleDeletion(id: string, recoveryWindowInDays: number): Promise<string | "missing" | "marked">;
  restore(id: string): Promise<void>;
  /** Every secret of this package whose name begins with `namePrefix`, scheduled ones too, all pages. */
  list(namePrefix: string): Promise<readonly SecretDescription[]>;
}

// A secret just made is not visible everywhere at once; after half a minute not-found counts.
const freshWaitsMs = [100, 200, 400, 800, 1_600, 3_200, 6_000, 6_000, 6_000, 6_000];

/** Looks again for up to half a minute while AWS does not show what was just made or restored. */
export async function whileNotVisible<T>(look: () => Promise<T | undefined>): Promise<T | undefined> {
  for (const waitMs of freshWaitsMs) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
  return look();
}

/** Opens Secrets Manager behind a client of the AWS SDK. */
export async function openSecretsManager(client: SecretsManagerClient): Promise<SecretsManager> {
  const sdk = await import("@aws-sdk/client-secrets-manager");

  async function describe(id: string): Promise<SecretDescription | undefined> {
    try {
      const found = await client.send(new sdk.DescribeSecretCommand({ SecretId: id }));
      return toDescription({ ...found, versions: found.VersionIdsToStages });
    } catch (error) {
      if (isAwsError(error, "ResourceNotFoundException")) return undefined;
      throw mapAwsError(error, call("read secret", id, "DescribeSecret"));
    }
  }

  async function whileFresh(what: AwsOperation, send: () => Promise<unknown>): Promise<void> {
    for (const waitMs of [...freshWaitsMs, undefined]) {
      try {
        await send();
        return;
      } catch (error) {
        if (waitMs === undefined || !isAwsError(error, "ResourceNotFoundException"))
          throw await mapSecretError(error, { client, what });
        await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    }
  }

  return {
    describe,

    create: async ({ name, description, value, versionId, tags, kmsKeyId }) => {
      try {
        const made = await client.send(
          new sdk.CreateSecretCommand({
            Name: name,
            Description: description,
            SecretString: value.expose(),
            ClientRequestToken: versionId,
            Tags: toTagList(tags),
            ...(kmsKeyId === undefined ? {} : { KmsKeyId: kmsKeyId }),
          }),
        );
        return { arn: made.ARN ?? name };
      } catch (error) {
        if (isAwsError(error, "ResourceExistsException")) return "taken";
        // AWS says so of a name inside its recovery window, and of nothing else that we could have caused.
        if (isAwsError(error, "InvalidRequestException") && (await describe(name)) !== undefined)
          return "taken";
        throw mapAwsError(error, {
          ...call("create secret", name, "CreateSecret"),
          key: describeKey(kmsKeyId),
        });
      }
    },

    readVersion: async (id, label) => {
      try {
        const found = await client.send(new sdk.GetSecretValueCommand({ SecretId: id, VersionStage: label }));
        return {
          arn: found.ARN ?? id,
          versionId: found.VersionId ?? "",
          labels: found.VersionStages ?? [],
          text: found.SecretString ?? "",
        };
      } catch (error) {
        if (isAwsError(error, "ResourceNotFoundException")) return undefined;
        if (isAwsError(error, "InvalidRequestException")) return "marked";
        throw await mapSecretError(error, { client, what: call("read secret", id, "GetSecretValue") });
      }
    },

    putVersion: (id, { value, versionId, label }) =>
      whileFresh(call("store a version of secret", id, "PutSecretValue"), () =>
        client.send(
          new sdk.PutSecretValueCommand({
            SecretId: id,
            SecretString: value.expose(),
            ClientRequestToken: versionId,
            ...(label === undefined ? {} : { VersionStages: [label] }),
          }),
        ),
      ),

    moveLabel: async (id, label, { from, to }) => {
      const what = call(`move label ${label} of secret`, id, "UpdateSecretVersionStage");
      try {
        await whileFresh(what, () =>
          client.send(
            new sdk.UpdateSecretVersionStageCommand({
              SecretId: id,
              VersionStage: label,
              MoveToVersionId: to,
              ...(from === undefined ? {} : { RemoveFromVersionId: from }),
            }),
          ),
        );
        return true;
      } catch (error) {
        if (isCausedBy(error, "InvalidParameterException")) return false;
        throw error;
      }
    },

    tag: (id, tags) =>
      whileFresh(call("tag secret", id, "TagResource"), () =>
        client.send(new sdk.TagResourceCommand({ SecretId: id, Tags: toTagList(tags) })),
      ),

    untag: (id, keys) =>
      whileFresh(call("untag secret", id, "UntagResource"), () =>
        client.send(new sdk.UntagResourceCommand({ SecretId: id, TagKeys: [...keys] })),
      ),

    changeKmsKey: (id, kmsKeyId) =>
      whileFresh(
        { ...call("change the KMS key of secret", id, "UpdateSecret"), key: describeKey(kmsKeyId) },
        () => client.send(new sdk.UpdateSecretCommand({ SecretId: id, KmsKeyId: kmsKeyId })),
      ),

    scheduleDeletion: async (id, recoveryWindowInDays) => {
      try {
        const deleted = await client.send(
          new sdk.DeleteSecretCommand({ SecretId: id, RecoveryWindowInDays: recoveryWindowInDays }),
        );
        return (deleted.DeletionDate ?? new Date()).toISOString();
      } catch (error) {
        if (isAwsError(error, "ResourceNotFoundException")) return "missing";
        if (isAwsError(error, "InvalidRequestException")) {
          const { deletionDate } = (await describe(id)) ?? {};
          if (deletionDate !== undefined) return "marked";
        }
        throw mapAwsError(error, {
          ...call("schedule the deletion of secret", id, "DeleteSecret"),
          stateHint: `AWS does not delete this secret: another AWS service may own it, or it may have been replicated a moment ago. aws secretsmanager describe-secret --secret-id ${id} shows OwningService and ReplicationStatus.`,
        });
      }
    },

    restore: async (id) => {
      try {
        await client.send(new sdk.RestoreSecretCommand({ SecretId: id }));
      } catch (error) {
        throw mapAwsError(error, call("restore secret", id, "RestoreSecret"));
      }
    },

    list: async (namePrefix) => {
      const found: SecretDescription[] = [];
      try {
        const pages = sdk.paginateListSecrets(
          { client },
          {
            IncludePlannedDeletion: true,
            Filters: [
              { Key: "name", Values: [namePrefix] },
              { Key: "tag-key", Values: [managedByTag] },
            ],
          },
        );
        for await (const page of pages) {
          for (const entry of page.SecretList ?? []) {
            // AWS's name filter ignores case.
            if (entry.Name?.startsWith(namePrefix)) {
              found.push(toDescription({ ...entry, versions: entry.SecretVersionsToStages }));
            }
          }
        }
      } catch (error) {
        throw mapAwsError(error, call("list secrets", namePrefix, "ListSecrets"));
      }
      return found;
    },
  };
}

function call(operation: string, target: string, action: string): AwsOperation {
  return { operation, target, action: `secretsmanager:${action}` };
}

function isCausedBy(error: unknown, name: string): boolean {
  return (error as { cause?: { name?: unknown } }).cause?.name === name;
}

function toTagList(tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

interface RawDescription {
  readonly ARN?: string | undefined;
  readonly Name?: string | undefined;
  readonly Description?: string | undefined;
  readonly KmsKeyId?: string | undefined;
  readonly CreatedDate?: Date | undefined;
  readonly DeletedDate?: Date | undefined;
  readonly Tags?: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined;
  readonly ReplicationStatus?: readonly { Region?: string | undefined }[] | undefined;
  readonly versions?: Readonly<Record<string, string[]>> | undefined;
}

function toDescription(raw: RawDescription): SecretDescription {
  return {
    arn: raw.ARN ?? "",
    name: raw.Name ?? "",
    description: raw.Description ?? "",
    tags: Object.fromEntries((raw.Tags ?? []).map(({ Key, Value }) => [Key ?? "", Value ?? ""])),
    versions: raw.versions ?? {},
    replicaRegions: (raw.ReplicationStatus ?? []).flatMap(({ Region }) => Region ?? []).sort(),
    ...(raw.KmsKeyId === undefined ? {} : { kmsKeyId: raw.KmsKeyId }),
    ...(raw.CreatedDate === undefined ? {} : { createdAt: raw.CreatedDate.toISOString() }),
    ...(raw.DeletedDate === undefined ? {} : { deletionDate: raw.DeletedDate.toISOString() }),
  };
}
