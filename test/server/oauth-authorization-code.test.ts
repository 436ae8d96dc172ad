import { createHash, randomBytes } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { request } from "node:https";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type IdentityProvider, startIdentityProvider } from "../support/oidc/identity-provider.js";
import { Visitor } from "../support/person/visitor.js";
import { type NamedAccount, startNamedAccount } from "../support/snowflake/named-account.js";

const secret = "secret-of-a-client-91f";
const password = "p4ssword-of-a-person";
let account: NamedAccount;
let provider: IdentityProvider;

beforeAll(async () => {
  account = await startNamedAccount();
  const { certificate: cert, key } = account.authority;
  provider = await startIdentityProvider({ pulumi: secret }, { cert, key }, { ADA: password, BOB: password });
});
afterAll(async () => {
  await Promise.all([account.stop(), provider.stop()]);
});
beforeEach(() => {
  const { control } = account.server;
  control.reset();
  rmSync(account.cache, { force: true });
  control.createRole("SYNC_ROLE");
  for (const name of ["ADA", "BOB"]) control.createUser({ name, roles: ["SYNC_ROLE"] });
  control.run(provider.trust());
});

const asAda = () => ({
  authenticator: "OAUTH_AUTHORIZATION_CODE",
  username: "ADA",
  role: "SYNC_ROLE",
  oauthClientId: provider.clientId,
  oauthClientSecret: secret,
  oauthAuthorizationUrl: provider.authorizationUrl,
  oauthTokenRequestUrl: provider.tokenUrl,
  noProxy: "127.0.0.1|localhost",
});

const typing =
  (user = "ADA", typed = password) =>
  (page: string) =>
    new Visitor().logIn(page, user, typed);

/** Logs in without going back to the client, and tells the code that it would get. */
async function readCode(page: string): Promise<string> {
  const visitor = new Visitor((url) => !new URL(url).searchParams.has("code"));
  const { url } = await visitor.logIn(page, "ADA", password);
  return new URL(url).searchParams.get("code") ?? "";
}

/** Gets tokens for a code as the client does. */
function redeem(fields: Readonly<Record<string, string>>): Promise<{ readonly error?: string }> {
  const body = new URLSearchParams({
    grant_type: "authorization_code",
    client_id: provider.clientId,
    client_secret: secret,
    ...fields,
  }).toString();
  return new Promise((done, failed) => {
    const sent = request(
      provider.tokenUrl,
      {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        ca: readFileSync(account.authority.file),
      },
      async (response) => {
        let text = "";
        for await (const chunk of response) text += chunk;
        done(JSON.parse(text) as { error?: string });
      },
    );
    sent.once("error", failed).end(body);
  });
}

describe("a log-in by an authorization code", () => {
  it("opens a session as the person who logged in at the identity provider", async () => {
    const login = await account.logIn(asAda(), typing());
    expect(login).toMatchObject({ user: "ADA", pages: [expect.any(String)] });
    const page = new URL(login.pages[0] ?? "");
    expect(Object.fromEntries(page.searchParams)).toMatchObject({
      code_challenge_method: "S256",
      scope: "session:role:SYNC_ROLE",
      redirect_uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    });
  });

  it("is refused for another person than the connection's user", async () => {
    expect(await account.logIn(asAda(), typing("BOB"))).toMatchObject({ code: "390309" });
  });

  it("ends where the person cancels", async () => {
    const login = await account.logIn(asAda(), async (page) => {
      const visitor = new Visitor();
      await visitor.submit(await visitor.open(page), { cancel: "yes" });
    });
    expect(login).toMatchObject({ message: expect.stringContaining("access_denied") });
    expect(account.server.control.counts().logins).toBe(0);
  });

  it("waits where the password is wrong", async () => {
    const login = await account.logIn({ ...asAda(), browserActionTimeout: 500 }, typing("ADA", "wrong"));
    expect(login).toMatchObject({ message: expect.stringContaining("timed out after 500 ms") });
    expect(account.server.control.counts().logins).toBe(0);
  });

  it("gets no token with a wrong secret", async () => {
    const login = await account.logIn({ ...asAda(), oauthClientSecret: "wrong" }, typing());
    expect(login).toMatchObject({ message: "Request failed with status code 401" });
    expect(account.server.control.counts().logins).toBe(0);
  });

  it("opens the page again for each token that the account does not take", async () => {
    account.server.control.run(provider.trust("https://other.example"));
    let visits = 0;
    const login = await account.logIn(asAda(), async (page) => {
      visits += 1;
      const visitor = new Visitor();
      if (visits < 3) await visitor.logIn(page, "ADA", password);
      else await visitor.submit(await visitor.open(page), { cancel: "yes" });
    });
    expect(login).toMatchObject({ message: expect.stringContaining("access_denied") });
    expect(login.pages).toHaveLength(3);
    expect(account.server.control.counts()).toMatchObject({ logins: 2, successfulLogins: 0 });
  });
});

describe("an authorization code", () => {
  it("is good for the client alone that asked for it", async () => {
    let stolen = "";
    await account.logIn({ ...asAda(), browserActionTimeout: 1000 }, async (page) => {
      stolen = await readCode(page);
    });
    const login = await account.logIn(asAda(), async (page) => {
      const { searchParams } = new URL(page);
      const query = new URLSearchParams({ code: stolen, state: searchParams.get("state") ?? "" });
      await new Visitor().open(`${searchParams.get("redirect_uri")}/?${query}`);
    });
    expect(login).toMatchObject({ message: "Request failed with status code 400" });
    expect(account.server.control.counts().logins).toBe(0);
  });

  it("is good once", async () => {
    const code_verifier = randomBytes(32).toString("base64url");
    const redirect_uri = "http://127.0.0.1:1234";
    const page = new URL(provider.authorizationUrl);
    page.search = new URLSearchParams({
      client_id: provider.clientId,
      response_type: "code",
      redirect_uri,
      scope: "session:role:SYNC_ROLE",
      code_challenge_method: "S256",
      code_challenge: createHash("sha256").update(code_verifier).digest("base64url"),
    }).toString();
    const fields = { code: await readCode(page.href), code_verifier, redirect_uri };
    expect(await redeem(fields)).toMatchObject({ access_token: expect.stringMatching(/^eyJ/) });
    expect(await redeem(fields)).toMatchObject({ error: "invalid_grant" });
  });
});
