import { describe, expect, it } from "vitest";
import { StackOfOne } from "../../support/stack-of-one.js";
import { useFixture } from "./fixture.js";

const fixture = useFixture();
const otherAccount = "111122223333";

const inOtherAccount = (changes: object = {}) => ({
  aws: { ...(fixture.args().aws as object), assumeRoleArn: `arn:aws:iam::${otherAccount}:role/exports` },
  ...changes,
});

describe("the AWS account", () => {
  it("is that of the assumed role, and a role in another account replaces", async () => {
    const stack = await fixture.connectedStack();
    const old = stack.outs;
    const up = await stack.up(fixture.args(inOtherAccount()));
    expect(up.error).toBeUndefined();
    expect(up.replaces).toEqual(["awsAccountId"]);
    expect(up.steps).toEqual(["replace", "delete"]);
    expect(stack.outs.awsAccountId).toBe(otherAccount);
    expect(stack.outs.secretArn).toContain(`:${otherAccount}:secret:`);
    expect(await fixture.secrets()).toEqual({ stored: [], scheduled: [old.secretName] });
    expect((await fixture.claim())?.active).toBeNull();
    expect((await stack.refresh()).error).toBeUndefined();
    expect(stack.outs.integrationStatus).toBe("Connected");
    expect((await stack.destroy()).error).toBeUndefined();
  });

  it("keeps the old destination when the credentials fail in the new one, and remembers it in the old claim", async () => {
    const stack = await fixture.connectedStack();
    const { kept } = stack;
    const changes = inOtherAccount({ credentials: { ...fixture.credentials, password: "wrong-password" } });
    expect((await stack.up(fixture.args(changes))).error?.code).toBe("CREDENTIALS_REJECTED");
    expect(stack.kept).toEqual(kept);
    expect((await fixture.claim())?.failedRotation).toBeDefined();
    fixture.server.control.resetCounts();
    expect((await stack.up(fixture.args(changes))).error?.code).toBe("CREDENTIALS_REJECTED");
    expect(fixture.server.control.counts().logins).toBe(0);
  });

  it("changed by the environment is refused in the preview and in up, and not called a replacement", async () => {
    const stack = await fixture.connectedStack();
    const { destinationId } = stack.outs;
    stack.edit({ awsAccountId: otherAccount });
    for (const operation of [await stack.preview(fixture.args()), await stack.up(fixture.args())]) {
      expect(operation.steps).toEqual(["update"]);
      const told = [...operation.lines, operation.error?.message].join("\n");
      expect(told).toContain(
        `[WRONG_ACCOUNT] the AWS credentials belong to account 123456789012, but the destination is in another account: account ${otherAccount}.`,
      );
      expect(told).toContain("name the new account by aws.profile or aws.assumeRoleArn");
    }
    expect((await fixture.claim())?.active?.destinationId).toBe(destinationId);
  });

  it("a region of its own replaces, too", async () => {
    const stack = await fixture.connectedStack();
    const old = stack.outs;
    const aws = { ...(fixture.args().aws as object), region: "eu-west-1" };
    const up = await stack.up(fixture.args({ aws }));
    expect(up.error).toBeUndefined();
    expect(up.replaces).toEqual(["awsRegion"]);
    expect(stack.outs.secretArn).toContain("secretsmanager:eu-west-1:");
    expect((await fixture.secrets()).scheduled).toEqual([old.secretName]);
  });

  it("a region that nobody names is asked for", async () => {
    const { region: _region, ...aws } = fixture.args().aws as { region: string };
    const found = { region: process.env.AWS_REGION, fallback: process.env.AWS_DEFAULT_REGION };
    delete process.env.AWS_REGION;
    try {
      const up = await new StackOfOne({ stack: "dev", name: "bi" }).up(fixture.args({ aws }));
      expect(up.failures).toEqual([
        {
          property: "",
          reason: expect.stringMatching(
            /^\[INVALID_INPUT\] no AWS region is set\. Fix: set AWS_REGION, aws\.region/,
          ),
        },
      ]);
    } finally {
      if (found.region !== undefined) process.env.AWS_REGION = found.region;
    }
  });
});
