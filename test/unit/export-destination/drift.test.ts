import {
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { describe, expect, it } from "vitest";
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

  it("a deleted secret is seen, and made anew by up after a log-in", async () => {
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
      "up will fail as things stand: [PENDING_DELETION]",
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
    expect((await stack.preview(fixture.args())).lines.join("\n")).toContain("up sets it right");
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

  it("another current version is seen, and up stores ours again", async () => {
    const { stack, message, secretArn } = await seeDrift((arn) =>
      fixture.aws.control.putValue(arn, "theirs"),
    );
    expect(message).toContain("somebody changed the value");
    expect((await stack.up(fixture.args())).error).toBeUndefined();
    const secret = await fixture.aws.control.secret(secretArn);
    expect(JSON.parse(secret?.value ?? "{}")).toEqual(fixture.credentials);
    await stack.refresh();
    expect(stack.outs.integrationStatus).toBe("Connected");
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

  it("another owner's mark on the secret is explained, not overwritten", async () => {
    const mark = { "pulumi-snowflake-secrets:destination-id": "theirs" };
    const { stack, secretArn } = await seeDrift((arn) => fixture.aws.control.tag(arn, mark));
    const up = await stack.up(fixture.args());
    expect(up.error?.code).toBe("NOT_OURS");
    expect((await fixture.aws.control.secret(secretArn))?.tags).toMatchObject(mark);
  });

  it("a deleted claim is seen, and up makes it anew", async () => {
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
