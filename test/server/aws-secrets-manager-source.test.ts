import {
  CreateSecretCommand,
  DeleteSecretCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { resolveSources, type SourceInputs } from "../../provider/sources/index.js";
import { denied, keyDenied, throttled } from "../support/aws/faults.js";
import { useAws } from "../support/aws/use-aws.js";
import { sourceContext, sourceFailureOf, valuesOf } from "../support/sources.js";

const planted = "pl4nted-v4lue";
const aws = useAws();

describe("the AWS Secrets Manager source", () => {
  let client: SecretsManagerClient;
  beforeAll(() => {
    const { endpoint, region, credentials } = aws();
    client = new SecretsManagerClient({ endpoint, region, credentials });
  });
  afterAll(() => client.destroy());
  beforeEach(() => aws().reset());

  const put = (name: string, text: string) =>
    client.send(new CreateSecretCommand({ Name: name, SecretString: text }));
  const resolve = (args: Partial<Extract<SourceInputs, { type: "aws-secrets-manager" }>> = {}) =>
    resolveSources(
      [
        {
          type: "aws-secrets-manager",
          secretId: "app",
          aws: { endpoint: aws().endpoint, region: aws().region },
          ...args,
        },
      ],
      sourceContext,
    );
  const read = (...args: Parameters<typeof resolve>) => valuesOf(resolve(...args));
  const failWith = (...args: Parameters<typeof resolve>) => sourceFailureOf(resolve(...args), [planted]);

  it("reads a JSON object, numbers and booleans as their text, and keeps the names of built-in properties", async () => {
    await put("app", '{"A":"a","PORT":5432,"TLS":true,"__proto__":"p","constructor":"c"}');
    const { entries } = await resolve();
    expect([...entries].map(([key, { value, source }]) => [key, value.expose(), source])).toEqual(
      [
        ["A", "a"],
        ["PORT", "5432"],
        ["TLS", "true"],
        ["__proto__", "p"],
        ["constructor", "c"],
      ].map((entry) => [...entry, "aws-secrets-manager app"]),
    );
  });

  it("keeps numbers as they are written", async () => {
    await put(
      "app",
      '{"VERSION":1.10,"ID":12345678901234567890,"RATE":0.1000000000000000055511151,"E":1E400}',
    );
    expect(await read()).toEqual({
      VERSION: "1.10",
      ID: "12345678901234567890",
      RATE: "0.1000000000000000055511151",
      E: "1E400",
    });
  });

  it("reads the whole text under a chosen key, by ARN too", async () => {
    const { ARN = "" } = await put("app", "not json");
    expect(await read({ secretId: ARN, format: "plain", key: "CERT" })).toEqual({ CERT: "not json" });
  });

  it("refuses what is no object, and keys that hold no text, boolean or number, and quotes none of it", async () => {
    await put("app", planted);
    expect((await failWith()).message).toContain('set format to "plain"');
    await put("deep", `{"A":{"x":"${planted}"},"B":null,"C":[1],"D":"${planted}"}`);
    expect((await failWith({ secretId: "deep" })).message).toContain(
      "these keys hold neither text, nor boolean, nor number: A, B, C: deep. Fix: to take objects",
    );
    await put("objects", '{"A":{"x":[1.0]}}');
    expect(await read({ secretId: "objects", objectsAsJson: true })).toEqual({ A: '{"x":[1.0]}' });
  });

  it("tells apart a secret that is not there, one to be deleted, and a missing permission", async () => {
    expect((await failWith()).message).toContain("check the name");
    await put("old", "{}");
    await client.send(new DeleteSecretCommand({ SecretId: "old" }));
    expect((await failWith({ secretId: "old" })).message).toContain("scheduled for deletion");
    aws().faults.add({ operation: "GetSecretValue", effect: denied });
    expect((await failWith()).message).toContain("allow secretsmanager:GetSecretValue");
  });

  it("names the KMS key that refuses, and what to allow on it", async () => {
    await client.send(new CreateSecretCommand({ Name: "app", SecretString: "{}", KmsKeyId: "alias/app" }));
    aws().faults.add({ operation: "GetSecretValue", times: 2, effect: keyDenied });
    const allow = "Fix: allow kms:Decrypt on";
    expect((await failWith()).message).toContain(`${allow} KMS key alias/app for the identity`);
    aws().faults.add({ operation: "DescribeSecret", effect: denied });
    expect((await failWith()).message).toContain(
      `${allow} the secret's KMS key (aws secretsmanager describe-secret tells which) for the identity`,
    );
    const message =
      "User: arn:aws:sts::1:x is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:x";
    aws().faults.add({
      operation: "GetSecretValue",
      effect: { kind: "error", code: "AccessDeniedException", message },
    });
    expect((await failWith()).message).toContain(`${allow} KMS key alias/app`);
  });

  it("refuses a version stage that is not there, and an object without keys", async () => {
    await put("app", "{}");
    const failed = await failWith({ versionStage: "AWSPREVIOUS" });
    expect(failed.message).toContain("Fix: check versionStage, or check the name");
    expect(failed.retryable).toBe(false);
    expect((await failWith()).message).toContain("allowEmpty");
  });

  it("gets through a throttled call", async () => {
    await put("app", '{"A":"a"}');
    aws().faults.add({ operation: "GetSecretValue", effect: throttled });
    expect(await read()).toEqual({ A: "a" });
  });
});
