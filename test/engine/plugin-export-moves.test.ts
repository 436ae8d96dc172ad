import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isNightly } from "../support/nightly.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { type ExportStage, type More, startExportStage } from "./export-stage.js";
import type { Host } from "./stage.js";

const passwords = plantValues("first", "second");
const username = "USER_OF_WAREHOUSE_C27";
const watched = 'glue: { jobNames: ["nightly"] },';
const fixedId = { args: 'destinationId: "fixed", onPendingDeletion: "restore",' };

// One stack that goes to and fro: each test begins where the one before it ended.
describe("an export destination that moves between the hosts", () => {
  let stage: ExportStage;
  let password = passwords.first;
  beforeAll(async () => {
    stage = await startExportStage({ passwords, username });
  });
  afterAll(() => stage?.stop());

  const changePassword = () => {
    password = password === passwords.first ? passwords.second : passwords.first;
    stage.server.control.setPassword(username, password);
  };
  const upIn = (host: Host, more?: More) => {
    stage.setProgram(host, password, more);
    return stage.run("up");
  };
  /** One secret is live: it holds the credentials, the claim names it, and the state is it, in this host. */
  const expectConnectedIn = async (host: Host) => {
    const live = (await stage.stored()).filter(({ isLive }) => isLive);
    expect(live.map(({ value }) => JSON.parse(value ?? "{}").password)).toEqual([password]);
    expect((await stage.active())?.secretName).toBe(live[0]?.name);
    const state = await stage.project.state();
    expect(state.map(({ type, outputs }) => [type, outputs?.secretName, outputs?.integrationStatus])).toEqual(
      [[typeOf[host], live[0]?.name, "Connected"]],
    );
  };
  const expectScenarioIn = async (host: Host) => {
    expect(await stage.run("refresh")).toContain("2 unchanged");
    changePassword();
    expect(await upIn(host)).toContain("1 replaced");
    await expectConnectedIn(host);
  };
  const expectNothingAfterDestroy = async () => {
    await stage.run("destroy");
    expect((await stage.stored()).filter(({ isLive }) => isLive)).toEqual([]);
    expect(await stage.active()).toBeNull();
  };

  it("to the plugin changes nothing in AWS, and lives there", async () => {
    await upIn("dynamic");
    const before = await stage.stored();
    expect(await upIn("plugin")).toContain("2 unchanged");
    expect(await stage.stored()).toEqual(before);
    await expectScenarioIn("plugin");
  });

  it("to the dynamic resource with other credentials in one up is replaced, the old secret goes, and it lives there", async () => {
    changePassword();
    expect(await upIn("dynamic")).toContain("1 replaced");
    await expectConnectedIn("dynamic");
    await expectScenarioIn("dynamic");
  });

  it("to the plugin with other credentials in one up is replaced, and the old secret goes", async () => {
    changePassword();
    expect(await upIn("plugin")).toContain("1 replaced");
    await expectConnectedIn("plugin");
    expect(await stage.run("refresh")).toContain("2 unchanged");
  });

  if (isNightly) {
    it("to another Provider with other credentials in one up is replaced, and leaves nothing at a destroy", async () => {
      changePassword();
      const output = await upIn("plugin", { options: 'provider: new Provider("second", {}),' });
      expect(output).toContain("1 replaced");
      await expectConnectedIn("plugin");
      await expectNothingAfterDestroy();
    });

    it("to the dynamic resource changes nothing in AWS", async () => {
      await upIn("plugin");
      const before = await stage.stored();
      expect(await upIn("dynamic")).toContain("1 updated");
      expect(await stage.stored()).toEqual(before);
      expect(await stage.run("refresh")).toContain("2 unchanged");
      await expectConnectedIn("dynamic");
    });

    it.each<Host>(["plugin", "dynamic"])(
      "and is replaced under a fixed id by the %s keeps the secret that both live in",
      async (host) => {
        changePassword();
        expect(await upIn(host, fixedId)).toContain("1 replaced");
        await expectConnectedIn(host);
        expect((await stage.active())?.destinationId).toBe("fixed");
      },
    );

    it("and was marked for replacement is replaced", async () => {
      const [{ urn = "" } = {}] = await stage.project.state();
      await stage.project.pulumi(["state", "taint", urn, "--yes", "--non-interactive"]);
      expect(await upIn("plugin")).toContain("1 replaced");
      await expectConnectedIn("plugin");
    });

    it("and is deleted before it is replaced is recreated, and leaves nothing at a destroy", async () => {
      changePassword();
      expect(await upIn("dynamic", { options: "deleteBeforeReplace: true" })).toContain("1 replaced");
      await expectConnectedIn("dynamic");
      await expectNothingAfterDestroy();
    });

    it("without an alias is taken up by its new place, and not taken away from it", async () => {
      await stage.aws.control.createJobs(["nightly"]);
      await upIn("dynamic", { args: watched });
      const output = await upIn("plugin", { args: watched, options: "aliases: []" });
      expect(output).toContain("1 created");
      expect(output).toContain("was taken up again as it is, so it is not disconnected");
      await expectConnectedIn("plugin");
      expect(await stage.run("refresh")).toContain("2 unchanged");
    });

    it("while a run holds its old secret is cleared by the up after that run, and leaves nothing at a destroy", async () => {
      const runId = await stage.aws.control.startRun("nightly", { state: "RUNNING" });
      changePassword();
      stage.setProgram("dynamic", password, { args: watched });
      const held = await stage.project.up();
      expect(held.code, held.output).not.toBe(0);
      expect(held.output).toContain(runId);
      expect((await stage.stored()).filter(({ isLive }) => isLive)).toHaveLength(2);
      stage.aws.control.setRunState(runId, "SUCCEEDED");
      await stage.run("up");
      await expectConnectedIn("dynamic");
      await expectNothingAfterDestroy();
    });
  }
});

const typeOf: Readonly<Record<Host, string>> = {
  plugin: "snowflake-secrets:index:SnowflakeExportDestination",
  dynamic: "pulumi-nodejs:dynamic/snowflake:ExportDestination",
};
