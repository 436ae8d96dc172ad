import type { Glue } from "../../../provider/aws/glue.js";
import { managedByTag, type SecretsManager } from "../../../provider/aws/secrets-manager.js";
import { ProviderError } from "../../../provider/core/errors.js";
import { SecretValue } from "../../../provider/core/secret-value.js";
import { SecretsModel } from "../../support/aws/secrets-model.js";

/** Credentials that work, that the service refuses, and that reach no service. */
export const credentialNames = ["good-1", "good-2", "good-3", "bad-1", "down-1"] as const;
export type CredentialName = (typeof credentialNames)[number];
export type ModelType = "snowflake" | "qlik";

/** A secret as a test sees it. */
export interface SeenSecret {
  readonly name: string;
  readonly arn: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly isScheduled: boolean;
  /** Version id by label; none while it is scheduled. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Where a call to the outside is cut off. */
export interface Cut {
  /** How many calls go through first. */
  readonly skip: number;
  /** Before it is carried out, or after. */
  readonly when: "before" | "after";
  /** No call goes through from then on, as when the process dies. */
  readonly dies: boolean;
  /** Called when it happens, before the call is carried out. */
  readonly onStrike: () => void;
}

/** What was done outside since the last look. */
export interface Deeds {
  readonly writes: readonly string[];
  /** How often a value was written to a secret that is no claim. */
  readonly storedValues: number;
  readonly logins: number;
}

/** The arguments by which a program reaches the model. */
export function buildArguments(type: ModelType, credential: CredentialName) {
  const credentials =
    type === "qlik"
      ? { type, tenant: "acme.eu.qlikcloud.com", apiKey: credential }
      : { type, account: "acme-x", warehouse: "W", database: "D", username: "u", password: credential };
  return { credentials, egressIpService: false };
}

const reading = new Set(["describe", "readVersion", "list"]);

/** AWS, Glue and the services in memory, without a socket, so that thousands of lives fit into a minute. */
export class OutsideInMemory {
  readonly #model = new SecretsModel();
  #runs: readonly string[] = [];
  #calls: { readonly method: string; readonly target: string }[] = [];
  #count = 0;
  #cut: (Cut & { isDead: boolean }) | undefined;
  #ids = 0;

  /** What `withAws` hands to its work. */
  readonly aws = {
    accountId: "123456789012",
    region: "us-east-1",
    secrets: new Proxy({} as SecretsManager, {
      get:
        (_target, method: keyof SecretsManager) =>
        (...args: never[]) => {
          const [first] = args as unknown as [string | { name: string }];
          const target = typeof first === "string" ? first : first.name;
          return this.#call(method, target, () => (this.#model[method] as Method).apply(this.#model, args));
        },
    }),
    glue: async (): Promise<Glue> => ({
      hasJob: () => this.#call("hasJob", "", async () => true),
      listJobs: () => this.#call("listJobs", "", async () => [{ name: "export", argumentValues: [] }]),
      listLiveRuns: (jobName) =>
        this.#call("listLiveRuns", jobName, async () =>
          this.#runs.map((name, index) => ({
            jobName,
            runId: `jr_${index}`,
            state: "RUNNING",
            argumentValues: [name],
          })),
        ),
    }),
  };

  /** What stands in for the log-in. */
  probe(credentials: object): Promise<{ remarks: readonly string[] }> {
    const credential = Object.values(credentials)
      .map((field) => (field instanceof SecretValue ? field.expose() : String(field)))
      .find((field) => (credentialNames as readonly string[]).includes(field));
    return this.#call("login", credential ?? "", async () => {
      if (credential?.startsWith("good-")) return { remarks: [] };
      throw new ProviderError(credential === "down-1" ? "UNREACHABLE" : "AUTHENTICATION_FAILED", {
        operation: "the service refuses",
        hint: "none.",
      });
    });
  }

  async secrets(): Promise<readonly SeenSecret[]> {
    const names = this.#model.listNames();
    const found = await Promise.all(names.map((name) => this.#model.describe(name)));
    return found.flatMap((secret) => {
      if (secret === undefined) return [];
      const { name, arn, tags, deletionDate, versions } = secret;
      const labels = Object.entries(versions).flatMap(([id, held]) => held.map((label) => [label, id]));
      return [
        { name, arn, tags, isScheduled: deletionDate !== undefined, labels: Object.fromEntries(labels) },
      ];
    });
  }

  /** What a reader of a label finds. */
  async read(name: string, label: string): Promise<string | undefined> {
    return this.#model.read(name, label);
  }

  takeDeeds(): Deeds {
    const calls = this.#calls;
    this.#calls = [];
    this.#count = 0;
    const isStored = ({ method, target }: { method: string; target: string }) =>
      (method === "create" || method === "putVersion") && !target.includes("/active/");
    return {
      writes: calls
        .filter(({ method }) => !reading.has(method) && !method.startsWith("listLive"))
        .filter(({ method }) => method !== "login" && method !== "listJobs")
        .map(({ method, target }) => `${method} ${target}`),
      storedValues: calls.filter(isStored).length,
      logins: calls.filter(({ method }) => method === "login").length,
    };
  }

  /** Sets a cut; what it returns takes it away. */
  cut(cut: Cut): () => void {
    this.#count = 0;
    this.#cut = { ...cut, isDead: false };
    return () => {
      this.#cut = undefined;
    };
  }

  /** Somebody else's doing. */
  readonly other = {
    create: async (name: string, value: string) => {
      const versionId = this.#nextId();
      const tags = { [managedByTag]: "terraform" };
      await this.#model.create({ name, description: "", value: new SecretValue(value), versionId, tags });
    },
    putValue: (name: string, value: string) =>
      this.#model.putVersion(name, { value: new SecretValue(value), versionId: this.#nextId() }),
    schedule: async (name: string) => void (await this.#model.scheduleDeletion(name, 30)),
    restore: (name: string) => this.#model.restore(name),
    deleteNow: async (name: string) => this.#model.remove(name),
    tag: (name: string, tags: Readonly<Record<string, string>>) => this.#model.tag(name, tags),
    untag: (name: string, tags: readonly string[]) => this.#model.untag(name, tags),
    moveLabel: async (name: string, label: string, move: { from: string; to: string }) =>
      void (await this.#model.moveLabel(name, label, move)),
  };

  /** Runs of Glue that name these secrets live from now on; no other one does. */
  async setRuns(secretNames: readonly string[]): Promise<void> {
    this.#runs = secretNames;
  }

  #nextId(): string {
    this.#ids += 1;
    return `theirs-${this.#ids}`;
  }

  async #call<T>(method: string, target: string, apply: () => Promise<T>): Promise<T> {
    const index = this.#count;
    this.#count += 1;
    const cut = this.#cut;
    if (cut?.isDead) throw refuse(method, target);
    if (cut === undefined || index !== cut.skip) {
      const before = this.#model.print();
      const answer = await apply();
      // A version that AWS has already is ignored when it is put again.
      const isNothing = method === "putVersion" && this.#model.print() === before;
      if (!isNothing) this.#calls.push({ method, target });
      return answer;
    }
    cut.onStrike();
    cut.isDead = cut.dies;
    if (cut.when === "after") await apply();
    throw refuse(method, target);
  }
}

type Method = (...args: never[]) => Promise<never>;

function refuse(method: string, target: string): ProviderError {
  return new ProviderError(method === "login" ? "UNREACHABLE" : "AWS_FAILED", {
    operation: `${method} was cut off`,
    target,
    hint: "run again.",
    retryable: true,
  });
}
