import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type SnowflakeServer, seedDemo, startSnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { computePasscode } from "../../sdk/snowflake-server/login/second-factor.js";
import { projectFolder } from "../support/engine/engine.js";
import { type ForwardProxy, startForwardProxy } from "../support/network/forward-proxy.js";
import { type Authority, makeAuthority, startTlsFront } from "../support/network/tls-front.js";
import { writeBrowser } from "../support/person/browser.js";
import { runInTerminal } from "../support/person/terminal.js";

// The driver goes to the account's own name by https, and knows no port: only the proxy knows where that is.
const host = "acme-testing.snowflakecomputing.com";
const password = "p4ssword-of-a-person";
const totpSecret = "3132333435363738393031323334353637383930";
let folder: string;
let server: SnowflakeServer;
let proxy: ForwardProxy;
let authority: Authority;
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "person-login-"));
  [server, authority] = await Promise.all([startSnowflakeServer(), makeAuthority(folder, [host])]);
  const front = await startTlsFront(authority, server.port);
  proxy = await startForwardProxy({ routes: new Map([[`${host}:443`, front.port]]) });
  stops.push(
    () => proxy.stop(),
    () => front.stop(),
    () => server.stop(),
  );
});
afterAll(async () => {
  for (const stop of stops) await stop();
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
  const browser = writeBrowser(folder, server.url, typed);
  const { output } = await runInTerminal(
    [
      process.execPath,
      ...["--import", pathToFileURL(join(projectFolder, "node_modules/tsx/dist/loader.mjs")).href],
      ...[join(projectFolder, "sdk/cli/main.ts"), "doctor", "--database", "APP", "--schema", "SECRETS"],
    ],
    {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        HTTPS_PROXY: proxy.url,
        NODE_EXTRA_CA_CERTS: authority.file,
        SF_OCSP_RESPONSE_CACHE_DIR: folder,
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
    expect(screen).toContain("log in to Snowflake failed (Snowflake 390191)");
    expect(screen).toContain("check that the browser logs in the user that the connection names");
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
    expect(screen).toContain("log in to Snowflake failed (Snowflake 390127)");
    expect(screen).toContain("the passcode (SNOWFLAKE_PASSCODE) is wrong, or was used");
    expect(screen).not.toContain(env.SNOWFLAKE_PASSCODE);
  });

  it.each([
    ["denied", { push: "deny" }, "390120"],
    ["not answered", { push: "ignore" }, "390126"],
    ["asked for where nothing can be sent", { totpSecret }, "390132"],
  ])("that is %s is told", async (_what, factor, code) => {
    const { screen } = await examine(enrol(factor));
    expect(screen).toContain(`log in to Snowflake failed (Snowflake ${code})`);
  });

  it("is missing with a password alone", async () => {
    const { screen } = await examine({ ...mfa, SNOWFLAKE_AUTHENTICATOR: "" });
    expect(screen).toContain("Snowflake 394509");
    expect(screen).toContain("USERNAME_PASSWORD_MFA");
  });
});
