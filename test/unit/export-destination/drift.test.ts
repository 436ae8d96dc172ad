import {
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { describe, expect, it } from "vitest";
import { StackOfOne } from "../../support/stack-of-one.js";
import { useFixture } from "./fixture.js";

const fixture = useFixture();

async function seeDrift(spoil: (arn: string) => Promise<void>, changes: Record<string, unknown> = {}) {
  const stack = await fixture.connectedStack(changes);
  const { secretArn = "" } = stack.outs;
  await spoil(secretArn);
  const refresh = await stack.refresh();
  expect(refresh.error).toBeUndefined();
  expect(stack.outs).toMatchObject({ status: "Validated", integrationStatus: "Error" });
  return { stack, secretArn, message: stack.outs.errorMessage };
}

/** As `PutSecretValue` does in AWS; in moto the former current version would keep its label. */
async function makeCurrent(name: string, value: string): Promise<void> {
  const { versions = {} } = (await fixture.aws.control.secret(name)) ?? {};
  const from = Object.keys(versions).find((id) => versions[id]?.includes("AWSCURRENT"));
  const client = new SecretsManagerClient({ endpoint: fixture.aws.endpoint, region: fixture.aws.region });
  const put = new PutSecretValueCommand({ SecretId: name, SecretString: value, VersionStages: ["THEIRS"] });
  const { VersionId: to } = await client.send(put);
  const move = { SecretId: name, VersionStage: "AWSCURRENT", RemoveFromVersionId: from, MoveToVersionId: to };
  await client.send(new UpdateSecretVersionStageCommand(move));
  client.destroy();
}

describe("what somebody else did", () => {
  it("nothing: a refresh changes nothing, and up does nothing", async () => {
    const stack = await fixture.connectedStack();
    const before = stack.outs;
    await stack.refresh();
    expect(stack.outs).toEqual(before);
    expect((await stack.up(fixture.args())).steps).toEqual(["same"]);
  });

  it("a deleted secret is seen, and recreated by up after a log-in", async () => {
    const { stack, message } = await seeDrift((arn) => fixture.aws.control.deleteSecret(arn, "at once"));
    expect(message).toBe("the secret was deleted");
    const up = await stack.up(fixture.args());
    expect(up.error).toBeUndefined();
    expect(up.steps).toEqual(["update"]);
    expect(stack.outs).toMatchObject({ integrationStatus: "Connected" });
    expect(stack.outs.errorMessage).toBe("");
    expect(JSON.parse((await fixture.aws.control.secret(stack.outs.secretArn ?? ""))?.value ?? "{}")).toEqual(
      fixture.credentials,
    );
    expect((await fixture.claim())?.active?.secretArn).toBe(stack.outs.secretArn);
  });

  it("a secret scheduled for deletion is restored and written, if claim, ARN and tags prove it ours", async () => {
    const { stack, message, secretArn } = await seeDrift(async (arn) => {
      await fixture.aws.control.putValue(arn, "theirs");
      await fixture.aws.control.deleteSecret(arn, "scheduled");
    });
    expect(message).toContain("scheduled for deletion");
    const told =
      /the secret was scheduled for deletion and goes on .*; its secret was scheduled for deletion; it is restored and written again, and from the restore to the write the old value can be read/;
    expect((await stack.preview(fixture.args())).lines.join("\n")).toMatch(told);
    const up = await stack.up(fixture.args());
    expect(up.error).toBeUndefined();
    expect(up.lines.join("\n")).toContain("from the restore to the write the old value can be read");
    expect(stack.outs).toMatchObject({ integrationStatus: "Connected", secretArn });
    const secret = await fixture.aws.control.secret(secretArn);
    expect(secret?.deletedDate).toBeUndefined();
    expect(JSON.parse(secret?.value ?? "{}")).toEqual(fixture.credentials);
  });

  it("a secret scheduled for deletion that the claim does not prove ours stays with onPendingDeletion", async () => {
    const { stack, secretArn } = await seeDrift(async (arn) => {
      await fixture.aws.control.deleteSecret("exports/org_42/active/snowflake", "at once");
      await fixture.aws.control.deleteSecret(arn, "scheduled");
    });
    expect((await stack.preview(fixture.args())).lines.join("\n")).toContain(
      "`pulumi up` would fail: [PENDING_DELETION]",
    );
    const up = await stack.up(fixture.args());
    expect(up.error?.code).toBe("PENDING_DELETION");
    const restored = await stack.up(fixture.args({ onPendingDeletion: "restore" }));
    expect(restored.error).toBeUndefined();
    expect(stack.outs).toMatchObject({ integrationStatus: "Connected", secretArn });
    expect((await fixture.aws.control.secret(secretArn))?.deletedDate).toBeUndefined();
  });

  it("somebody else's current version of the claim is seen, and readers without the label get ours again", async () => {
    const name = "exports/org_42/active/snowflake";
    const { stack, message } = await seeDrift(() => makeCurrent(name, "theirs"));
    expect(message).toBe(
      `the current version of the claim ${name} is somebody else's; who reads it without version stage HOLDER gets that one`,
    );
    expect((await stack.preview(fixture.args())).lines.join("\n")).toContain("corrects it");
    fixture.server.control.resetCounts();
    const up = await stack.up(fixture.args());
    expect(up.error).toBeUndefined();
    expect(up.lines.join("\n")).toContain("; set right");
    expect(fixture.server.control.counts().logins).toBe(0);
    const { versions = {} } = (await fixture.aws.control.secret(name)) ?? {};
    expect(Object.values(versions).find((labels) => labels.includes("HOLDER"))).toContain("AWSCURRENT");
    expect((await stack.up(fixture.args())).steps).toEqual(["same"]);
  });

  it("is said by the refresh that finds it", async () => {
    const stack = await fixture.connectedStack();
    expect((await stack.refresh()).lines).toEqual([]);
    await fixture.aws.control.deleteSecret(stack.outs.secretArn ?? "", "at once");
    expect((await stack.refresh()).lines).toEqual([
      "warning: export destination bi: the secret was deleted; a preview says what the next up does about it",
    ]);
  });

  it("changed tags are seen by name, and up sets them right without a log-in", async () => {
    const tags = { aws: { ...(fixture.args().aws as object), tags: { team: "data" } } };
    const spoil = (arn: string) => fixture.aws.control.tag(arn, { team: "theirs" });
    const { stack, message, secretArn } = await seeDrift(spoil, tags);
    expect(message).toBe("the secret was re-tagged: team");
    fixture.server.control.resetCounts();
    expect((await stack.up(fixture.args(tags))).error).toBeUndefined();
    expect((await fixture.aws.control.secret(secretArn))?.tags.team).toBe("data");
    expect(fixture.server.control.counts().logins).toBe(0);
    expect(stack.outs.integrationStatus).toBe("Connected");
  });

  describe.each([
    { "managed-by": "cost-center-policy" },
    { "pulumi-snowflake-secrets:kind": "theirs" },
    { "pulumi-snowflake-secrets:type": "postgresql" },
    { "pulumi-snowflake-secrets:destination-id": "theirs" },
    { "pulumi-snowflake-secrets:owner": "somebody-else" },
    { "pulumi-snowflake-secrets:revision": "99" },
  ])("a tag by which a secret is known to be ours: %o", (mark) => {
    const change = (arn: string) => fixture.aws.control.tag(arn, mark);

    it("is put back, because state and claim both hold the ARN; no log-in", async () => {
      const { stack, secretArn, message } = await seeDrift(change);
      expect(message).toContain(`the secret was re-tagged: ${Object.keys(mark)[0]}`);
      expect((await stack.preview(fixture.args())).lines.join("\n")).toContain("corrects it");
      fixture.server.control.resetCounts();
      const up = await stack.up(fixture.args());
      expect(up.error).toBeUndefined();
      expect(fixture.server.control.counts().logins).toBe(0);
      expect((await fixture.aws.control.secret(secretArn))?.tags).not.toMatchObject(mark);
      expect(stack.outs.integrationStatus).toBe("Connected");
    });

    it("does not stop a repair that needs a log-in, nor a rotation", async () => {
      const { stack, secretArn } = await seeDrift(async (arn) => {
        await change(arn);
        await fixture.aws.control.putValue(arn, "theirs");
      });
      expect((await stack.up(fixture.args())).error).toBeUndefined();
      const secret = await fixture.aws.control.secret(secretArn);
      expect(JSON.parse(secret?.value ?? "{}")).toEqual(fixture.credentials);
      expect(secret?.tags).not.toMatchObject(mark);
      await change(secretArn);
      const up = await stack.up(fixture.args({ credentials: fixture.addUser() }));
      expect(up.error).toBeUndefined();
      expect((await fixture.secrets()).stored).toEqual([stack.outs.secretName]);
    });

    it("does not stop a destroy", async () => {
      const { stack, secretArn } = await seeDrift(change);
      expect((await stack.destroy()).error).toBeUndefined();
      expect((await fixture.aws.control.secret(secretArn))?.deletedDate).toBeDefined();
    });
  });

  it("another owner's tags stay where the claim does not name the secret, and the cure is said", async () => {
    const mark = { "pulumi-snowflake-secrets:owner": "somebody-else" };
    const { stack, secretArn } = await seeDrift(async (arn) => {
      await fixture.aws.control.tag(arn, mark);
      await fixture.aws.control.deleteSecret("exports/org_42/active/snowflake", "at once");
    });
    expect((await stack.preview(fixture.args())).lines.join("\n")).toContain(
      "`pulumi up` would fail: [NOT_OURS]",
    );
    const up = await stack.up(fixture.args());
    expect(up.error?.code).toBe("NOT_OURS");
    const down = await stack.destroy();
    expect(down.error?.code).toBe("NOT_OURS");
    expect(down.error?.message).toContain(
      `aws secretsmanager tag-resource --secret-id ${secretArn} --tags Key=managed-by,Value=pulumi-snowflake-secrets`,
    );
    expect((await fixture.aws.control.secret(secretArn))?.tags).toMatchObject(mark);
  });

  describe("a claim that is scheduled for deletion", () => {
    const name = "exports/org_42/active/snowflake";
    const schedule = () => fixture.aws.control.deleteSecret(name, "scheduled");
    const told = "restores the claim first";
    const restored = `the claim ${name} was scheduled for deletion by somebody; it is restored`;

    it("is seen, and restored by up without a log-in", async () => {
      const { stack, message } = await seeDrift(schedule);
      expect(message).toContain("someone scheduled the claim for deletion, for ");
      expect((await stack.preview(fixture.args())).lines.join("\n")).toContain(told);
      fixture.server.control.resetCounts();
      const up = await stack.up(fixture.args());
      expect(up.error).toBeUndefined();
      expect(up.lines.join("\n")).toContain(restored);
      expect(fixture.server.control.counts().logins).toBe(0);
      expect((await fixture.claim())?.active?.destinationId).toBe(stack.outs.destinationId);
      expect((await stack.up(fixture.args())).steps).toEqual(["same"]);
    });

    it("is restored by a rotation, after a preview that says so", async () => {
      const stack = await fixture.connectedStack();
      await schedule();
      const next = fixture.args({ credentials: fixture.addUser() });
      const preview = await stack.preview(next);
      expect(preview.lines.join("\n")).toContain(told);
      expect(preview.lines.join("\n")).not.toContain("up will fail");
      expect((await fixture.aws.control.secret(name))?.deletedDate).toBeDefined();
      expect((await stack.up(next)).error).toBeUndefined();
      expect((await fixture.claim())?.active?.revision).toBe(2);
    });

    it("is restored by a destroy", async () => {
      const stack = await fixture.connectedStack();
      await schedule();
      expect((await stack.destroy()).error).toBeUndefined();
      expect((await fixture.claim())?.active).toBeNull();
    });

    it("is restored by another stack's up, which then sees whose it is", async () => {
      await fixture.connectedStack();
      await schedule();
      const up = await new StackOfOne({ stack: "prod", name: "bi" }).up(fixture.args());
      expect(up.error?.code).toBe("INTEGRATION_EXISTS");
      expect((await fixture.aws.control.secret(name))?.deletedDate).toBeUndefined();
    });

    it("stays as it is where its tags do not say that it is one", async () => {
      const stack = await fixture.connectedStack();
      await fixture.aws.control.tag(name, {
        "managed-by": "theirs",
        "pulumi-snowflake-secrets:kind": "theirs",
      });
      await schedule();
      for (const { error } of [await stack.up(fixture.args()), await stack.destroy()]) {
        expect(error?.code).toBe("PENDING_DELETION");
        expect(error?.message).toContain(`aws secretsmanager restore-secret --secret-id ${name}`);
      }
      expect((await fixture.aws.control.secret(name))?.deletedDate).toBeDefined();
    });
  });

  it("a foreign version under HOLDER is told with the command that cures it", async () => {
    const name = "exports/org_42/active/snowflake";
    const stack = await fixture.connectedStack();
    const { versions = {} } = (await fixture.aws.control.secret(name)) ?? {};
    const good = Object.keys(versions).find((id) => versions[id]?.includes("HOLDER")) ?? "";
    const client = new SecretsManagerClient({ endpoint: fixture.aws.endpoint, region: fixture.aws.region });
    const put = new PutSecretValueCommand({
      SecretId: name,
      SecretString: "theirs",
      VersionStages: ["HOLDER"],
    });
    const { VersionId: bad = "" } = await client.send(put);
    for (const { error } of [await stack.up(fixture.args({ retryTrigger: "1" })), await stack.destroy()]) {
      expect(error?.code).toBe("NOT_OURS");
      expect(error?.message).toContain(
        `aws secretsmanager update-secret-version-stage --secret-id ${name} --version-stage HOLDER --remove-from-version-id ${bad} --move-to-version-id ${good}; then run again.`,
      );
    }
    await client.send(
      new UpdateSecretVersionStageCommand({
        SecretId: name,
        VersionStage: "HOLDER",
        RemoveFromVersionId: bad,
        MoveToVersionId: good,
      }),
    );
    client.destroy();
    expect((await stack.up(fixture.args({ retryTrigger: "1" }))).error).toBeUndefined();
  });

  it("a deleted claim is seen, and up recreates it", async () => {
    const name = "exports/org_42/active/snowflake";
    const { stack, message } = await seeDrift(() => fixture.aws.control.deleteSecret(name, "at once"));
    expect(message).toContain("was deleted");
    expect((await stack.up(fixture.args())).error).toBeUndefined();
    expect((await fixture.claim())?.active?.destinationId).toBe(stack.outs.destinationId);
  });
});

describe("a changed setting", () => {
  it("of tags, key and window is carried over in place, without a log-in", async () => {
    const own = fixture.args().aws as object;
    const stack = await fixture.connectedStack({ aws: { ...own, tags: { team: "data", old: "1" } } });
    const { secretArn = "", secretVersionId } = stack.outs;
    fixture.server.control.resetCounts();
    const changed = {
      aws: { ...own, tags: { team: "sales" }, kmsKeyId: "alias/exports", recoveryWindowInDays: 10 },
    };
    const up = await stack.up(fixture.args(changed));
    expect(up.error).toBeUndefined();
    expect(up.steps).toEqual(["update"]);
    const secret = await fixture.aws.control.secret(secretArn);
    expect(secret?.tags).toMatchObject({ team: "sales" });
    expect(secret?.tags.old).toBeUndefined();
    expect(secret?.versionId).toBe(secretVersionId);
    expect(
      fixture.aws.calls.some(
        ({ operation, body }) => operation === "UpdateSecret" && body.KmsKeyId === "alias/exports",
      ),
    ).toBe(true);
    expect(fixture.server.control.counts().logins).toBe(0);
    expect((await stack.up(fixture.args(changed))).steps).toEqual(["same"]);
    await stack.destroy();
    const left = (await fixture.aws.control.secret(secretArn))?.deletedDate?.getTime() ?? 0;
    expect(Math.round((left - Date.now()) / 86_400_000)).toBe(10);
  });
});
