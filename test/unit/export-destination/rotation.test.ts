import { describe, expect, it } from "vitest";
import type { StackOfOne } from "../../support/stack-of-one.js";
import { useFixture } from "./fixture.js";

const fixture = useFixture();

describe("deleteBeforeReplace", () => {
  const told = "it is disconnected before the new credentials are checked (deleteBeforeReplace)";

  it("is warned of where the destination is taken away", async () => {
    const stack = await fixture.connectedStack();
    const up = await stack.up(fixture.args({ credentials: fixture.addUser() }), {
      deleteBeforeReplace: true,
    });
    expect(up.error).toBeUndefined();
    expect(up.lines.join()).toContain(told);
  });

  it("is not warned of in a replacement without it, a move, nor a destroy", async () => {
    const stack = await fixture.connectedStack();
    const lines = [
      ...(await stack.up(fixture.args({ credentials: fixture.addUser() }))).lines,
      ...(await stack.up(fixture.args({ credentials: fixture.addUser("EXPORTER3"), organizationId: "43" })))
        .lines,
      ...(await stack.destroy()).lines,
    ];
    expect(lines.join()).not.toContain(told);
    expect((await fixture.secrets()).stored).toEqual([]);
  });
});

it("a change of type under a fixed id is told as what it is, in the preview too", async () => {
  const fixed = { destinationId: "warehouse" };
  const stack = await fixture.connectedStack(fixed);
  const credentials = {
    type: "postgresql",
    host: "localhost",
    port: 9,
    database: "d",
    username: "u",
    password: "p",
  };
  const args = fixture.args({ ...fixed, credentials, validation: undefined });
  const message =
    "[NOT_OURS] destinationId warehouse is fixed, and its secret holds the credentials of type snowflake, which a destination of type postgresql does not overwrite";
  expect((await stack.preview(args)).lines.join()).toContain(message);
  const { error } = await stack.up(args);
  expect(error?.message).toContain(message);
  expect(error?.message).toContain("give the destination of the new type another destinationId");
  expect(stack.outs.integrationStatus).toBe("Connected");
});

async function storedPassword(stack: StackOfOne): Promise<string> {
  const secret = await fixture.aws.control.secret(stack.outs.secretArn ?? "");
  return JSON.parse(secret?.value ?? "{}").password;
}

describe("changed credentials", () => {
  it("replace the destination without a gap: stored, claimed, and only then the old one disconnected", async () => {
    const stack = await fixture.connectedStack();
    const old = stack.outs;
    fixture.aws.forgetCalls();
    const next = fixture.addUser();
    const up = await stack.up(fixture.args({ credentials: next }));
    expect(up.error).toBeUndefined();
    expect(up.steps).toEqual(["replace", "delete"]);
    expect(stack.outs).toMatchObject({ integrationStatus: "Connected", revision: 2 });
    expect(stack.outs.secretArn).not.toBe(old.secretArn);
    expect(await storedPassword(stack)).toBe(next.password);
    const order = fixture.aws.calls.map(({ operation }) => operation);
    expect(order.indexOf("CreateSecret")).toBeLessThan(order.lastIndexOf("UpdateSecretVersionStage"));
    expect(order.indexOf("DeleteSecret")).toBeGreaterThan(order.indexOf("CreateSecret"));
    expect(await fixture.claim()).toMatchObject({
      active: { destinationId: stack.outs.destinationId },
      archived: [
        {
          destinationId: old.destinationId,
          disconnectedAt: expect.any(String),
          deletionDate: expect.any(String),
        },
      ],
    });
    expect(await fixture.secrets()).toEqual({ stored: [stack.outs.secretName], scheduled: [old.secretName] });
  });

  it("show in a preview field by field, and nothing is done", async () => {
    const stack = await fixture.connectedStack();
    fixture.aws.forgetCalls();
    const preview = await stack.preview(
      fixture.args({ credentials: { ...fixture.credentials, password: "another" } }),
    );
    expect(preview.replaces).toEqual(["credentialFingerprints"]);
    const reads = ["GetCallerIdentity", "GetSecretValue", "DescribeSecret", "GetJobs", "GetJobRuns"];
    expect(fixture.aws.calls.filter(({ operation }) => !reads.includes(operation))).toEqual([]);
    expect(fixture.server.control.counts().logins).toBe(1);
  });

  it("that do not work leave the old one connected and untouched, and no later up deletes it", async () => {
    const stack = await fixture.connectedStack();
    const { kept } = stack;
    const wrong = fixture.args({ credentials: { ...fixture.credentials, password: "wrong-password" } });
    const failed = await stack.up(wrong);
    expect(failed.error?.code).toBe("CREDENTIALS_REJECTED");
    expect(failed.error?.reasons).toBeUndefined();
    expect(stack.kept).toEqual(kept);
    expect(stack.doomed).toEqual([]);
    expect((await fixture.claim())?.active?.destinationId).toBe(kept?.outs.destinationId);
    expect((await fixture.secrets()).stored).toEqual([kept?.outs.secretName]);
    // Back to the old ones: nothing to do, and nothing is deleted.
    const back = await stack.up(fixture.args());
    expect(back.steps).toEqual(["same"]);
    expect((await fixture.secrets()).stored).toEqual([kept?.outs.secretName]);
    // On to ones that work: only now the old one goes.
    const next = await stack.up(fixture.args({ credentials: fixture.addUser() }));
    expect(next.error).toBeUndefined();
    expect((await fixture.secrets()).stored).toEqual([stack.outs.secretName]);
    expect((await fixture.claim())?.failedRotation).toBeUndefined();
  });

  it("that are known not to work are not tried again, and the message comes back with its date", async () => {
    const stack = await fixture.connectedStack();
    const wrong = { credentials: { ...fixture.credentials, password: "wrong-password" } };
    await stack.up(fixture.args(wrong));
    const remembered = (await fixture.claim())?.failedRotation;
    fixture.server.control.resetCounts();
    const again = await stack.up(fixture.args(wrong));
    expect(fixture.server.control.counts().logins).toBe(0);
    expect(again.error?.code).toBe("CREDENTIALS_REJECTED");
    expect(again.error?.message).toContain(remembered?.at);
    expect(again.error?.message).toContain("AUTHENTICATION_FAILED");
    expect(again.error?.message).toContain("retryTrigger");
    // On purpose they are tried once more.
    fixture.server.control.setPassword("EXPORTER", "wrong-password");
    const onPurpose = await stack.up(fixture.args({ ...wrong, retryTrigger: "the password was set" }));
    expect(onPurpose.error).toBeUndefined();
    expect(await storedPassword(stack)).toBe("wrong-password");
  });

  it("are not needed where a replacement is asked for: the destination is validated and taken up again", async () => {
    const stack = await fixture.connectedStack();
    const old = stack.outs;
    fixture.server.control.resetCounts();
    const up = await stack.up(fixture.args(), { isReplaceTarget: true });
    expect(up.error).toBeUndefined();
    expect(fixture.server.control.counts().logins).toBe(1);
    expect(up.lines.join("\n")).toContain("was taken up again as it is, so it is not disconnected");
    expect(stack.outs).toMatchObject({ integrationStatus: "Connected", secretArn: old.secretArn });
    expect(await fixture.secrets()).toEqual({ stored: [old.secretName], scheduled: [] });
    expect((await fixture.claim())?.active?.destinationId).toBe(stack.outs.destinationId);
    expect((await stack.up(fixture.args())).steps).toEqual(["same"]);
  });

  it("are not needed where another resource asks for a replacement: the new one is stored before the old one goes", async () => {
    const stack = await fixture.connectedStack();
    const old = stack.outs;
    const up = await stack.up(fixture.args(), { replace: true });
    expect(up.error).toBeUndefined();
    expect(stack.outs).toMatchObject({ integrationStatus: "Connected", revision: 2 });
    expect(await fixture.secrets()).toEqual({ stored: [stack.outs.secretName], scheduled: [old.secretName] });
    expect((await fixture.claim())?.active?.destinationId).toBe(stack.outs.destinationId);
  });

  it("under a replacement that is asked for leave the old ones at work when they fail", async () => {
    const stack = await fixture.connectedStack();
    const { kept } = stack;
    const wrong = fixture.args({ credentials: { ...fixture.credentials, password: "wrong-password" } });
    expect((await stack.up(wrong, { isReplaceTarget: true })).error?.code).toBe("CREDENTIALS_REJECTED");
    expect(stack.kept).toEqual(kept);
    expect((await stack.up(fixture.args())).steps).toEqual(["same"]);
    expect((await fixture.secrets()).stored).toEqual([kept?.outs.secretName]);
  });

  it("leave the old one pending while a run uses it, and the next up takes it away", async () => {
    await fixture.aws.control.createJobs(["nightly"]);
    const stack = await fixture.connectedStack({ glue: { jobNames: ["nightly"] } });
    const old = stack.outs;
    const runId = await fixture.aws.control.startRun("nightly");
    const next = fixture.addUser();
    const args = fixture.args({ credentials: next, glue: { jobNames: ["nightly"] } });
    const up = await stack.up(args);
    expect(up.error?.code).toBe("EXPORT_RUNNING");
    expect(stack.outs.integrationStatus).toBe("Connected");
    expect((await fixture.secrets()).stored).toEqual([old.secretName, stack.outs.secretName]);
    fixture.aws.control.setRunState(runId, "SUCCEEDED");
    const later = await stack.up(args);
    expect(later.error).toBeUndefined();
    expect(later.steps).toEqual(["same", "delete"]);
    expect((await fixture.secrets()).stored).toEqual([stack.outs.secretName]);
  });
});

describe("a fixed destinationId", () => {
  it("keeps the ARN when the credentials change, and the old revision's delete leaves it alone", async () => {
    const stack = await fixture.connectedStack({ destinationId: "warehouse" });
    const { secretArn, secretName } = stack.outs;
    expect(secretName).toBe("exports/org_42/bi_warehouse");
    const next = fixture.addUser();
    const up = await stack.up(fixture.args({ credentials: next, destinationId: "warehouse" }));
    expect(up.error).toBeUndefined();
    expect(up.steps).toEqual(["replace", "delete"]);
    expect(stack.outs.secretArn).toBe(secretArn);
    expect(await storedPassword(stack)).toBe(next.password);
    expect((await fixture.secrets()).scheduled).toEqual([]);
    expect((await fixture.claim())?.active).toMatchObject({
      destinationId: "warehouse",
      revision: 2,
      secretArn,
    });
    expect((await stack.destroy()).error).toBeUndefined();
    expect(await fixture.secrets()).toEqual({ stored: [], scheduled: [secretName] });
  });
});

describe("another name, organization, prefix or id", () => {
  it.each([
    ["name", { name: "reporting" }],
    ["organizationId", { organizationId: "43" }],
    ["secretNamePrefix", { secretNamePrefix: "prod" }],
    ["destinationId", { destinationId: "warehouse" }],
  ])("%s follows the same path", async (key, changes) => {
    const stack = await fixture.connectedStack();
    const old = stack.outs;
    const up = await stack.up(fixture.args(changes));
    expect(up.replaces).toEqual([key]);
    expect(up.error).toBeUndefined();
    expect(await fixture.secrets()).toEqual({ stored: [stack.outs.secretName], scheduled: [old.secretName] });
    const back = await stack.up(fixture.args());
    expect(back.replaces).toEqual([key]);
    expect(back.error).toBeUndefined();
    expect((await fixture.secrets()).stored).toEqual([stack.outs.secretName]);
  });

  it("with credentials that do not work leaves the old one connected, in its own claim", async () => {
    const stack = await fixture.connectedStack();
    const { kept } = stack;
    const changes = {
      organizationId: "43",
      credentials: { ...fixture.credentials, password: "wrong-password" },
    };
    const failed = await stack.up(fixture.args(changes));
    expect(failed.error?.code).toBe("CREDENTIALS_REJECTED");
    expect(stack.kept).toEqual(kept);
    expect(stack.doomed).toEqual([]);
    expect(await fixture.claim("snowflake", "43")).toBeUndefined();
    expect((await fixture.claim())?.failedRotation).toBeDefined();
    fixture.server.control.resetCounts();
    const again = await stack.up(fixture.args(changes));
    expect(again.error?.code).toBe("CREDENTIALS_REJECTED");
    expect(fixture.server.control.counts().logins).toBe(0);
  });

  it("into an organization that has one already is refused, and the old one stays", async () => {
    const stack = await fixture.connectedStack();
    const { kept } = stack;
    const other = await fixture.connectedStack({ organizationId: "43" }, "prod");
    const up = await stack.up(fixture.args({ organizationId: "43" }));
    expect(up.error?.code).toBe("INTEGRATION_EXISTS");
    expect(up.error?.message).toContain(other.outs.destinationId);
    expect(stack.kept).toEqual(kept);
  });
});
