import { afterAll, beforeAll, describe, it } from "vitest";
import { startVault, type Vault } from "../support/vault/vault.js";
import { followSource } from "./follow-source.js";

const program = `
new SnowflakeSecretSync("app", {
  sources: [{ type: "vault", path: "app", recursive: true, keys: ["main_*"], prefix: "main_" }],
  destinationConfig: { database: "APP", schema: "SECRETS" },
  syncOptions: { initialSyncBehavior: "overwrite-destination", maxRemovals: 0 },
});`;

describe("Vault as the source of a sync", () => {
  let vault: Vault;
  beforeAll(async () => {
    vault = await startVault();
  });
  afterAll(() => vault.stop());
  const put = (path: string, data: object) => vault.call("POST", `secret/data/${path}`, { data });

  it("is written, followed and examined, loses nothing with a right, and shows no value", async () => {
    const reader = await vault.makeToken('path "secret/*" { capabilities = ["read", "list"] }');
    await followSource({
      program,
      env: { ...vault.env, VAULT_TOKEN: reader },
      credentials: [reader],
      passwordKey: "PASSWORD",
      write: (token, password) => put("app/main", { TOKEN: token, PASSWORD: password }),
      writeOther: (value) => put("app/other", { OTHER: value }),
      examined: "vault secret/app: 2 keys",
      takeAway: async (refused) => {
        await vault.call("DELETE", "secret/data/app/main");
        await refused("version 3 of secret/app/main was deleted");
        await vault.call("POST", "secret/undelete/app/main", { versions: [3] });
        await vault.call("POST", "auth/token/revoke", { token: reader });
        await refused("the token has ended");
      },
    });
  });
});
