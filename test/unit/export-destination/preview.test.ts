import { describe, expect, it } from "vitest";
import { unknownValue } from "../../../provider/engine/unknown.js";
import { denied } from "../../support/aws/faults.js";
import { StackOfOne } from "../../support/stack-of-one.js";
import { useFixture } from "./fixture.js";

const fixture = useFixture();

describe("a preview looks ahead", () => {
  it("and warns that another destination is active, and fails nothing", async () => {
    const first = await fixture.connectedStack();
    const preview = await new StackOfOne({ stack: "prod", name: "bi" }).preview(fixture.args());
    expect(preview.error).toBeUndefined();
    expect(preview.lines.join("\n")).toMatch(
      /^warning: export destination bi: `pulumi up` would fail: \[INTEGRATION_EXISTS\]/m,
    );
    expect(preview.lines.join("\n")).toContain(first.outs.destinationId);
  });

  it("and warns of a name inside its recovery window", async () => {
    const former = await fixture.connectedStack({ destinationId: "warehouse" });
    await former.destroy();
    const preview = await new StackOfOne({ stack: "dev", name: "bi" }).preview(
      fixture.args({ destinationId: "warehouse" }),
    );
    expect(preview.error).toBeUndefined();
    expect(preview.lines.join("\n")).toContain("[PENDING_DELETION]");
  });

  it("and says nothing where nothing is in the way, or nothing changes", async () => {
    expect((await new StackOfOne({ stack: "dev", name: "bi" }).preview(fixture.args())).lines).toEqual([]);
    const stack = await fixture.connectedStack();
    expect((await stack.preview(fixture.args())).lines).toEqual([]);
    expect((await stack.preview(fixture.args({ credentials: fixture.addUser() }))).lines).toEqual([
      "bi: to be replaced, because of changes in credentialFingerprints. Below, Pulumi shows all old outputs as removed, because it does not know the new ones yet.",
    ]);
  });

  it("and says so where it may not look", async () => {
    fixture.aws.faults.add({ operation: "GetSecretValue", times: 10, effect: denied });
    const preview = await new StackOfOne({ stack: "dev", name: "bi" }).preview(fixture.args());
    expect(preview.error).toBeUndefined();
    expect(preview.lines.join("\n")).toContain("this preview could not read AWS");
    expect(preview.lines.join("\n")).toContain("allow secretsmanager:GetSecretValue");
  });

  it("and warns of a run that will hold off the disconnect of the old one", async () => {
    await fixture.aws.control.createJobs(["nightly"]);
    const glue = { jobNames: ["nightly"] };
    const stack = await fixture.connectedStack({ glue });
    const runId = await fixture.aws.control.startRun("nightly");
    const { lines } = await stack.preview(fixture.args({ credentials: fixture.addUser(), glue }));
    expect(lines).toEqual([
      expect.stringContaining("bi: to be replaced, "),
      expect.stringMatching(
        /^warning: export destination bi: `pulumi up` would connect the new destination, then fail to disconnect the old one: \[EXPORT_RUNNING\]/,
      ),
    ]);
    expect(lines[1]).toContain(runId);
    fixture.aws.faults.add({ operation: "GetJobRuns", times: 10, effect: denied });
    const blind = await stack.preview(fixture.args({ credentials: fixture.addUser("OTHER"), glue }));
    expect(blind.lines.join("\n")).toContain(
      "it is unknown whether an export job prevents the disconnect of the old destination: [UNPROVEN]",
    );
  });

  it("and warns of known-bad credentials where the state was lost, but the claim has a connected destination", async () => {
    const stack = await fixture.connectedStack();
    const wrong = fixture.args({ credentials: { ...fixture.credentials, password: "wrong-password" } });
    const lost = stack.snapshot();
    await stack.up(wrong);
    lost();
    const preview = await stack.preview(wrong);
    expect(preview.lines.join("\n")).toContain("`pulumi up` does not log in again with the same credentials");
  });

  it("and warns before a new attempt of a failed one, of who has become active meanwhile", async () => {
    const stack = new StackOfOne({ stack: "dev", name: "bi" });
    await stack.up(fixture.args({ credentials: { ...fixture.credentials, password: "wrong-password" } }));
    await fixture.connectedStack({}, "prod");
    const preview = await stack.preview(fixture.args());
    expect(preview.steps).toEqual(["update"]);
    expect(preview.lines.join("\n")).toContain("`pulumi up` would fail: [INTEGRATION_EXISTS]");
  });

  it("and warns of a run that uses what a cut-off deployment left", async () => {
    const stack = await fixture.connectedStack();
    const restore = stack.snapshot();
    // The new one is active, and the process dies before the state is written.
    await stack.up(fixture.args({ credentials: fixture.addUser() }));
    const left = (await fixture.claim())?.active?.secretName ?? "";
    restore();
    await fixture.aws.control.createJobs(["nightly"]);
    await fixture.aws.control.startRun("nightly", { arguments: { "--secret": left } });
    const preview = await stack.preview(fixture.args());
    expect(preview.lines.join("\n")).toContain("`pulumi up` would fail: [EXPORT_RUNNING]");
  });

  it("and works on where only the credentials are unknown", async () => {
    const first = await fixture.connectedStack();
    const credentials = { ...fixture.credentials, password: unknownValue };
    const args = fixture.args({ credentials });
    const other = await new StackOfOne({ stack: "prod", name: "bi" }).preview(args);
    expect(other.lines.join("\n")).toContain(first.outs.destinationId);
    const unknown = await new StackOfOne({ stack: "prod", name: "bi" }).preview({
      ...args,
      organizationId: unknownValue,
    });
    expect(unknown.lines).toEqual([
      "warning: export destination bi: not known until `pulumi up`: organizationId. This preview did not read AWS.",
    ]);
  });
});
