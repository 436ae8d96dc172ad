import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { plantValues } from "../support/pulumi/planted-values.js";
import { startGuideStage } from "./guide-stage.js";

it("docs/guides/rotate-the-login-key.md changes the key without a login that fails", async () => {
  const values = plantValues("apiKey");
  const stage = await startGuideStage("docs/guides/rotate-the-login-key.md", {
    plants: Object.values(values),
    env: { SNOWFLAKE_PASSWORD: "" },
  });
  const { project, server, seed, page } = stage;
  try {
    const old = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const pem = old.publicKey.export({ type: "spki", format: "pem" }).toString();
    const body = pem.replaceAll(/-----[A-Z ]+-----|\s/g, "");
    server.control.run(`ALTER USER ${seed.username} SET RSA_PUBLIC_KEY = '${body}'`);
    server.control.run(`ALTER USER ${seed.username} UNSET PASSWORD`);
    project.write("old_key.p8", old.privateKey.export({ type: "pkcs8", format: "pem" }).toString());
    project.write(
      "program.js",
      `const { SnowflakeSecretSync } = require("pulumi-snowflake-secrets");
new SnowflakeSecretSync("app", {
  secrets: { API_KEY: ${JSON.stringify(values.apiKey)} },
  destinationConfig: { database: "APP", schema: "SECRETS" },
  syncOptions: { initialSyncBehavior: "overwrite-destination" },
});`,
    );
    stage.expectShown(await stage.runNext());
    expect((await project.up()).code).toBe(0);
    await stage.runNext();
    server.control.run(readFileSync(join(project.folder, "add_key.sql"), "utf8"));
    expect((await project.preview()).code).toBe(0);
    stage.expectShown(await stage.runNext());
    stage.takeWrites();
    stage.expectShown(await stage.runNext());
    expect(stage.takeWrites()).toEqual([]);
    server.control.run(page.next("sql"));
    stage.expectShown(await stage.runNext());
    const { logins, successfulLogins } = server.control.counts();
    expect(successfulLogins).toBe(logins);
    page.end();
  } finally {
    await stage.stop();
  }
});
