import {
  CreateSecretCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
  UntagResourceCommand,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import fc from "fast-check";
import { afterAll, beforeAll, it } from "vitest";
import { type SnowflakeServer, startSnowflakeServer } from "../../../sdk/snowflake-server/index.js";
import { type Aws, startAws } from "../../support/aws/aws.js";
import { type QlikTenant, startQlikTenant } from "../../support/export-services/qlik.js";
import { seedWarehouse } from "../../support/snowflake/export-warehouse.js";
import type { CredentialName, Cut, Deeds, ModelType, Outside, SeenSecret } from "./model-outside.js";
import { Scenario } from "./model-scenario.js";
import { type Interference, type Step, step } from "./model-steps.js";

/** How many lives, the same in each `npm test`; `npm run test:models` draws others, and a printed seed repeats them. */
const numRuns = Number(process.env.EXPORT_MODEL_WIRE_RUNS ?? 5);
const seed = Number(process.env.EXPORT_MODEL_SEED ?? 326_003_223);
const nowhere = "http://127.0.0.1:9";

/** The outside as the product meets it: the AWS SDK, moto behind the proxy, the drivers, and our servers. */
class OutsideOverTheWire implements Outside {
  readonly #client: SecretsManagerClient;
  #runIds: readonly string[] = [];
  #requests = 0;

  private constructor(
    readonly aws: Aws,
    readonly server: SnowflakeServer,
    readonly tenant: QlikTenant,
    readonly warehouses: ReadonlyMap<CredentialName, ReturnType<typeof seedWarehouse>>,
  ) {
    this.#client = new SecretsManagerClient({ endpoint: aws.endpoint, region: aws.region });
  }

  static async start(): Promise<OutsideOverTheWire> {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: "testing", AWS_SECRET_ACCESS_KEY: "testing" });
    const [aws, server, tenant] = await Promise.all([startAws(), startSnowflakeServer(), startQlikTenant()]);
    const first = seedWarehouse(server);
    const addUser = (name: string) => {
      const password = `pw-${crypto.randomUUID()}`;
      server.control.createUser({ name, password, roles: ["EXPORT_ROLE"] });
      return { ...first, username: name, password };
    };
    const warehouses = new Map<CredentialName, ReturnType<typeof seedWarehouse>>([
      ["good-1", first],
      ["good-2", addUser("EXPORTER2")],
      ["good-3", addUser("EXPORTER3")],
      ["bad-1", { ...addUser("EXPORTER4"), password: "wrong" }],
      ["down-1", addUser("EXPORTER5")],
    ]);
    return new OutsideOverTheWire(aws, server, tenant, warehouses);
  }

  async stop(): Promise<void> {
    this.#client.destroy();
    await Promise.all([this.aws.stop(), this.server.stop(), this.tenant.stop()]);
  }

  async reset(): Promise<void> {
    await this.aws.reset();
    await this.aws.control.createJobs(["export"]);
    this.#runIds = [];
    this.takeDeeds();
  }

  buildArguments(type: ModelType, credential: CredentialName): Record<string, unknown> {
    const { aws, tenant } = this;
    const own = type === "qlik" ? tenant.url : this.server.url;
    return {
      credentials: type === "qlik" ? this.#buildQlik(credential) : this.warehouses.get(credential),
      aws: { region: aws.region, endpoint: aws.endpoint },
      validation: { endpoint: credential === "down-1" ? nowhere : own },
      egressIpService: false,
    };
  }

  #buildQlik(credential: CredentialName): Record<string, string> {
    const { apiKey, clientId, clientSecret } = this.tenant;
    const base = { type: "qlik", tenant: "acme.eu.qlikcloud.com" };
    if (credential === "good-2") return { ...base, clientId, clientSecret };
    return { ...base, apiKey: credential === "bad-1" ? "wrong" : apiKey };
  }

  async secrets(): Promise<readonly SeenSecret[]> {
    const seen = [];
    for (const name of await this.aws.control.secretNames()) {
      const found = await this.aws.control.secret(name);
      if (found === undefined) continue;
      const { arn, tags, deletedDate, versions } = found;
      const labels = Object.entries(versions).flatMap(([id, held]) => held.map((label) => [label, id]));
      const isScheduled = deletedDate !== undefined;
      seen.push({ name, arn, tags, isScheduled, labels: Object.fromEntries(labels) });
    }
    return seen;
  }

  read(name: string, versionStage: string): Promise<string | undefined> {
    return this.aws.control.valueOf(name, { versionStage }).catch(() => undefined);
  }

  takeDeeds(): Deeds {
    const done = this.aws.calls.filter(({ status }) => status === 200);
    const writes = done
      .filter(({ operation }) => !/^(Get|Describe|List)/.test(operation))
      .map(({ operation, body }) => `${operation} ${body.Name ?? body.SecretId}`);
    const storedValues = writes.filter((write) => /^(Create|PutS)(?!.*\/active\/)/.test(write)).length;
    const logins = this.server.control.counts().logins + this.tenant.requests.length - this.#requests;
    this.#requests = this.tenant.requests.length;
    this.server.control.resetCounts();
    this.aws.forgetCalls();
    return { writes, storedValues, logins };
  }

  cut({ skip, when, dies, onStrike }: Cut): () => void {
    const { faults } = this.aws;
    let count = 0;
    const isStruck = () => {
      count += 1;
      if (count === skip + 1) onStrike();
      return count === skip + 1;
    };
    faults.add({ operation: "*", matches: isStruck, effect: { kind: "cut", when } });
    const isDead = () => dies && count > skip + 1;
    const effect = { kind: "error", code: "AccessDeniedException" } as const;
    faults.add({ operation: "*", matches: isDead, times: Number.POSITIVE_INFINITY, effect });
    return () => faults.clear();
  }

  readonly other: Outside["other"] = {
    create: async (Name, SecretString) => {
      const Tags = [{ Key: "managed-by", Value: "terraform" }];
      await this.#client.send(new CreateSecretCommand({ Name, SecretString, Tags }));
    },
    putValue: (name, value) => this.aws.control.putValue(name, value),
    schedule: (name) => this.aws.control.deleteSecret(name, "scheduled"),
    restore: async (name) => void (await this.#client.send(new RestoreSecretCommand({ SecretId: name }))),
    deleteNow: (name) => this.aws.control.deleteSecret(name, "at once"),
    tag: (name, tags) => this.aws.control.tag(name, tags),
    untag: async (name, TagKeys) =>
      void (await this.#client.send(new UntagResourceCommand({ SecretId: name, TagKeys: [...TagKeys] }))),
    moveLabel: async (SecretId, VersionStage, { from, to }) => {
      const move = { SecretId, VersionStage, RemoveFromVersionId: from, MoveToVersionId: to };
      await this.#client.send(new UpdateSecretVersionStageCommand(move));
    },
  };

  async setRuns(secretNames: readonly string[]): Promise<void> {
    const { control } = this.aws;
    for (const runId of this.#runIds) control.setRunState(runId, "SUCCEEDED");
    const start = (name: string) => control.startRun("export", { arguments: { "--secret": name } });
    this.#runIds = await Promise.all(secretNames.map(start));
  }
}

let outside: OutsideOverTheWire | undefined;
beforeAll(async () => {
  outside = await OutsideOverTheWire.start();
}, 60_000);
afterAll(() => outside?.stop());

async function live(steps: readonly Step[]): Promise<void> {
  const fixture = outside;
  if (fixture === undefined) throw new Error("There is no outside.");
  await fixture.reset();
  const scenario = new Scenario(fixture);
  for (const each of steps) await scenario.run(each);
  await scenario.finish();
}

it("survives a secret whose label was moved back and that then got another value", () => {
  const interfere = (what: Interference): Step => ({ do: "interfere", what });
  const up: Step = { do: "up" };
  const twice = [up, interfere("put a value"), up];
  return live([...twice, interfere("move the secret's label back"), interfere("put a value"), up]);
});

it("what the model says of a destination holds with the AWS SDK, the drivers and servers, too", {
  timeout: 60_000 + numRuns * 20_000,
}, async () => {
  console.log(`${numRuns} lives over the wire, EXPORT_MODEL_SEED=${seed}`);
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 14 }), live), { numRuns, seed });
});
