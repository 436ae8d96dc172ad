import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Okta, oktaHost, type ResponseChange, startOkta } from "../support/person/okta.js";
import { accountHost, type NamedAccount, startNamedAccount } from "../support/snowflake/named-account.js";
import { logInOnWire } from "../support/snowflake/wire-client.js";

const password = "p4ssword-of-a-person";
const ada = { authenticator: `https://${oktaHost}`, username: "ADA", password };
let folder: string;
let okta: Okta;
let account: NamedAccount;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "okta-"));
  okta = await startOkta(folder, accountHost, { ADA: password, BOB: password, GONE: password });
  account = await startNamedAccount({ [oktaHost]: okta.port });
});
afterAll(async () => {
  await Promise.all([account.stop(), okta.stop()]);
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  okta.change = {};
  account.server.control.reset();
  for (const name of ["ADA", "BOB"]) account.server.control.createUser({ name });
  account.server.control.run(okta.trust);
  account.proxy.forget();
});

describe("a log-in by Okta", () => {
  it("opens a session as the person whom Okta knows by the password, and opens no page", async () => {
    expect(await account.logIn(ada)).toEqual({ user: "ADA", pages: [] });
    expect(await account.logIn({ ...ada, username: "BOB" })).toMatchObject({ user: "BOB" });
    expect([...new Set(account.proxy.asked)].sort()).toEqual([
      `CONNECT ${accountHost}:443`,
      `CONNECT ${oktaHost}:443`,
    ]);
  });

  it("sends the account nothing where Okta refuses the password", async () => {
    const refused = { message: "Request failed with status code 401" };
    expect(await account.logIn({ ...ada, password: "wrong" })).toMatchObject(refused);
    expect(account.server.control.counts().logins).toBe(0);
  });

  it("is refused for a person without a user", async () => {
    expect(await account.logIn({ ...ada, username: "GONE" })).toMatchObject({ code: "390133" });
  });

  it("is refused for a disabled user", async () => {
    account.server.control.setUserDisabled("ADA", true);
    expect(await account.logIn(ada)).toMatchObject({ code: "390101" });
  });
});

const minutes = 60_000;
const other = "https://acme-other.snowflakecomputing.com";

describe("Okta's response", () => {
  it.each<[string, ResponseChange, string]>([
    ["signed by a stranger", { byStranger: true }, "390165"],
    ["on another person than the one it was signed for", { tamper: swap("ADA", "BOB") }, "390165"],
    ["with another signature", { tamper: swap("<ds:SignatureValue>", "<ds:SignatureValue>AAAA") }, "390165"],
    ["signed in a weaker way", { tamper: swap("#rsa-sha256", "#rsa-sha1") }, "390167"],
    ["with a weaker digest", { tamper: swap("xmlenc#sha256", "xmldsig#sha1") }, "390166"],
    ["without a signature", { tamper: swap(/<ds:Signature .*<\/ds:Signature>/, "") }, "390133"],
    ["with a second assertion", { tamper: addAssertion }, "390133"],
    ["with a comment in a name", { tamper: swap("ADA", "ADA<!-- -->") }, "390133"],
    ["for another account", { audience: other }, "390169"],
    ["for another address", { recipient: `${other}/fed/login` }, "390171"],
    ["of another provider", { issuer: "http://www.okta.com/exk2" }, "390184"],
    ["that is too old", { laterMs: -7 * minutes }, "390172"],
    ["from the future", { laterMs: 7 * minutes }, "390173"],
  ])("is refused %s", async (_what, change, code) => {
    okta.change = change;
    expect(await account.logIn(ada)).toMatchObject({ code });
    expect(account.server.control.counts().successfulLogins).toBe(0);
  });

  it("is good once", async () => {
    await account.logIn(ada);
    const { last } = okta;
    okta.change = { tamper: () => last };
    expect(await account.logIn(ada)).toMatchObject({ code: "390133" });
  });
});

it("a form made to be slow to read is refused at once", async () => {
  const input = (response: string) =>
    `<input name="SAMLResponse" value="${Buffer.from(response).toString("base64")}">`;
  const [issuer = ""] = /<saml2:Issuer>.*<\/saml2:Issuer>/.exec(okta.last) ?? [];
  const algorithms = /<ds:SignatureMethod.*<\/ds:DigestMethod>/.exec(okta.last)?.[0];
  const signature = `<ds:Signature x><ds:SignedInfo>${algorithms}<ds:DigestValue></ds:DigestValue></ds:SignedInfo></ds:Signature>`;
  const assertion = (filling: string) =>
    input(`<saml2:Assertion >${issuer}${signature}${filling}</saml2:Assertion>`);
  for (const [form, code] of [
    ["<input".repeat(40_000), "390133"],
    [`<input${' name="SAMLResponse"'.repeat(9_000)}`, "390133"],
    [input("<saml2:Assertion ".repeat(10_000)), "390133"],
    [assertion(`<a${" ".repeat(150_000)}`), "390165"],
    [assertion(`<${"a".repeat(150_000)}`), "390165"],
  ] as const) {
    const begin = performance.now();
    const { server } = account;
    expect(await logInOnWire(server, { RAW_SAML_RESPONSE: form })).toMatchObject({ code });
    expect(performance.now() - begin).toBeLessThan(1000);
  }
});

it("an integration needs a certificate, and what belongs to it", () => {
  const { control } = account.server;
  const create = "CREATE SECURITY INTEGRATION X TYPE = SAML2 ENABLED = TRUE SAML2_ISSUER = 'i'";
  expect(() => control.run(create)).toThrow("SAML2 without SAML2_SSO_URL");
  expect(() => control.run(`${create} SAML2_SSO_URL = 'https://a.b' SAML2_X509_CERT = 'none'`)).toThrow(
    "SAML2_X509_CERT",
  );
});

function swap(from: string | RegExp, to: string): (response: string) => string {
  return (response) => response.replace(from, to);
}

/** Beside the signed one, as somebody would who has only that. */
function addAssertion(response: string): string {
  const [assertion = ""] = /<saml2:Assertion .*<\/saml2:Assertion>/.exec(response) ?? [];
  const own = assertion.replace(/<ds:Signature .*<\/ds:Signature>/, "").replace("ADA", "BOB");
  return response.replace(assertion, `${own}${assertion}`);
}
