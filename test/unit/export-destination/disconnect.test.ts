import { describe, expect, it } from "vitest";
import { Operation } from "../../../provider/engine/operation.js";
import { namesAny } from "../../../provider/export-destination/glue-guard.js";
import { exportDestination } from "../../../provider/export-destination/resource.js";
import { StackOfOne } from "../../support/stack-of-one.js";
import { useFixture } from "./fixture.js";

const fixture = useFixture();

async function everything(): Promise<string> {
  const names = await fixture.aws.control.secretNames();
  const secrets = await Promise.all(names.map((name) => fixture.aws.control.secret(name)));
  return JSON.stringify([secrets, await fixture.claim()]);
}

describe("the Glue guard", () => {
  it.each(["STARTING", "RUNNING", "STOPPING", "WAITING"] as const)(
    "a run in %s holds a disconnect off, and everything stays as it was",
    async (state) => {
      await fixture.aws.control.createJobs(["nightly"]);
      const stack = await fixture.connectedStack({ glue: { jobNames: ["nightly"] } });
      const runId = await fixture.aws.control.startRun("nightly", { state });
      const before = await everything();
      const down = await stack.destroy();
      expect(down.error?.code).toBe("EXPORT_RUNNING");
      expect(down.error?.message).toContain(runId);
      expect(await everything()).toBe(before);
      expect((await stack.refresh()).error).toBeUndefined();
      expect(stack.outs.integrationStatus).toBe("Connected");
    },
  );

  it.each(["SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT", "ERROR", "EXPIRED"] as const)(
    "a run in %s does not",
    async (state) => {
      await fixture.aws.control.createJobs(["nightly"]);
      const stack = await fixture.connectedStack({ glue: { jobNames: ["nightly"] } });
      await fixture.aws.control.startRun("nightly", { state });
      expect((await stack.destroy()).error).toBeUndefined();
    },
  );

  it("sees runs whose arguments, or their job's, name the secret or the claim", async () => {
    const stack = await fixture.connectedStack();
    const { secretName = "", secretArn = "", claimName } = stack.outs;
    await fixture.aws.control.createJobs(["by-run"]);
    await fixture.aws.control.createJobs(["by-job"], { "--secret": claimName });
    await fixture.aws.control.createJobs(["unrelated"], { "--secret": `${secretName}0` });
    await fixture.aws.control.startRun("unrelated");
    const runs = [
      await fixture.aws.control.startRun("by-run", { arguments: { "--secret": secretName } }),
      await fixture.aws.control.startRun("by-run", { arguments: { "--secret": secretArn } }),
      await fixture.aws.control.startRun("by-run", {
        arguments: { "--config": JSON.stringify({ secret: claimName }) },
      }),
      await fixture.aws.control.startRun("by-job"),
    ];
    for (const runId of runs) {
      const down = await stack.destroy();
      expect(down.error?.code).toBe("EXPORT_RUNNING");
      expect(down.error?.message).toContain(runId);
      fixture.aws.control.setRunState(runId, "SUCCEEDED");
    }
    expect((await stack.destroy()).error).toBeUndefined();
  });

  it("reads every page of jobs and runs", async () => {
    const stack = await fixture.connectedStack();
    await fixture.aws.control.createJobs(Array.from({ length: 7 }, (_, n) => `job-${n}`));
    const first = await fixture.aws.control.startRun("job-6", {
      arguments: { "--secret": stack.outs.claimName },
    });
    for (let n = 0; n < 6; n += 1) await fixture.aws.control.startRun("job-6", { state: "SUCCEEDED" });
    fixture.aws.setPageSize(2);
    const down = await stack.destroy();
    expect(down.error?.code).toBe("EXPORT_RUNNING");
    expect(down.error?.message).toContain(first);
  });

  it("says so when a named job is not there, and goes on", async () => {
    const stack = await fixture.connectedStack({ glue: { jobNames: ["removed"] } });
    const down = await stack.destroy();
    expect(down.error).toBeUndefined();
    expect(down.lines.join("\n")).toContain("Glue knows no job removed");
  });

  it("takes no name for another that merely begins or ends like it", () => {
    const ids = ["exports/org_42/bi_a-1"];
    expect(namesAny("exports/org_42/bi_a-1", ids)).toBe(true);
    expect(
      namesAny("arn:aws:secretsmanager:us-east-1:123456789012:secret:exports/org_42/bi_a-1-AbCdEf", ids),
    ).toBe(true);
    expect(namesAny("exports/org_42/bi_a-10", ids)).toBe(false);
    expect(namesAny("prod/exports/org_42/bi_a-1", ids)).toBe(false);
    expect(namesAny("exports/org_42/bi_a-10,exports/org_42/bi_a-1", ids)).toBe(true);
  });
});

describe("a disconnect", () => {
  it("archives, schedules with the window, frees the claim, and lets a new one follow at once", async () => {
    const stack = await fixture.connectedStack({
      aws: { ...(fixture.args().aws as object), recoveryWindowInDays: 7 },
    });
    const { destinationId, secretArn = "", secretName } = stack.outs;
    const down = await stack.destroy();
    expect(down.error).toBeUndefined();
    const left = (await fixture.aws.control.secret(secretArn))?.deletedDate?.getTime() ?? 0;
    const day = 86_400_000;
    expect(Math.round((left - Date.now()) / day)).toBe(7);
    expect(await fixture.claim()).toMatchObject({
      active: null,
      archived: [
        { destinationId, secretArn, disconnectedAt: expect.any(String), deletionDate: expect.any(String) },
      ],
    });
    expect(down.lines.join("\n")).toContain("archived, Disconnected");
    const again = await fixture.connectedStack();
    expect(again.outs).toMatchObject({ integrationStatus: "Connected", revision: 2 });
    expect(again.outs.secretName).not.toBe(secretName);
  });

  it("is fine when the secret is deleted or scheduled already, if it is proven ours", async () => {
    for (const how of ["at once", "scheduled"] as const) {
      await fixture.reset();
      const stack = await fixture.connectedStack();
      await fixture.aws.control.deleteSecret(stack.outs.secretArn ?? "", how);
      expect((await stack.destroy()).error).toBeUndefined();
      expect((await fixture.claim())?.active).toBeNull();
    }
  });

  it("works in one run while the deletion of an older destination waits", async () => {
    await fixture.aws.control.createJobs(["nightly"]);
    const glue = { glue: { jobNames: ["nightly"] } };
    const stack = await fixture.connectedStack(glue);
    const runId = await fixture.aws.control.startRun("nightly");
    const up = await stack.up(fixture.args({ ...glue, credentials: fixture.addUser() }));
    expect(up.error?.code).toBe("EXPORT_RUNNING");
    expect(stack.doomed).toHaveLength(1);
    fixture.aws.control.setRunState(runId, "SUCCEEDED");
    const down = await stack.destroy();
    expect(down.error).toBeUndefined();
    expect(stack.doomed).toEqual([]);
    expect(stack.kept).toBeUndefined();
    expect((await fixture.secrets()).stored).toEqual([]);
    expect((await fixture.claim())?.active).toBeNull();
  });

  it("of an older destination sees the newer one's, which the engine begins at the same time", async () => {
    const stack = await fixture.connectedStack();
    const old = stack.outs;
    const restore = stack.snapshot();
    await stack.up(fixture.args({ credentials: fixture.addUser() }));
    const next = stack.outs;
    await fixture.aws.control.restoreSecret(old.secretArn ?? "");
    restore();
    const operation = new Operation({ report: () => undefined, warn: () => undefined });
    await Promise.all(
      [old, next].map((each) => exportDestination.delete(each.destinationId, each, operation)),
    );
    await operation.end();
    expect((await fixture.secrets()).stored).toEqual([]);
    expect((await fixture.claim())?.active).toBeNull();
  });

  it("names the regions that a secret is replicated to, and the command; nothing is changed", async () => {
    const stack = await fixture.connectedStack();
    const { secretArn = "" } = stack.outs;
    await fixture.aws.control.replicate(secretArn, ["eu-west-1", "ap-south-1"]);
    const before = await everything();
    const down = await stack.destroy();
    expect(down.error?.code).toBe("UNPROVEN");
    expect(down.error?.message).toContain("the secret is replicated to ap-south-1, eu-west-1");
    expect(down.error?.message).toContain(
      `aws secretsmanager remove-regions-from-replication --secret-id ${secretArn} --remove-replica-regions ap-south-1 eu-west-1`,
    );
    expect(await everything()).toBe(before);
    const next = fixture.args({ credentials: fixture.addUser() });
    expect((await stack.preview(next)).lines.join("\n")).toContain(
      "would connect the new destination, then fail to disconnect the old one: [UNPROVEN] the secret is replicated",
    );
    expect((await stack.up(next)).error?.code).toBe("UNPROVEN");
    expect(stack.outs.integrationStatus).toBe("Connected");
    await fixture.aws.control.removeReplicas(secretArn, ["eu-west-1", "ap-south-1"]);
    expect((await stack.destroy()).error).toBeUndefined();
    expect((await fixture.secrets()).stored).toEqual([]);
  });

  it("refuses to work on another account than the recorded one", async () => {
    const stack = await fixture.connectedStack();
    stack.edit({ awsAccountId: "999999999999" });
    for (const operation of [await stack.destroy(), await stack.refresh()]) {
      expect(operation.error?.code).toBe("WRONG_ACCOUNT");
      expect(operation.error?.message).toContain("999999999999");
    }
    expect((await fixture.secrets()).scheduled).toEqual([]);
  });

  it("leaves the claim of another holder alone after a release", async () => {
    const { releaseClaim } = await import("../../../provider/export-destination/claim/release.js");
    const stack = await fixture.connectedStack();
    const { aws } = fixture.args() as { aws: { region: string; endpoint: string } };
    const scope = { organizationId: "42", type: "snowflake" as const, aws };
    await expect(releaseClaim({ ...scope, destinationId: "other" })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    await releaseClaim({ ...scope, destinationId: stack.outs.destinationId });
    const next = new StackOfOne({ stack: "prod", name: "bi" });
    expect((await next.up(fixture.args())).error).toBeUndefined();
    expect((await stack.refresh()).error).toBeUndefined();
    expect(stack.outs).toMatchObject({ integrationStatus: "Error" });
    const up = await stack.up(fixture.args());
    expect(up.error?.code).toBe("INTEGRATION_EXISTS");
    expect((await stack.destroy()).error).toBeUndefined();
    expect((await fixture.claim())?.active?.destinationId).toBe(next.outs.destinationId);
    expect((await fixture.secrets()).stored).toEqual([next.outs.secretName]);
  });
});
