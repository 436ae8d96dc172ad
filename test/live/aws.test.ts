import { randomUUID } from "node:crypto";
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { afterAll, describe, expect, it } from "vitest";
import { findSetting } from "./announce.js";

const region = findSetting("AWS", "LIVE_AWS_REGION");
const prefix = `pulumi-snowflake-secrets-live/${randomUUID()}`;

describe.skipIf(region === undefined)("a real AWS Secrets Manager", () => {
  const client = new SecretsManagerClient({ region: region ?? "none" });
  const made: string[] = [];

  async function create(label: string): Promise<{ name: string; version: string }> {
    const name = `${prefix}/${label}`;
    const version = randomUUID();
    made.push(name);
    await client.send(
      new CreateSecretCommand({ Name: name, SecretString: "1", ClientRequestToken: version }),
    );
    return { name, version };
  }
  async function put(name: string, text: string, labels?: string[]): Promise<string> {
    const version = randomUUID();
    await client.send(
      new PutSecretValueCommand({
        SecretId: name,
        SecretString: text,
        ClientRequestToken: version,
        ...(labels === undefined ? {} : { VersionStages: labels }),
      }),
    );
    return version;
  }
  const move = (name: string, label: string, to: string, from?: string) =>
    client.send(
      new UpdateSecretVersionStageCommand({
        SecretId: name,
        VersionStage: label,
        MoveToVersionId: to,
        ...(from === undefined ? {} : { RemoveFromVersionId: from }),
      }),
    );
  const stagesOf = async (name: string) =>
    (await client.send(new DescribeSecretCommand({ SecretId: name }))).VersionIdsToStages ?? {};

  afterAll(async () => {
    for (const name of made) {
      await client.send(new DeleteSecretCommand({ SecretId: name, ForceDeleteWithoutRecovery: true }));
    }
    client.destroy();
  });

  it("leaves AWSCURRENT where it is when a version is put under another label", async () => {
    const { name, version } = await create("label");
    const candidate = await put(name, "2", ["CANDIDATE"]);
    const stages = await stagesOf(name);
    expect(stages[version]).toContain("AWSCURRENT");
    expect(stages[candidate]).toEqual(["CANDIDATE"]);
  });

  it("moves a label once from the version that was read", async () => {
    const { name, version } = await create("swap");
    await move(name, "HOLDER", version);
    const [one, two] = [await put(name, "2", ["CANDIDATE"]), await put(name, "3", ["CANDIDATE"])];
    await move(name, "HOLDER", one, version);
    await expect(move(name, "HOLDER", two, version)).rejects.toMatchObject({
      name: "InvalidParameterException",
    });
    const held = await client.send(new GetSecretValueCommand({ SecretId: name, VersionStage: "HOLDER" }));
    expect(held.SecretString).toBe("2");
  });

  it("answers the version that AWSCURRENT was moved to", async () => {
    const { name, version } = await create("current");
    const next = await put(name, "2", ["CANDIDATE"]);
    await move(name, "AWSCURRENT", next, version);
    const current = await client.send(new GetSecretValueCommand({ SecretId: name }));
    expect(current.SecretString).toBe("2");
  });

  it("refuses a name inside its recovery window, and says so", async () => {
    const { name } = await create("pending");
    await client.send(new DeleteSecretCommand({ SecretId: name, RecoveryWindowInDays: 7 }));
    await expect(
      client.send(
        new CreateSecretCommand({ Name: name, SecretString: "2", ClientRequestToken: randomUUID() }),
      ),
    ).rejects.toMatchObject({ name: "InvalidRequestException" });
    await expect(put(name, "2")).rejects.toMatchObject({ name: "InvalidRequestException" });
  });
});
