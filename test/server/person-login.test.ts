import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type SnowflakeServer, seedDemo, startSnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { computePasscode } from "../../sdk/snowflake-server/login/second-factor.js";
import { projectFolder } from "../support/engine/engine.js";
import { type NamedHosts, startNamedHosts } from "../support/network/named-hosts.js";
import { type IdentityProvider, startIdentityProvider } from "../support/oidc/identity-provider.js";
import { writeBrowser } from "../support/person/browser.js";
import { type Okta, oktaHost, startOkta } from "../support/person/okta.js";
import { runInTerminal } from "../support/person/terminal.js";
import { accountHost } from "../support/snowflake/named-account.js";
import { tsxLoader } from "../support/tsx-loader.js";

// The driver goes to the account's own name by https, and knows no port: only the proxy knows where that is.
const password = "p4ssword-of-a-person";
const clientSecret = "secret-of-a-client-91f";
const totpSecret = "3132333435363738393031323334353637383930";
let folder: string;
let server: SnowflakeServer;
let okta: Okta;
let named: NamedHosts;
let identityProvider: IdentityProvider;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "person-login-"));
  [server, okta] = await Promise.all([
    startSnowflakeServer(),
    startOkta(folder, accountHost, { ADA: password }),
  ]);
  named = await startNamedHosts(folder, { [accountHost]: server.port, [oktaHost]: okta.port });
  const { certificate: cert, key } = named.authority;
  identityProvider = await startIdentityProvider(
    { pulumi: clientSecret },
    { cert, key },
    { ADA: password, BOB: password },
  );
});
afterAll(async () => {
  await Promise.all([named.stop(), server.stop(), okta.stop(), identityProvider.stop()]);
  rmSync(folder, { recursive: true });
});

let cache: string;
beforeEach(() => {
  server.control.reset();
  const { role } = seedDemo(server.control);
  const person = { name: "ADA", password, roles: [role] };
  server.control.createUser(person);
  server.control.createUser({ ...person, name: "BOB", secondFactor: { totpSecret, push: "approve" } });
  server.control.setApprovalTimeoutMs(500);
  cache = mkdtempSync(join(folder, "cache-"));
});

/** The doctor in a terminal, as somebody runs it on a laptop. */
async function examine(env: Readonly<Record<string, string>>, typed = { user: "ADA", password }) {
  const browser = writeBrowser(folder, typed);
  const { output } = await runInTerminal(
    [
      process.execPath,
      ...["--import", tsxLoader],
      ...[join(projectFolder, "sdk/cli/main.ts"), "doctor", "--database", "APP", "--schema", "SECRETS"],
    ],
    {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        ...named.env,
        NO_PROXY: "127.0.0.1,localhost",
        SF_TEMPORARY_CREDENTIAL_CACHE_DIR: cache,
        BROWSER: browser.program,
        SNOWFLAKE_ACCOUNT: "acme-testing",
        SNOWFLAKE_USER: "ADA",
        SNOWFLAKE_ROLE: "SYNC_ROLE",
        ...env,
      },
    },
  );
  expect(output).not.toContain(password);
  return { screen: stripVTControlCharacters(output).replaceAll(/\s+/g, " "), opened: browser.opened() };
}

const works = 'ok privileges "APP"."SECRETS": USAGE, CREATE SECRET';
const browser = { SNOWFLAKE_AUTHENTICATOR: "externalbrowser" };

describe("the browser", () => {
  it("opens, and logs its person in", async () => {
    const { screen, opened } = await examine(browser);
    expect(screen).toContain("by external browser");
    expect(screen).toContain(works);
    expect(opened).toHaveLength(1);
    expect(server.control.statements()[0]).toMatchObject({ user: "ADA" });
  });

  it("opens again in the next process where the account keeps no log-in, and once where it does", async () => {
    await examine(browser);
    expect((await examine(browser)).opened).toHaveLength(1);
    server.control.setParameter("ALLOW_ID_TOKEN", "TRUE");
    expect((await examine(browser)).opened).toHaveLength(1);
    const { screen, opened } = await examine(browser);
    expect(screen).toContain(works);
    expect(opened).toHaveLength(0);
    expect(statSync(join(cache, "credential_cache_v1.json")).mode & 0o777).toBe(0o600);
    server.control.revokeKeptTokens();
    expect((await examine(browser)).opened).toHaveLength(1);
  });

  it("leaves nothing where that is not wanted", async () => {
    server.control.setParameter("ALLOW_ID_TOKEN", "TRUE");
    await examine({ ...browser, SNOWFLAKE_CLIENT_STORE_TEMPORARY_CREDENTIAL: "false" });
    expect(() => readFileSync(join(cache, "credential_cache_v1.json"))).toThrow();
  });

  it("that logs in somebody else is refused", async () => {
    const { screen } = await examine(browser, { user: "BOB", password });
    expect(screen).toContain("the log-in to Snowflake failed (Snowflake 390191)");
    expect(screen).toContain("The browser logged in somebody else.");
  });

  it("is not opened in CI", async () => {
    const { screen, opened } = await examine({ ...browser, CI: "true" });
    expect(screen).toContain(
      "this log-in needs a person who can log in with the browser, and the environment variable CI is set",
    );
    expect(opened).toEqual([]);
    expect(server.control.counts().httpRequests).toBe(0);
  });

  it("that cannot be opened ends the log-in", async () => {
    const { screen } = await examine({ ...browser, BROWSER: join(folder, "not-there") });
    expect(screen).toContain("no browser could be opened for the log-in (ENOENT)");
  });

  it("is not asked where the file with kept log-ins is open to others", async () => {
    server.control.setParameter("ALLOW_ID_TOKEN", "TRUE");
    await examine(browser);
    chmodSync(join(cache, "credential_cache_v1.json"), 0o644);
    const { screen } = await examine(browser);
    expect(screen).toContain("the file in which the Snowflake driver keeps log-ins cannot be used");
  });
});

describe("a second factor", () => {
  const mfa = {
    SNOWFLAKE_USER: "BOB",
    SNOWFLAKE_PASSWORD: password,
    SNOWFLAKE_AUTHENTICATOR: "USERNAME_PASSWORD_MFA",
  };
  const enrol = (secondFactor: object) => {
    server.control.createUser({ name: "EVE", password, roles: ["SYNC_ROLE"], secondFactor });
    return { ...mfa, SNOWFLAKE_USER: "EVE" };
  };

  it("is approved by the person, and asked for once where the account keeps it", async () => {
    expect((await examine(mfa)).screen).toContain(works);
    server.control.setParameter("ALLOW_CLIENT_MFA_CACHING", "TRUE");
    await examine(mfa);
    // Nobody would approve any more.
    server.control.setSecondFactor("BOB", { push: "deny" });
    expect((await examine(mfa)).screen).toContain(works);
  });

  it("is a passcode, which is good once", async () => {
    const env = { ...mfa, CI: "true", SNOWFLAKE_PASSCODE: computePasscode(totpSecret) };
    expect((await examine(env)).screen).toContain(works);
    const { screen } = await examine(env);
    expect(screen).toContain("the log-in to Snowflake failed (Snowflake 390127)");
    expect(screen).toContain("This one is wrong or was used before.");
    expect(screen).not.toContain(env.SNOWFLAKE_PASSCODE);
  });

  it.each([
    ["denied", { push: "deny" }, "390120"],
    ["not answered", { push: "ignore" }, "390126"],
    ["asked for where nothing can be sent", { totpSecret }, "390132"],
  ])("that is %s is told", async (_what, factor, code) => {
    const { screen } = await examine(enrol(factor));
    expect(screen).toContain(`the log-in to Snowflake failed (Snowflake ${code})`);
  });

  it("is missing with a password alone", async () => {
    const { screen } = await examine({ ...mfa, SNOWFLAKE_AUTHENTICATOR: "" });
    expect(screen).toContain("Snowflake 394509");
    expect(screen).toContain("USERNAME_PASSWORD_MFA");
  });
});

describe("the browser, by OAuth", () => {
  const byOAuth = () => ({
    SNOWFLAKE_AUTHENTICATOR: "OAUTH_AUTHORIZATION_CODE",
    SNOWFLAKE_OAUTH_CLIENT_ID: identityProvider.clientId,
    SNOWFLAKE_OAUTH_CLIENT_SECRET: clientSecret,
    SNOWFLAKE_OAUTH_AUTHORIZATION_URL: new URL("auth", identityProvider.tokenUrl).href,
    SNOWFLAKE_OAUTH_TOKEN_REQUEST_URL: identityProvider.tokenUrl,
  });
  beforeEach(() => server.control.run(identityProvider.trust()));

  it("logs in whoever logs in at the identity provider", async () => {
    const { screen, opened } = await examine(byOAuth());
    expect(screen).toContain(works);
    expect(opened).toHaveLength(1);
    expect(server.control.statements()[0]).toMatchObject({ user: "ADA" });
  });

  it("opens once where its log-in is refused, and tells why", async () => {
    const { screen, opened } = await examine(byOAuth(), { user: "BOB", password });
    expect(screen).toContain("check that a security integration of this account (TYPE = EXTERNAL_OAUTH)");
    expect(opened).toHaveLength(1);
  });

  it("gets no token with a wrong secret of the client", async () => {
    const { screen } = await examine({ ...byOAuth(), SNOWFLAKE_OAUTH_CLIENT_SECRET: "wr0ng-secret-7" });
    expect(screen).toContain("the log-in with the browser gave no access token (invalid_client, HTTP 401)");
    expect(screen).not.toContain("wr0ng-secret-7");
    expect(server.control.counts().logins).toBe(0);
  });
});

describe("Okta", () => {
  const byOkta = {
    SNOWFLAKE_AUTHENTICATOR: "OKTA",
    SNOWFLAKE_OKTA_URL: `https://${oktaHost}`,
    SNOWFLAKE_PASSWORD: password,
  };
  beforeEach(() => server.control.run(okta.trust));

  it.each([
    ["oktaUrl", byOkta],
    ["authenticator", { SNOWFLAKE_AUTHENTICATOR: `https://${oktaHost}`, SNOWFLAKE_PASSWORD: password }],
  ])("of %s logs its person in, and asks nobody", async (_where, env) => {
    const { screen, opened } = await examine({ ...env, CI: "true" });
    expect(screen).toContain(works);
    expect(opened).toEqual([]);
  });

  it("that refuses the password is told as Okta", async () => {
    const { screen } = await examine({ ...byOkta, SNOWFLAKE_PASSWORD: "wr0ng-password-7" });
    expect(screen).toContain(`Okta logged the user in to no Snowflake account (E0000004, HTTP 401)`);
    expect(screen).not.toContain("wr0ng-password-7");
    expect(server.control.counts().logins).toBe(0);
  });

  it("that the account does not know is told", async () => {
    server.control.run("DROP INTEGRATION OKTA");
    const { screen } = await examine(byOkta);
    expect(screen).toContain("Snowflake 390139");
    expect(screen).toContain("This account does not accept this one");
    expect(server.control.counts().logins).toBe(0);
  });
});
