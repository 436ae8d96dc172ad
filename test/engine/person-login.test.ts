import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startForwardProxy } from "../support/network/forward-proxy.js";
import { makeAuthority, startTlsFront } from "../support/network/tls-front.js";
import { writeBrowser } from "../support/person/browser.js";
import { terminalCommand } from "../support/person/terminal.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { hosts, startStage } from "./stage.js";

const host = "acme-testing.snowflakecomputing.com";
const values = plantValues("apiKey");
const password = "p4ssword-of-a-person";

it.each(hosts)("a person logs in with the browser, once for preview and up, host %s", async (kind) => {
  const folder = mkdtempSync(join(tmpdir(), "person-login-"));
  const [stage, authority] = await Promise.all([
    startStage(kind, { ...values, password }, { isConnected: false }),
    makeAuthority(folder, [host]),
  ]);
  const { server, seed, project } = stage;
  const front = await startTlsFront(authority, server.port);
  const proxy = await startForwardProxy({ routes: new Map([[`${host}:443`, front.port]]) });
  try {
    server.control.createUser({ name: "ADA", password, roles: [seed.role] });
    const browser = writeBrowser(folder, server.url, { user: "ADA", password });
    stage.setProgram(`new SnowflakeSecretSync("app", {
      secrets: { API_KEY: v.apiKey },
      destinationConfig: { database: "APP", schema: "SECRETS" },
      syncOptions: { initialSyncBehavior: "preserve-destination" },
    });`);
    const env = {
      HTTPS_PROXY: proxy.url,
      NODE_EXTRA_CA_CERTS: authority.file,
      SF_OCSP_RESPONSE_CACHE_DIR: folder,
      SF_TEMPORARY_CREDENTIAL_CACHE_DIR: folder,
      BROWSER: browser.program,
      CI: "",
      SNOWFLAKE_ACCOUNT: "acme-testing",
      SNOWFLAKE_USER: "ADA",
      SNOWFLAKE_ROLE: seed.role,
      SNOWFLAKE_AUTHENTICATOR: "externalbrowser",
    };
    const run = async (command: string) => {
      const before = browser.opened().length;
      const { code, output } = await project.shell(`${terminalCommand} pulumi ${command} --non-interactive`, {
        env,
      });
      expect(code, output).toBe(0);
      return { output, opened: browser.opened().length - before };
    };
    const first = await run("preview");
    expect(first.output).toContain(
      "A person must log in with the browser as ADA, for Snowflake account acme-testing. This waits for 120 s.",
    );
    expect(first.output).toContain("ALTER ACCOUNT SET ALLOW_ID_TOKEN = TRUE");
    expect(first.opened).toBe(1);
    server.control.setParameter("ALLOW_ID_TOKEN", "TRUE");
    expect((await run("up --yes")).opened).toBe(1);
    expect((await run("up --yes")).opened).toBe(0);
    expect(stage.held()).toEqual({ API_KEY: values.apiKey });
    const inCi = await project.shell("pulumi preview --non-interactive", { env: { ...env, CI: "true" } });
    expect(inCi.output).toContain("this log-in needs a person who can log in with the browser");
  } finally {
    await Promise.all([stage.stop(), proxy.stop(), front.stop()]);
    rmSync(folder, { recursive: true });
  }
});
