import { describe, expect, it } from "vitest";
import { useWorld } from "./world.js";

const world = useWorld();

async function seeDrift(spoil: (arn: string) => Promise<void>, changes: Record<string, unknown> = {}) {
  const stack = await world.connectedStack(changes);
  const { secretArn = "" } = stack.outs;
  await spoil(secretArn);
  const refresh = await stack.refresh();
  expect(refresh.error).toBeUndefined();
  expect(stack.outs).toMatchObject({ status: "Validated", integrationStatus: "Error" });
  return { stack, secretArn, message: stack.outs.errorMessage };
}

describe("what somebody else did", () => {
  it("nothing: a refresh changes nothing, and up does nothing", async () => {
    const stack = await world.connectedStack();
    const before = stack.outs;
    await stack.refresh();
    expect(stack.outs).toEqual(before);
    expect((await stack.up(world.args())).steps).toEqual(["same"]);
  });

  it("a deleted secret is seen, and made anew by up after a log-in", async () => {
    const { stack, message } = await seeDrift((arn) => world.aws.door.deleteSecret(arn, "at once"));
    expect(message).toBe("the secret was deleted");
    const up = await stack.up(world.args());
    expect(up.error).toBeUndefined();
    expect(up.steps).toEqual(["update"]);
    expect(stack.outs).toMatchObject({ integrationStatus: "Connected" });
    expect(stack.outs.errorMessage).toBeUndefined();
    expect(JSON.parse((await world.aws.door.secret(stack.outs.secretArn ?? ""))?.value ?? "{}")).toEqual(
      world.credentials,
    );
    expect((await world.claim())?.active?.secretArn).toBe(stack.outs.secretArn);
  });

  it("a secret scheduled for deletion is seen; up says what can be done, and restores it if asked to", async () => {
    const { stack, message, secretArn } = await seeDrift((arn) =>
      world.aws.door.deleteSecret(arn, "scheduled"),
    );
    expect(message).toContain("scheduled for deletion");
    const up = await stack.up(world.args());
    expect(up.error?.code).toBe("PENDING_DELETION");
    const restored = await stack.up(world.args({ onPendingDeletion: "restore" }));
    expect(restored.error).toBeUndefined();
    expect(stack.outs).toMatchObject({ integrationStatus: "Connected", secretArn });
    expect((await world.aws.door.secret(secretArn))?.deletedDate).toBeUndefined();
  });

  it("another current version is seen, and up stores ours again", async () => {
    const { stack, message, secretArn } = await seeDrift((arn) => world.aws.door.putValue(arn, "theirs"));
    expect(message).toContain("somebody changed the value");
    expect((await stack.up(world.args())).error).toBeUndefined();
    const secret = await world.aws.door.secret(secretArn);
    expect(JSON.parse(secret?.value ?? "{}")).toEqual(world.credentials);
    await stack.refresh();
    expect(stack.outs.integrationStatus).toBe("Connected");
  });

  it("changed tags are seen by name, and up sets them right without a log-in", async () => {
    const tags = { aws: { ...(world.args().aws as object), tags: { team: "data" } } };
    const spoil = (arn: string) => world.aws.door.tag(arn, { team: "theirs" });
    const { stack, message, secretArn } = await seeDrift(spoil, tags);
    expect(message).toBe("the secret was re-tagged: team");
    world.server.door.resetCounts();
    expect((await stack.up(world.args(tags))).error).toBeUndefined();
    expect((await world.aws.door.secret(secretArn))?.tags.team).toBe("data");
    expect(world.server.door.counts().logins).toBe(0);
    expect(stack.outs.integrationStatus).toBe("Connected");
  });

  it("another owner's mark on the secret is explained, not overwritten", async () => {
    const mark = { "pulumi-snowflake-secrets:destination-id": "theirs" };
    const { stack, secretArn } = await seeDrift((arn) => world.aws.door.tag(arn, mark));
    const up = await stack.up(world.args());
    expect(up.error?.code).toBe("NOT_OURS");
    expect((await world.aws.door.secret(secretArn))?.tags).toMatchObject(mark);
  });

  it("a deleted claim is seen, and up makes it anew", async () => {
    const name = "exports/org_42/active/snowflake";
    const { stack, message } = await seeDrift(() => world.aws.door.deleteSecret(name, "at once"));
    expect(message).toContain("was deleted");
    expect((await stack.up(world.args())).error).toBeUndefined();
    expect((await world.claim())?.active?.destinationId).toBe(stack.outs.destinationId);
  });
});

describe("a changed setting", () => {
  it("of tags, key and window is carried over in place, without a log-in", async () => {
    const own = world.args().aws as object;
    const stack = await world.connectedStack({ aws: { ...own, tags: { team: "data", old: "1" } } });
    const { secretArn = "", secretVersionId } = stack.outs;
    world.server.door.resetCounts();
    const changed = {
      aws: { ...own, tags: { team: "sales" }, kmsKeyId: "alias/exports", recoveryWindowInDays: 10 },
    };
    const up = await stack.up(world.args(changed));
    expect(up.error).toBeUndefined();
    expect(up.steps).toEqual(["update"]);
    const secret = await world.aws.door.secret(secretArn);
    expect(secret?.tags).toMatchObject({ team: "sales" });
    expect(secret?.tags.old).toBeUndefined();
    expect(secret?.versionId).toBe(secretVersionId);
    expect(
      world.aws.calls.some(
        ({ operation, body }) => operation === "UpdateSecret" && body.KmsKeyId === "alias/exports",
      ),
    ).toBe(true);
    expect(world.server.door.counts().logins).toBe(0);
    expect((await stack.up(world.args(changed))).steps).toEqual(["same"]);
    await stack.destroy();
    const left = (await world.aws.door.secret(secretArn))?.deletedDate?.getTime() ?? 0;
    expect(Math.round((left - Date.now()) / 86_400_000)).toBe(10);
  });
});
