import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCliAsPerson, startCli } from "../support/cli/run-cli.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { buildConnectionEnv } from "../support/snowflake/connection-env.js";
import { startVault, type Vault } from "../support/vault/vault.js";
import { hosts, startStage } from "./stage.js";

const program = `
new SnowflakeSecretSync("app", {
  sources: [{ type: "vault", path: "app", recursive: true, keys: ["main_*"], prefix: "main_" }],
  destinationConfig: { database: "APP", schema: "SECRETS" },
  syncOptions: { initialSyncBehavior: "overwrite-destination", maxRemovals: 0 },
});`;

describe.each(hosts)("Vault as the source of a sync in the host %s", (host) => {
  let vault: Vault;
  beforeAll(async () => {
    vault = await startVault();
  });
  afterAll(() => vault.stop());
  const put = (path: string, data: object) => vault.call("POST", `secret/data/${path}`, { data });

  it("is written, followed and examined, loses nothing with a right, and shows no value", async () => {
    const values = plantValues("token", "password", "other", "second", "third");
    const reader = await vault.makeToken('path "secret/*" { capabilities = ["read", "list"] }');
    const ci = { ...vault.env, VAULT_TOKEN: reader };
    const stage = await startStage(host, {}, { env: ci });
    const { project } = stage;
    const env = { ...ci, ...buildConnectionEnv(stage.server, stage.seed) };
    try {
      project.plant(...Object.values(values), reader);
      await put("app/main", { TOKEN: values.token, PASSWORD: values.password });
      await put("app/other", { OTHER: values.other });
      stage.setProgram(program);
      expect((await project.preview()).code).toBe(0);
      await stage.run("up");
      expect(stage.held()).toEqual({ TOKEN: values.token, PASSWORD: values.password });

      await put("app/main", { TOKEN: values.second, PASSWORD: values.password });
      const preview = await project.preview();
      expect(preview.output).toContain('app: 1 to alter, 1 unchanged in "APP"."SECRETS"');
      await stage.run("up");
      expect(stage.held()).toMatchObject({ TOKEN: values.second });

      await put("app/main", { TOKEN: values.third, PASSWORD: values.password });
      const sync = startCli(project, ["sync", "--stack", "dev"], env);
      expect(await sync.exited, sync.output).toBe(0);
      expect(stage.held()).toEqual({ TOKEN: values.third, PASSWORD: values.password });
      const { screen } = await runCliAsPerson(project, ["doctor", "--stack", "dev"], env);
      expect(screen).toContain("vault secret/app: 2 keys");

      await vault.call("DELETE", "secret/data/app/main");
      const deleted = await project.up();
      expect(deleted.code).not.toBe(0);
      expect(deleted.output).toContain("version 3 of secret/app/main was deleted");
      await vault.call("POST", "secret/undelete/app/main", { versions: [3] });
      await vault.call("POST", "auth/token/revoke", { token: reader });
      const refused = await project.up();
      expect(refused.code).not.toBe(0);
      expect(refused.output).toContain("the token has ended");
      expect(stage.held()).toEqual({ TOKEN: values.third, PASSWORD: values.password });

      await stage.run("destroy");
      expect(stage.held()).toEqual({});
      expect(project.findPlanted()).toEqual([]);
    } finally {
      await stage.stop();
    }
  });
});
