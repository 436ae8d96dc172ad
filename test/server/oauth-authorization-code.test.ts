import { rmSync } from "node:fs";
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
  (user = "ADA") =>
  (page: string) =>
    new Visitor().logIn(page, user, password);

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
