import {
  managedByTag,
  type SecretDescription,
  type SecretsManager,
} from "../../../provider/aws/secrets-manager.js";
import { ProviderError } from "../../../provider/core/errors.js";

interface StoredSecret {
  readonly arn: string;
  readonly name: string;
  readonly description: string;
  readonly tags: Record<string, string>;
  readonly texts: Record<string, string>;
  /** Version id by staging label. */
  readonly labels: Record<string, string>;
  kmsKeyId?: string;
  deletionDate?: string;
}

/**
 * Secrets Manager in memory, with the semantics that its documentation states and moto shows: a name is taken
 * atomically, a label is moved by compare-and-swap, a secret that is scheduled for deletion keeps its name and takes no
 * change. Every call is one step. https://docs.aws.amazon.com/secretsmanager/latest/apireference/
 */
export class SecretsModel implements SecretsManager {
  readonly #secrets = new Map<string, StoredSecret>();
  #made = 0;

  async describe(id: string): Promise<SecretDescription | undefined> {
    const secret = this.#find(id);
    return secret && describe(secret);
  }

  async create(made: Parameters<SecretsManager["create"]>[0]): Promise<{ readonly arn: string } | "taken"> {
    if (this.#secrets.has(made.name)) return "taken";
    // A name that is recreated has another ARN.
    this.#made += 1;
    const suffix = String(this.#made).padStart(6, "A");
    const arn = `arn:aws:secretsmanager:us-east-1:123456789012:secret:${made.name}-${suffix}`;
    this.#secrets.set(made.name, {
      arn,
      name: made.name,
      description: made.description,
      tags: { ...made.tags },
      texts: { [made.versionId]: made.value.expose() },
      labels: { AWSCURRENT: made.versionId },
    });
    return { arn };
  }

  async readVersion(id: string, label: string): ReturnType<SecretsManager["readVersion"]> {
    const secret = this.#find(id);
    if (secret === undefined) return undefined;
    if (secret.deletionDate !== undefined) return "marked";
    const versionId = secret.labels[label];
    if (versionId === undefined) return undefined;
    const text = secret.texts[versionId] ?? "";
    return { arn: secret.arn, versionId, labels: listLabels(secret, versionId), text };
  }

  async putVersion(id: string, version: Parameters<SecretsManager["putVersion"]>[1]): Promise<void> {
    const { versionId, value, label = "AWSCURRENT" } = version;
    const secret = this.#change(id);
    const known = secret.texts[versionId];
    if (known !== undefined && known !== value.expose()) throw refuse("ResourceExistsException", id);
    // A put under the id of an existing version is ignored, its labels too.
    if (known !== undefined) return;
    secret.texts[versionId] = value.expose();
    attach(secret, label, versionId);
  }

  async moveLabel(
    id: string,
    label: string,
    move: Parameters<SecretsManager["moveLabel"]>[2],
  ): Promise<boolean> {
    const secret = this.#change(id);
    if (secret.texts[move.to] === undefined) throw refuse("ResourceNotFoundException", id);
    const holder = secret.labels[label];
    if (holder !== move.from && !(move.from === undefined && holder === move.to)) return false;
    attach(secret, label, move.to);
    return true;
  }

  async tag(id: string, tags: Readonly<Record<string, string>>): Promise<void> {
    Object.assign(this.#change(id).tags, tags);
  }

  async untag(id: string, keys: readonly string[]): Promise<void> {
    const { tags } = this.#change(id);
    for (const key of keys) delete tags[key];
  }

  async changeKmsKey(id: string, kmsKeyId: string): Promise<void> {
    this.#change(id).kmsKeyId = kmsKeyId;
  }

  async scheduleDeletion(id: string, recoveryWindowInDays: number): Promise<string | "missing" | "marked"> {
    const secret = this.#find(id);
    if (secret === undefined) return "missing";
    if (secret.deletionDate !== undefined) return "marked";
    secret.deletionDate = new Date(Date.now() + recoveryWindowInDays * 86_400_000).toISOString();
    return secret.deletionDate;
  }

  async restore(id: string): Promise<void> {
    const secret = this.#find(id);
    if (secret === undefined) throw refuse("ResourceNotFoundException", id);
    delete secret.deletionDate;
  }

  async list(namePrefix: string): Promise<readonly SecretDescription[]> {
    return [...this.#secrets.values()]
      .filter(({ name, tags }) => name.startsWith(namePrefix) && tags[managedByTag] !== undefined)
      .map(describe);
  }

  /** Everything, as one text: equal exactly when two models are. */
  print(): string {
    const sorted = [...this.#secrets.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    return JSON.stringify(sorted, (_key, value) =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
        : value,
    );
  }

  /** What a reader of a label finds: undefined if nothing can be read there. */
  read(id: string, label = "AWSCURRENT"): string | undefined {
    const secret = this.#find(id);
    if (secret === undefined || secret.deletionDate !== undefined) return undefined;
    const versionId = secret.labels[label];
    return versionId === undefined ? undefined : secret.texts[versionId];
  }

  /** The names of secrets that can be read. */
  listReadable(): readonly string[] {
    return [...this.#secrets.values()]
      .filter(({ deletionDate }) => deletionDate === undefined)
      .map(({ name }) => name)
      .sort();
  }

  /** The names of all secrets, scheduled ones too. */
  listNames(): readonly string[] {
    return [...this.#secrets.keys()].sort();
  }

  /** Deletes at once, as with `ForceDeleteWithoutRecovery`. */
  remove(name: string): void {
    this.#secrets.delete(name);
  }

  #find(id: string): StoredSecret | undefined {
    return this.#secrets.get(id) ?? [...this.#secrets.values()].find(({ arn }) => arn === id);
  }

  #change(id: string): StoredSecret {
    const secret = this.#find(id);
    if (secret === undefined) throw refuse("ResourceNotFoundException", id);
    if (secret.deletionDate !== undefined) throw refuse("InvalidRequestException", id);
    return secret;
  }
}

function attach(secret: StoredSecret, label: string, versionId: string): void {
  const former = secret.labels[label];
  if (label === "AWSCURRENT" && former !== undefined && former !== versionId)
    secret.labels.AWSPREVIOUS = former;
  secret.labels[label] = versionId;
  if (label === "AWSCURRENT" && secret.labels.AWSPREVIOUS === versionId) delete secret.labels.AWSPREVIOUS;
}

function listLabels({ labels }: StoredSecret, versionId: string): readonly string[] {
  return Object.keys(labels)
    .filter((label) => labels[label] === versionId)
    .sort();
}

function describe(secret: StoredSecret): SecretDescription {
  const { arn, name, description, tags, labels, kmsKeyId, deletionDate } = secret;
  // Only versions with a label are shown.
  const shown = [...new Set(Object.values(labels))];
  return {
    arn,
    name,
    description,
    tags: { ...tags },
    versions: Object.fromEntries(shown.map((id) => [id, listLabels(secret, id)])),
    replicaRegions: [],
    ...(kmsKeyId === undefined ? {} : { kmsKeyId }),
    ...(deletionDate === undefined ? {} : { deletionDate }),
  };
}

function refuse(name: string, target: string): ProviderError {
  return new ProviderError("AWS_FAILED", {
    operation: `the model refuses (AWS ${name})`,
    target,
    hint: "none.",
    cause: { name },
  });
}
