import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { writeChromium } from "../support/chromium/chromium.js";
import { startNamedHosts } from "../support/network/named-hosts.js";
import { inHosts } from "../support/nightly.js";
import { startIdentityProvider } from "../support/oidc/identity-provider.js";
import { writeBrowser } from "../support/person/browser.js";
import { oktaHost, startOkta } from "../support/person/okta.js";
import { terminalCommand } from "../support/person/terminal.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { accountHost } from "../support/snowflake/named-account.js";
import { startStage } from "./stage.js";

const values = plantValues("apiKey");
const password = "p4ssword-of-a-person";

it.each(inHosts("plugin"))(
  "a person logs in with the browser, once for preview and up, host %s",
  async (kind) => {
    const folder = mkdtempSync(join(tmpdir(), "person-login-"));
    const stage = await startStage(kind, { ...values, password }, { isConnected: false });
    const { server, seed, project } = stage;
    const named = await startNamedHosts(folder, { [accountHost]: server.port });
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
        ...named.env,
        SF_TEMPORARY_CREDENTIAL_CACHE_DIR: folder,
        BROWSER: browser.program,
        CI: "",
        SNOWFLAKE_HOME: folder,
      };
      const withoutBrowser = await project.shell(`${terminalCommand} pulumi preview --non-interactive`, {
        env: { ...env, BROWSER: "false" },
      });
      expect(withoutBrowser.output).toContain("no browser could be opened for the log-in (EXIT_1)");
      const run = async (command: string, logIns: number) => {
        const before = browser.ended().length;
        const { code, output } = await project.shell(
          `${terminalCommand} pulumi ${command} --non-interactive`,
          {
            env,
          },
        );
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
      await Promise.all([stage.stop(), named.stop()]);
      rmSync(folder, { recursive: true });
    }
  },
);

it.each(inHosts("plugin"))(
  "Okta and an authorization code log in without a word of the password, host %s",
  async (kind) => {
    const folder = mkdtempSync(join(tmpdir(), "person-login-"));
    const clientSecret = "secret-of-a-client-91f";
    const okta = await startOkta(folder, accountHost, { ADA: password });
    const stage = await startStage(kind, { ...values, password, clientSecret }, { isConnected: false });
    const { server, seed, project } = stage;
    const named = await startNamedHosts(folder, { [accountHost]: server.port, [oktaHost]: okta.port });
    const { certificate: cert, key } = named.authority;
    const provider = await startIdentityProvider({ pulumi: clientSecret }, { cert, key }, { ADA: password });
    try {
      server.control.createUser({ name: "ADA", roles: [seed.role] });
      for (const statement of [okta.trust, provider.trust()]) server.control.run(statement);
      const browser = writeBrowser(folder, { user: "ADA", password });
      const run = async (key: string, env: Readonly<Record<string, string>>) => {
        stage.setProgram(`new SnowflakeSecretSync("app", {
        secrets: { ${key}: v.apiKey },
        destinationConfig: { database: "APP", schema: "SECRETS" },
        syncOptions: { initialSyncBehavior: "overwrite-destination", keySchema: "{{secretKey}}" },
      });`);
        const { code, output } = await project.shell(
          `${terminalCommand} pulumi up --yes --skip-preview --non-interactive`,
          {
            env: {
              ...named.env,
              SF_TEMPORARY_CREDENTIAL_CACHE_DIR: folder,
              BROWSER: browser.program,
              CI: "",
              SNOWFLAKE_ACCOUNT: "acme-testing",
              SNOWFLAKE_USER: "ADA",
              SNOWFLAKE_ROLE: seed.role,
              ...env,
            },
          },
        );
        expect(code, output).toBe(0);
        expect(stage.held()).toEqual({ [key]: values.apiKey });
      };
      await run("BY_OKTA", { SNOWFLAKE_AUTHENTICATOR: `https://${oktaHost}`, SNOWFLAKE_PASSWORD: password });
      expect(browser.opened()).toEqual([]);
      await run("BY_CODE", {
        SNOWFLAKE_AUTHENTICATOR: "OAUTH_AUTHORIZATION_CODE",
        SNOWFLAKE_OAUTH_CLIENT_ID: provider.clientId,
        SNOWFLAKE_OAUTH_CLIENT_SECRET: clientSecret,
        SNOWFLAKE_OAUTH_AUTHORIZATION_URL: new URL("auth", provider.tokenUrl).href,
        SNOWFLAKE_OAUTH_TOKEN_REQUEST_URL: provider.tokenUrl,
      });
      expect(browser.opened()).toHaveLength(1);
    } finally {
      await Promise.all([stage.stop(), named.stop(), okta.stop(), provider.stop()]);
      rmSync(folder, { recursive: true });
    }
  },
);
