import { expect, it } from "vitest";
import { inHosts } from "../support/nightly.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { startExportStage } from "./export-stage.js";

const username = "USER_OF_A_GLUE_CONNECTION";

it.each(inHosts("plugin"))(
  "in the host %s another payload format is previewed in one line, replaces, and comes back",
  async (host) => {
    const passwords = plantValues("first");
    const stage = await startExportStage({ passwords, username });
    const readLive = async () => (await stage.stored()).filter(({ isLive }) => isLive);
    const set = (args: string) => stage.setProgram(host, passwords.first, { args });
    try {
      set("");
      await stage.run("up");
      const [old] = await readLive();

      set('payloadFormat: "rds",');
      const refused = await stage.project.preview();
      expect(refused.code, refused.output).not.toBe(0);
      expect(refused.output).toContain(
        'payloadFormat: "rds" has no names for credentials of type snowflake: use "default", "glue", "athena" or "custom".',
      );

      set('payloadFormat: "glue",');
      const line = "export destination bi: the payload's format changes from default to glue";
      expect(await stage.run("preview")).toContain(line);
      expect(await readLive()).toEqual([old]);
      expect(await stage.run("up")).toContain("1 replaced");
      const [live, ...more] = await readLive();
      expect(more).toEqual([]);
      const password = JSON.stringify(passwords.first);
      expect(live?.value).toBe(
        `{"PASSWORD":${password},"USERNAME":"${username}","sfDatabase":"ANALYTICS","sfPassword":${password},"sfUser":"${username}","sfWarehouse":"EXPORT_WH"}`,
      );
      expect(await stage.active()).toMatchObject({ secretName: live?.name, payloadFormat: "glue" });
      expect(await stage.run("refresh")).toContain("2 unchanged");
      expect(await stage.run("up")).toContain("2 unchanged");

      set('payloadFormat: "default",');
      await stage.run("up");
      expect((await readLive()).map(({ value }) => value)).toEqual([old?.value]);
      set("");
      expect(await stage.run("up")).toContain("2 unchanged");
    } finally {
      await stage.stop();
    }
  },
);
