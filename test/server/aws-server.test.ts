import { GlueClient, paginateGetJobs } from "@aws-sdk/client-glue";
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
  TagResourceCommand,
  UpdateSecretCommand,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Aws, startAws } from "../support/aws/aws.js";
import { notVisibleYet, throttled } from "../support/aws/faults.js";

describe("the AWS of tests and demo", () => {
  let aws: Aws;
  let secrets: SecretsManagerClient;
  let glue: GlueClient;

  beforeAll(async () => {
    aws = await startAws();
    const { endpoint, region, credentials } = aws;
    secrets = new SecretsManagerClient({ endpoint, region, credentials, maxAttempts: 3 });
    glue = new GlueClient({ endpoint, region, credentials });
  });
  afterAll(async () => {
    secrets.destroy();
    glue.destroy();
    await aws.stop();
  });
  beforeEach(() => aws.reset());

  it("refuses a new secret under a name that is scheduled for deletion, as AWS does", async () => {
    await secrets.send(new CreateSecretCommand({ Name: "a", SecretString: "x" }));
    await secrets.send(new DeleteSecretCommand({ SecretId: "a", RecoveryWindowInDays: 7 }));

    const creating = secrets.send(new CreateSecretCommand({ Name: "a", SecretString: "y" }));

    await expect(creating).rejects.toMatchObject({
      name: "InvalidRequestException",
      message: expect.stringContaining("already scheduled for deletion"),
    });
    const seen = await aws.control.secret("a");
    expect(seen?.deletedDate).toBeInstanceOf(Date);
  });

  it("refuses to change a secret that is marked for deletion, until it is restored", async () => {
    await secrets.send(new CreateSecretCommand({ Name: "a", SecretString: "x" }));
    await secrets.send(new DeleteSecretCommand({ SecretId: "a" }));
    const refusal = {
      name: "InvalidRequestException",
      message: expect.stringContaining("marked for deletion"),
    };
    const put = new PutSecretValueCommand({ SecretId: "a", SecretString: "y" });

    await expect(secrets.send(put)).rejects.toMatchObject(refusal);
    await expect(
      secrets.send(new UpdateSecretCommand({ SecretId: "a", Description: "d" })),
    ).rejects.toMatchObject(refusal);
    await expect(
      secrets.send(new TagResourceCommand({ SecretId: "a", Tags: [{ Key: "k", Value: "v" }] })),
    ).rejects.toMatchObject(refusal);

    await secrets.send(new RestoreSecretCommand({ SecretId: "a" }));
    await secrets.send(put);
    expect((await aws.control.secret("a"))?.value).toBe("y");
  });

  it("keeps AWSCURRENT at one version, whoever moved it, and leaves other labels where they are, as AWS does", async () => {
    const label = (VersionStage: string, move: { from?: string; to: string }) =>
      secrets.send(
        new UpdateSecretVersionStageCommand({
          SecretId: "a",
          VersionStage,
          MoveToVersionId: move.to,
          RemoveFromVersionId: move.from,
        }),
      );
    const put = async (SecretString: string) =>
      (await secrets.send(new PutSecretValueCommand({ SecretId: "a", SecretString }))).VersionId ?? "";
    const { VersionId: one = "" } = await secrets.send(
      new CreateSecretCommand({ Name: "a", SecretString: "1" }),
    );
    await label("OURS", { to: one });
    const two = await put("2");
    await label("AWSCURRENT", { from: two, to: one });

    expect((await secrets.send(new GetSecretValueCommand({ SecretId: "a" }))).SecretString).toBe("1");
    expect((await aws.control.secret("a"))?.versions).toEqual({
      [one]: ["OURS", "AWSCURRENT"],
      [two]: ["AWSPREVIOUS"],
    });

    const three = await put("3");
    expect((await secrets.send(new GetSecretValueCommand({ SecretId: "a" }))).SecretString).toBe("3");
    expect(await aws.control.valueOf("a", { versionStage: "AWSCURRENT" })).toBe("3");
    expect((await aws.control.secret("a"))?.versions).toEqual({
      [one]: ["OURS", "AWSPREVIOUS"],
      [two]: [],
      [three]: ["AWSCURRENT"],
    });
  });

  it("throttles a call and lets the client's own retry through", async () => {
    aws.faults.add({ operation: "CreateSecret", effect: throttled });

    await secrets.send(new CreateSecretCommand({ Name: "a", SecretString: "x" }));

    expect(aws.calls.map(({ operation, errorCode }) => [operation, errorCode])).toEqual([
      ["CreateSecret", "ThrottlingException"],
      ["CreateSecret", undefined],
    ]);
  });

  it("hits the call that a rule counts to, and only it", async () => {
    await secrets.send(new CreateSecretCommand({ Name: "a", SecretString: "x" }));
    aws.faults.add({ operation: "DescribeSecret", skip: 1, effect: notVisibleYet });
    const describeSecret = () => secrets.send(new DescribeSecretCommand({ SecretId: "a" }));

    expect((await describeSecret()).Name).toBe("a");
    await expect(describeSecret()).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    expect((await describeSecret()).Name).toBe("a");
    expect(aws.callCount("DescribeSecret")).toBe(3);
  });

  it("cuts the connection after the service has carried out the call; the retry is the same call", async () => {
    aws.faults.add({ operation: "CreateSecret", effect: { kind: "cut", when: "after" } });

    const created = await secrets.send(new CreateSecretCommand({ Name: "a", SecretString: "x" }));

    expect(created.Name).toBe("a");
    const tokens = aws.calls.map(({ body }) => body.ClientRequestToken);
    expect(tokens).toHaveLength(2);
    expect(tokens[0]).toBe(tokens[1]);
    expect(await aws.control.secretNames()).toEqual(["a"]);
  });

  it("hangs until the client gives up", async () => {
    aws.faults.add({ operation: "CreateSecret", times: 3, effect: { kind: "hang" } });

    const creating = secrets.send(new CreateSecretCommand({ Name: "a", SecretString: "x" }), {
      abortSignal: AbortSignal.timeout(200),
    });

    await expect(creating).rejects.toMatchObject({ name: "AbortError" });
    expect(await aws.control.secretNames()).toEqual([]);
  });

  it("pages Glue's listings", async () => {
    const names = Array.from({ length: 7 }, (_, index) => `job-${index}`);
    await aws.control.createJobs(names);
    aws.setPageSize(3);

    const seen: string[] = [];
    for await (const page of paginateGetJobs({ client: glue }, {})) {
      for (const job of page.Jobs ?? []) if (job.Name !== undefined) seen.push(job.Name);
    }

    expect(seen.sort()).toEqual(names);
    expect(aws.callCount("GetJobs")).toBe(3);
  });
});
