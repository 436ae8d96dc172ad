import { expect, it } from "vitest";
import { inHosts } from "../support/nightly.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { startExportStage } from "./export-stage.js";

const username = "USER_OF_TWO_DESTINATIONS";

it.each(inHosts("plugin"))(
  "of two export destinations in the host %s one that fails holds off no other with --continue-on-error, and --target changes only what it names",
  async (host) => {
    const passwords = plantValues("first", "wrong", "next");
    const stage = await startExportStage({ passwords, username });
    const { project } = stage;
    const setPasswords = (ofOne: string, ofOther: string) =>
      stage.setPrograms(host, [
        { resource: "one", organizationId: "1", password: ofOne },
        { resource: "other", organizationId: "2", password: ofOther },
      ]);
    const readIntegrationStatuses = async () => {
      const resources = await project.state();
      return Object.fromEntries(
        resources.map(({ outputs }) => [outputs?.organizationId, outputs?.integrationStatus]),
      );
    };
    const passwordsStored = async () => {
      const live = (await stage.stored()).filter(({ isLive }) => isLive);
      return live.map(({ name, value }) => [name.slice(0, 13), JSON.parse(value ?? "{}").password]).sort();
    };
    try {
      setPasswords(passwords.wrong, passwords.first);
      const failed = await project.up({ args: ["--continue-on-error"] });
      expect(failed.code, failed.output).not.toBe(0);
      expect(failed.output).toContain("[CREDENTIALS_REJECTED]");
      expect(await readIntegrationStatuses()).toEqual({ 1: "Error", 2: "Connected" });

      stage.server.control.setPassword(username, passwords.next);
      setPasswords(passwords.next, passwords.next);
      await stage.run("up", ["--target", "**one"]);
      expect(await readIntegrationStatuses()).toEqual({ 1: "Connected", 2: "Connected" });
      expect(await passwordsStored()).toEqual([
        ["exports/org_1", passwords.next],
        ["exports/org_2", passwords.first],
      ]);

      await stage.run("up");
      expect(await passwordsStored()).toEqual([
        ["exports/org_1", passwords.next],
        ["exports/org_2", passwords.next],
      ]);
    } finally {
      await stage.stop();
    }
  },
);
