import { readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { listen } from "../support/network/listen.js";
import { Visitor } from "../support/person/visitor.js";
import { accountHost, type NamedAccount, startNamedAccount } from "../support/snowflake/named-account.js";
import { callWire, logInOnWire, type WireAnswer } from "../support/snowflake/wire-client.js";

const password = "p4ssword-of-a-person";
const browser = { authenticator: "EXTERNALBROWSER", username: "ADA" };
const minutes = 60_000;
let account: NamedAccount;

beforeAll(async () => {
  account = await startNamedAccount();
});
afterAll(() => account.stop());
beforeEach(() => {
  account.server.control.reset();
  rmSync(account.cache, { force: true });
  for (const name of ["ADA", "BOB"]) account.server.control.createUser({ name, password });
});
afterEach(() => vi.useRealTimers());

/** The person at the page, under the name that they type. */
const typing =
  (user = "ADA") =>
  (page: string) =>
    new Visitor().logIn(page, user, password);

/** Lets the server's clock go on; the driver is another process. */
function pass(ms: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + ms });
}

/** A client that only asks for the page, and what the person's browser then brings it. */
async function askForToken(user = "ADA"): Promise<{ readonly token: string; readonly proofKey: string }> {
  let brought = "";
  const listener = createServer((request, response) => {
    brought = new URL(request.url ?? "", "http://localhost").searchParams.get("token") ?? "";
    response.setHeader("connection", "close").end();
  });
  const { port, stop } = await listen(listener);
  const { data } = await callWire(account.server, "/session/authenticator-request", {
    body: {
      data: {
        ACCOUNT_NAME: account.server.account,
        LOGIN_NAME: "ADA",
        AUTHENTICATOR: "EXTERNALBROWSER",
        BROWSER_MODE_REDIRECT_PORT: String(port),
      },
    },
  });
  await typing(user)(String(data?.ssoUrl));
  await stop();
  return { token: brought, proofKey: String(data?.proofKey) };
}

function logInWith(token: string, proofKey: string, more: object = {}): Promise<WireAnswer> {
  const login = { LOGIN_NAME: "ADA", AUTHENTICATOR: "EXTERNALBROWSER", TOKEN: token, PROOF_KEY: proofKey };
  return logInOnWire(account.server, { ...login, ...more });
}

describe("the driver's log-in with the browser", () => {
  it.each([
    ["the account's identity provider", {}],
    ["the console", { disableConsoleLogin: false }],
  ])("goes by the page of %s", async (_what, options) => {
    const here = account.server.url;
    const login = await account.logIn({ ...browser, ...options }, (page) =>
      typing()(page.replace(`https://${accountHost}`, here)),
    );
    expect(login).toMatchObject({ user: "ADA", pages: [expect.any(String)] });
    expect(account.server.control.counts().successfulLogins).toBe(1);
  });

  it("does not get past a wrong password", async () => {
    const seen = await account.logIn({ ...browser, browserActionTimeout: 500 }, async (page) => {
      const { status, html } = await new Visitor().logIn(page, "ADA", "wrong");
      expect([status, html.includes("User or password is wrong")]).toEqual([401, true]);
    });
    expect(seen).toMatchObject({ message: expect.stringContaining("timed out after 500 ms") });
    expect(account.server.control.counts().logins).toBe(0);
  });

  it("ends with an error that the browser brings", async () => {
    const console = { ...browser, disableConsoleLogin: false };
    const login = await account.logIn(console, (page) => {
      const port = new URL(page).searchParams.get("browser_mode_redirect_port");
      return new Visitor().open(`http://localhost:${port}/?error=access_denied&error_description=no`);
    });
    expect(login).toMatchObject({ message: expect.stringContaining("ErrorCode access_denied. Message: no") });
    expect(account.server.control.counts().logins).toBe(0);
  });

  it("is kept with ALLOW_ID_TOKEN alone, in a file of the person's own", async () => {
    const keeping = { ...browser, clientStoreTemporaryCredential: true };
    const pagesOfNext = async () => (await account.logIn(keeping, typing())).pages.length;
    expect([await pagesOfNext(), await pagesOfNext()]).toEqual([1, 1]);
    account.server.control.setParameter("ALLOW_ID_TOKEN", "TRUE");
    expect([await pagesOfNext(), await pagesOfNext()]).toEqual([1, 0]);
    expect(statSync(account.cache).mode & 0o777).toBe(0o600);
    expect(readFileSync(account.cache, "utf8")).not.toContain(password);
  });

  it.each<[string, () => void]>([
    ["its user's password changes", () => account.server.control.setPassword("ADA", `${password}2`)],
    ["four hours are over", () => pass(240 * minutes + 1)],
    ["the account keeps none any more", () => account.server.control.setParameter("ALLOW_ID_TOKEN", "FALSE")],
    ["it is revoked", () => account.server.control.revokeKeptTokens()],
  ])("asks again when %s, as 390195 tells the driver", async (_what, change) => {
    account.server.control.setParameter("ALLOW_ID_TOKEN", "TRUE");
    const keeping = { ...browser, clientStoreTemporaryCredential: true };
    await account.logIn(keeping, typing());
    change();
    const asked = await account.logIn(keeping, (page) => {
      account.server.control.setPassword("ADA", password);
      return typing()(page);
    });
    expect(asked).toMatchObject({ user: "ADA", pages: [expect.any(String)] });
    expect(account.server.control.counts()).toMatchObject({ logins: 3, successfulLogins: 2 });
  });
});

describe("the token that a browser brings", () => {
  it("is good once", async () => {
    const { token, proofKey } = await askForToken();
    expect(await logInWith(token, proofKey)).toMatchObject({ success: true });
    expect(await logInWith(token, proofKey)).toMatchObject({ success: false, code: "390133" });
  });

  it("is good for nobody who has another proof key", async () => {
    const [one, other] = [await askForToken(), await askForToken()];
    expect(await logInWith(one.token, other.proofKey)).toMatchObject({ success: false, code: "390178" });
    expect(await logInWith(one.token, "")).toMatchObject({ success: false, code: "390178" });
    expect(await logInWith(one.token, one.proofKey)).toMatchObject({ success: true });
  });

  it("is good for its own user", async () => {
    const { token, proofKey } = await askForToken("BOB");
    expect(await logInWith(token, proofKey)).toMatchObject({ success: false, code: "390191" });
  });

  it("is good for ten minutes", async () => {
    const { token, proofKey } = await askForToken();
    pass(10 * minutes);
    expect(await logInWith(token, proofKey)).toMatchObject({ success: false, code: "390133" });
  });

  it("is none that somebody made up", async () => {
    expect(await logInWith("made-up", "made-up")).toMatchObject({ success: false, code: "390133" });
    expect(await logInWith("", "")).toMatchObject({ success: false, code: "390133" });
    const idToken = { AUTHENTICATOR: "ID_TOKEN" };
    expect(await logInWith("made-up", "", idToken)).toMatchObject({ success: false, code: "390195" });
  });

  it("does not open the session of a disabled user", async () => {
    const { token, proofKey } = await askForToken();
    account.server.control.setUserDisabled("ADA", true);
    expect(await logInWith(token, proofKey)).toMatchObject({ success: false, code: "390101" });
  });
});
