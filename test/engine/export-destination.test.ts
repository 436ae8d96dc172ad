import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { plantValues } from "../support/pulumi/planted-values.js";
import { type ExportStage, startExportStage } from "./export-stage.js";

const passwords = plantValues("first", "wrong", "next");
const username = "USER_OF_WAREHOUSE_A90";

describe("SnowflakeExportDestination in the engine", () => {
  let stage: ExportStage;
  beforeAll(async () => {
    stage = await startExportStage({ passwords, username });
    await stage.aws.control.createJobs(["nightly"]);
  });
  afterAll(() => stage?.stop());

  const setProgram = (password: string, args = "", options = "") =>
    stage.setProgram("dynamic", password, { args: `glue: { jobNames: ["nightly"] }, ${args}`, options });
  const destination = async () => {
    const [found] = await stage.project.state();
    // The engine encrypts anew each time.
    const text = JSON.stringify(found?.outputs ?? null, (key, value) => (key === "ciphertext" ? "…" : value));
    return JSON.parse(text) as Record<string, unknown> | undefined;
  };
  const stored = async () => (await stage.stored()).flatMap(({ isLive, name }) => (isLive ? [name] : []));

  it("previews a creation with the non-sensitive fields, and fingerprints of the others", async () => {
    setProgram(passwords.wrong);
    const output = await stage.run("preview");
    expect(output).toMatch(/destinationMetadata\s*: \{\s+account\s*: /);
    expect(output).toMatch(
      /credentialFingerprints\s*: \{\s+password: "[0-9a-f]{32}"\s+username: "[0-9a-f]{32}"/,
    );
    expect(await stage.aws.control.secretNames()).toEqual([]);
    expect(stage.server.control.counts().logins).toBe(0);
  });

  it("keeps a failed destination in the state, exits non-zero, and stores nothing", async () => {
    const { code, output } = await stage.project.up();
    expect(code).not.toBe(0);
    expect(output).toContain("[CREDENTIALS_REJECTED]");
    expect(output).toContain("(export_secret_provisioning_error)");
    expect(await destination()).toMatchObject({ status: "Failed", integrationStatus: "Error" });
    expect(await stage.aws.control.secretNames()).toEqual([]);
  });

  it("does not log in again with the same credentials, and says when and why they failed", async () => {
    stage.server.control.resetCounts();
    const { code, output } = await stage.project.up();
    expect(code).not.toBe(0);
    expect(output).toMatch(/were refused on \d{4}-\d\d-\d\dT/);
    expect(stage.server.control.counts().logins).toBe(0);
  });

  it("tries other credentials in place, and prints the steps", async () => {
    const failed = await destination();
    setProgram(passwords.first);
    const output = await stage.run("up");
    for (const step of ["Pending", "Testing", "Validated, Connected"]) {
      expect(output).toContain(`export destination bi: ${step}`);
    }
    const now = await destination();
    expect(now).toMatchObject({
      status: "Validated",
      attempts: [{ status: "Failed" }, { status: "Validated" }],
    });
    expect(now?.destinationId).not.toBe(failed?.destinationId);
    expect(now?.secretName).toBe(`exports/org_42/bi_${now?.destinationId}`);
  });

  it("changes nothing in an up or a refresh without changes", async () => {
    const before = await destination();
    for (const result of [await stage.project.up(), await stage.project.refresh()])
      expect(result.output).toContain("2 unchanged");
    expect(await destination()).toEqual(before);
  });

  it("previews changed credentials field by field, as a replacement", async () => {
    setProgram(passwords.wrong);
    const output = await stage.run("preview");
    expect(output).toMatch(/~ password: "[0-9a-f]{32}" => "[0-9a-f]{32}"/);
    expect(output).not.toMatch(/~ username/);
    expect(output).toContain(
      "bi: to be replaced, because of changes in credentialFingerprints. Below, Pulumi shows all old outputs as removed",
    );
  });

  it("keeps the working destination when the new credentials fail, and no later up deletes it", async () => {
    const before = await destination();
    for (const _time of [1, 2]) {
      const { code, output } = await stage.project.up();
      expect(code).not.toBe(0);
      expect(output).toContain("[CREDENTIALS_REJECTED]");
      expect(await destination()).toEqual(before);
    }
    setProgram(passwords.first);
    await stage.run("up");
    expect(await destination()).toEqual(before);
    expect(await stored()).toEqual([before?.secretName]);
  });

  it("replaces without a gap: the old one goes once no run uses it", async () => {
    const old = await destination();
    stage.server.control.setPassword(username, passwords.next);
    setProgram(passwords.next);
    const runId = await stage.aws.control.startRun("nightly");
    const held = await stage.project.up();
    expect(held.code).not.toBe(0);
    expect(held.output).toContain("[EXPORT_RUNNING]");
    expect(held.output).toContain(runId);
    const fresh = await destination();
    expect(fresh).toMatchObject({ integrationStatus: "Connected", revision: 3 });
    expect((await stored()).sort()).toEqual([old?.secretName, fresh?.secretName].sort());
    stage.aws.control.setRunState(runId, "SUCCEEDED");
    await stage.run("up");
    expect(await stored()).toEqual([fresh?.secretName]);
  });

  it("sees drift in a refresh, and repairs it in the next up", async () => {
    const { secretArn } = (await destination()) ?? {};
    await stage.aws.control.putValue(String(secretArn), "theirs");
    const refresh = await stage.run("refresh");
    expect(refresh).toContain("somebody changed the value; a preview says what the next up does about it");
    expect(await destination()).toMatchObject({
      integrationStatus: "Error",
      errorMessage: expect.stringContaining("changed the value"),
    });
    expect((await stage.project.preview()).output).not.toContain("[unknown]");
    await stage.run("up");
    expect(JSON.parse((await stage.aws.control.secret(String(secretArn)))?.value ?? "{}").password).toBe(
      passwords.next,
    );
  });

  it("refuses to store credentials under ignoreChanges by a replacement, in preview and up", async () => {
    const before = await destination();
    setProgram(passwords.first, 'name: "reporting",', 'ignoreChanges: ["credentials"],');
    for (const { code, output } of [await stage.project.preview(), await stage.project.up()]) {
      expect(code).not.toBe(0);
      expect(output).toContain("credentials: their changes are ignored (ignoreChanges)");
    }
    setProgram(passwords.first, "", 'ignoreChanges: ["credentials.password"],');
    expect((await stage.project.preview()).output).toContain(
      'bi: ignoreChanges: "credentials.password" would lose the field, as none of the credentials is in the state.',
    );
    expect(await destination()).toEqual(before);
    setProgram(passwords.next);
  });

  it("validates and takes up again what a person asks to replace, and does not disconnect it", async () => {
    const old = await destination();
    const urn = "urn:pulumi:dev::exports::pulumi-nodejs:dynamic/snowflake:ExportDestination::bi";
    await stage.run("up", ["--replace", urn]);
    const fresh = await destination();
    expect(fresh?.secretName).toBe(old?.secretName);
    expect(fresh).toMatchObject({ integrationStatus: "Connected" });
    expect(await stored()).toEqual([fresh?.secretName]);
    expect((await stage.project.up()).output).toContain("2 unchanged");
  });

  it("warns of deleteBeforeReplace, which reopens the gap", async () => {
    setProgram(passwords.next, "", "deleteBeforeReplace: true,");
    const { output } = await stage.project.preview();
    expect(output).toContain("it deletes the old credentials before the new ones are checked");
    setProgram(passwords.next);
  });

  it("reports a bad argument with its place and without a value", async () => {
    setProgram(passwords.next, "aws: { recoveryWindowInDays: 3 },");
    const { code, output } = await stage.project.preview();
    expect(code).not.toBe(0);
    expect(output).toContain("aws.recoveryWindowInDays: must be 7 to 30 days.");
    setProgram(passwords.next);
  });

  it("refuses a destroy while a run is live, with its id, and then destroys", async () => {
    const runId = await stage.aws.control.startRun("nightly");
    const refused = await stage.project.destroy();
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain(runId);
    expect((await stored()).length).toBe(1);
    stage.aws.control.setRunState(runId, "SUCCEEDED");
    const output = await stage.run("destroy");
    expect(output).toContain("archived, Disconnected");
    expect(await stored()).toEqual([]);
  });
});
