import { describe, expect, it } from "vitest";
import type { Glue, LiveRun } from "../../../provider/aws/glue.js";
import { ProviderError } from "../../../provider/core/errors.js";
import { ensureNoLiveRun, type WatchedJobs } from "../../../provider/export-destination/glue-guard.js";
import { denied } from "../../support/aws/faults.js";
import { StackOfOne } from "../../support/stack-of-one.js";
import { useFixture } from "./fixture.js";

const fixture = useFixture();

describe("a named job that Glue does not know", () => {
  const told =
    "warning: export destination bi: AWS Glue in this account and region knows no job nightyl. Runs cannot hold off a disconnect. Fix: check glue.jobNames, unless the job is created later.";
  const watching = (...jobNames: string[]) => fixture.args({ glue: { jobNames } });

  it("is told by the preview of a creation and by up, and not again", async () => {
    await fixture.aws.control.createJobs(["nightly"]);
    const stack = new StackOfOne({ stack: "dev", name: "bi" });
    const args = watching("nightly", "nightyl");
    expect((await stack.preview(args)).lines).toContain(told);
    const up = await stack.up(args);
    expect(up.error).toBeUndefined();
    expect(up.lines).toContain(told);
    expect(up.lines.join()).not.toContain("job nightly.");
    const again = await stack.up(args);
    expect(again.steps).toEqual(["same"]);
    expect(again.lines).not.toContain(told);
  });

  it("is told where it is named later", async () => {
    await fixture.aws.control.createJobs(["nightly"]);
    const stack = await fixture.connectedStack({ glue: { jobNames: ["nightly"] } });
    expect((await stack.preview(watching("nightly", "nightyl"))).lines).toContain(told);
    expect((await stack.up(watching("nightly", "nightyl"))).lines).toContain(told);
    expect((await stack.up(watching("nightyl"))).lines).not.toContain(told);
  });

  it("is no reason to fail where Glue does not tell", async () => {
    fixture.aws.faults.add({ operation: "GetJobRuns", times: 9, effect: denied });
    const stack = new StackOfOne({ stack: "dev", name: "bi" });
    const up = await stack.up(watching("nightly"));
    expect(up.error).toBeUndefined();
    expect(up.lines.join()).toContain(
      "whether Glue knows the jobs of glue.jobNames was not seen: [AWS_FAILED]",
    );
  });
});

describe("which runs are read before a disconnect", () => {
  const listed = (operation: string) =>
    fixture.aws.calls.filter((call) => call.operation === operation).map(({ body }) => body.JobName);

  it("with jobNames those of the named jobs only", async () => {
    await fixture.aws.control.createJobs(["nightly", "hourly", "other"]);
    const stack = await fixture.connectedStack({ glue: { jobNames: ["nightly", "hourly"] } });
    const { secretName = "" } = stack.outs;
    await fixture.aws.control.startRun("other", { arguments: { "--secret": secretName } });
    fixture.aws.forgetCalls();
    expect((await stack.destroy()).error).toBeUndefined();
    expect(fixture.aws.callCount("GetJobs")).toBe(0);
    expect(listed("GetJobRuns").sort()).toEqual(["hourly", "nightly"]);
  });

  it("with jobNames and scanAllJobs, or with neither, those of all", async () => {
    await fixture.aws.control.createJobs(["nightly", "other"]);
    for (const glue of [{ jobNames: ["nightly"], scanAllJobs: true }, { jobNames: [] }, undefined]) {
      const stack = await fixture.connectedStack(glue === undefined ? {} : { glue });
      const { secretName = "" } = stack.outs;
      const runId = await fixture.aws.control.startRun("other", { arguments: { "--secret": secretName } });
      fixture.aws.forgetCalls();
      expect((await stack.destroy()).error?.message).toContain(`${runId} of job other (RUNNING)`);
      expect(listed("GetJobRuns").sort()).toEqual(["nightly", "other"]);
      fixture.aws.control.setRunState(runId, "SUCCEEDED");
      expect((await stack.destroy()).error).toBeUndefined();
    }
  });

  it("the permission that is missing is named, with the jobs that it is needed on", async () => {
    await fixture.aws.control.createJobs(["nightly"]);
    const stack = await fixture.connectedStack({ glue: { jobNames: ["nightly"] } });
    fixture.aws.faults.add({ operation: "GetJobRuns", times: 10, effect: denied });
    const down = await stack.destroy();
    expect(down.error?.message).toBe(
      "[UNPROVEN] AWS Glue could not be read, so it is unknown whether an export job runs, and nothing was disconnected ([AWS_FAILED] cannot list the runs of Glue job (AWS AccessDeniedException): nightly): bi. Fix: allow glue:GetJobRuns for the identity that runs Pulumi. The identity needs glue:GetJobRuns on nightly. Details: npx pulumi-snowflake-secrets explain UNPROVEN",
    );
  });
});

describe("Glue that fails half-way", () => {
  const run: LiveRun = { jobName: "a", runId: "jr_1", state: "RUNNING", argumentValues: ["s"] };
  const unreadable = new ProviderError("AWS_FAILED", { operation: "list", hint: "allow it." });

  it.each<[string, WatchedJobs | undefined]>([
    ["scanning", undefined],
    ["naming", { jobNames: ["a", "b"] }],
  ])("is not known, even where other runs were read: %s", async (_how, watched) => {
    const glue: Glue = {
      hasJob: async () => true,
      listJobs: async () => ["a", "b"].map((name) => ({ name, argumentValues: [] })),
      listLiveRuns: (name) => (name === "a" ? Promise.resolve([run]) : Promise.reject(unreadable)),
    };
    const messages = { report: () => undefined, warn: () => undefined };
    const guarded = { name: "bi", watched, secretIds: ["s"] };
    await expect(ensureNoLiveRun(glue, guarded, messages)).rejects.toMatchObject({ code: "UNPROVEN" });
  });
});
