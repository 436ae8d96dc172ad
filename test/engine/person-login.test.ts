import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { writeChromium } from "../support/chromium/chromium.js";
import { startForwardProxy } from "../support/network/forward-proxy.js";
import { makeAuthority, startTlsFront } from "../support/network/tls-front.js";
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
    const browser = writeChromium(folder, { user: "ADA", password });
    // As Snowflake's command line writes it on a laptop.
    writeFileSync(
      join(folder, "connections.toml"),
      `[default]\naccount = "acme-testing"\nuser = "ADA"\nrole = "${seed.role}"\nauthenticator = "externalbrowser"\n`,
      { mode: 0o600 },
    );
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
      SNOWFLAKE_HOME: folder,
    };
    const run = async (command: string, logIns: number) => {
      const before = browser.ended().length;
      const { code, output } = await project.shell(`${terminalCommand} pulumi ${command} --non-interactive`, {
        env,
      });
      expect(code, output).toBe(0);
      // The last page is still being read when Pulumi goes on.
      await expect.poll(() => browser.ended().length - before, { timeout: 10_000 }).toBe(logIns);
      return output;
    };
    const first = await run("preview", 1);
    expect(first).toContain(
      "A person must log in with the browser as ADA, for Snowflake account acme-testing. This waits for 120 s.",
    );
    expect(first).toContain("ALTER ACCOUNT SET ALLOW_ID_TOKEN = TRUE");
    const [page] = browser.ended();
    expect(page?.text).toContain("Your browser has finished its part of the log-in to Snowflake.");
    // The token that the browser brought stays out of its history.
    expect(page?.end).toMatch(/^http:\/\/localhost:\d+\/$/);
    server.control.setParameter("ALLOW_ID_TOKEN", "TRUE");
    await run("up --yes", 1);
    await run("up --yes", 0);
    expect(stage.held()).toEqual({ API_KEY: values.apiKey });
    const inCi = await project.shell("pulumi preview --non-interactive", { env: { ...env, CI: "true" } });
    expect(inCi.output).toContain("this log-in needs a person who can log in with the browser");
  } finally {
    await Promise.all([stage.stop(), proxy.stop(), front.stop()]);
    rmSync(folder, { recursive: true });
  }
});
