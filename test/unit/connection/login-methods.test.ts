import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SecretValue } from "../../../provider/core/secret-value.js";
import type { SnowflakeAuthentication } from "../../../provider/snowflake/connection/connection.js";
import { findLoginMethod, loginMethods } from "../../../provider/snowflake/connection/login/index.js";
import { type ConnectionSources, resolveConnection } from "../../../provider/snowflake/connection/resolve.js";
import { nameVariable } from "../../../provider/snowflake/connection/sources.js";
import { loginExamples, secretExample } from "../../docs/login-examples.js";
import { failureOf } from "../../support/failure.js";
import { loginPlaces } from "../../support/snowflake/login-places.js";

const planted = "pl4nted-cr3dential";
const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});
let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "login-"));
  mkdirSync(join(home, ".snowflake"));
  writeFileSync(join(home, ".snowflake", "rsa_key.p8"), privateKey);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

async function resolve(sources: Partial<ConnectionSources>) {
  const config = { get: () => undefined };
  const resolved = await resolveConnection({
    config,
    env: {},
    homeDirectory: home,
    programDirectory: home,
    platform: "linux",
    ...sources,
  });
  if (resolved.unknown) throw new Error("expected a known connection");
  return resolved;
}

const failWith = async (sources: Partial<ConnectionSources>) =>
  (await failureOf(resolve(sources), [planted])).message;

const plant = <T extends object>(values: T) =>
  JSON.parse(JSON.stringify(values).replaceAll(secretExample, planted)) as T;

const all = Object.entries(loginExamples).flatMap(([kind, examples]) =>
  examples.flatMap((example) =>
    Object.keys(loginPlaces).map((place) => [example.title, place, kind, example] as const),
  ),
);

describe("every way to log in", () => {
  it.each(all)("with %s from %s", async (_title, place, kind, { fields, env = {} }) => {
    const sources = loginPlaces[place]?.(plant(fields), plant(env), home) ?? {};
    const { connection, provenance } = await resolve(sources);
    expect(connection).toMatchObject({ account: "acme-prod", authentication: { kind } });
    expect(inspect({ connection, provenance }, { depth: 9 })).not.toContain(planted);
    const method = loginMethods.find((each) => each.kind === kind);
    const used: readonly string[] = [
      ...["account", "user", "authenticator"],
      ...(method?.credential ?? []),
      ...(method?.settings ?? []),
    ];
    expect(used).toEqual(expect.arrayContaining(Object.keys(provenance)));
  });

  it("has an example, and one authenticator that no other way has", () => {
    expect(Object.keys(loginExamples).sort()).toEqual(loginMethods.map(({ kind }) => kind).sort());
    for (const method of loginMethods) {
      for (const spelling of method.authenticators) {
        expect(findLoginMethod(spelling)).toBe(method);
        expect(findLoginMethod(spelling.toLowerCase().replaceAll("_", ""))).toBe(method);
      }
    }
  });

  it("says which part is missing, and every place where it may stand", async () => {
    for (const { authenticators, credential, kind } of loginMethods) {
      const [authenticator] = authenticators;
      // Without anything else this is Snowflake's own client.
      const oauthClientId = kind === "oauth-authorization-code" ? "pulumi" : "";
      const message = await failWith({
        argument: { account: "acme-prod", authenticator, oauthClientId, workloadIdentityProvider: "OIDC" },
      });
      expect(message).toContain("[CONNECTION_INCOMPLETE]");
      expect(message).not.toContain("undefined");
      for (const field of credential) expect(message).toContain(nameVariable(field));
    }
  });
});

const oidc = { account: "acme-prod", authenticator: "WORKLOAD_IDENTITY", workloadIdentityProvider: "OIDC" };
const github = {
  ACTIONS_ID_TOKEN_REQUEST_URL: "https://token.actions.example/token",
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: planted,
};

describe("the identity of a workload", () => {
  const identityOf = async (sources: Partial<ConnectionSources>) => {
    const { authentication } = (await resolve(sources)).connection;
    if (authentication.kind !== "workload-identity" || authentication.provider !== "OIDC")
      throw new Error("expected an identity token");
    return authentication;
  };

  it("asks GitHub only where no token is given", async () => {
    expect(await identityOf({ argument: oidc, env: github })).toMatchObject({
      origin: "GitHub",
      audience: "snowflakecomputing.com",
      githubUrl: github.ACTIONS_ID_TOKEN_REQUEST_URL,
    });
    for (const given of [
      { ...github, SNOWFLAKE_TOKEN: planted },
      { ...github, SNOWFLAKE_TOKEN_FILE_PATH: "token" },
      { ...github, SNOWFLAKE_TOKEN_VARIABLE: "ID_TOKEN", ID_TOKEN: planted },
    ]) {
      const identity = await identityOf({ argument: oidc, env: given });
      expect(identity.origin).not.toBe("GitHub");
      expect(identity.githubUrl).toBeUndefined();
    }
  });

  it("is meant by its provider, also where no authenticator is given", async () => {
    const { authenticator: _, ...argument } = oidc;
    expect(await identityOf({ argument: { ...argument, token: planted } })).toMatchObject({
      token: expect.any(SecretValue),
    });
  });

  it("takes no user over from another place, and keeps the one that stands beside it", async () => {
    const beside = await resolve({ argument: { ...oidc, user: "BOT" }, env: github });
    expect(beside.connection.username).toBe("BOT");
    const config = { get: (name: string) => (name === "snowflake:user" ? "ADA" : undefined) };
    const env = {
      ...github,
      SNOWFLAKE_ACCOUNT: "acme-prod",
      SNOWFLAKE_AUTHENTICATOR: "WORKLOAD_IDENTITY",
      SNOWFLAKE_WORKLOAD_IDENTITY_PROVIDER: "OIDC",
    };
    const { connection, provenance } = await resolve({ config, env });
    expect(connection.username).toBeUndefined();
    expect(provenance.user).toBeUndefined();
    const later = await resolve({ argument: oidc, env: { ...github, SNOWFLAKE_USER: "ADA" } });
    expect(later.connection.username).toBeUndefined();
  });

  it("keeps the user beside what tells that it is one, whatever a later place says", async () => {
    const provider = { workloadIdentityProvider: "AWS" };
    const env = { SNOWFLAKE_AUTHENTICATOR: "SNOWFLAKE", SNOWFLAKE_WORKLOAD_IDENTITY_PROVIDER: "AWS" };
    for (const told of [provider, { authenticator: "WORKLOAD_IDENTITY" }]) {
      const argument = { account: "acme-prod", ...told };
      const { connection } = await resolve({ argument: { ...argument, user: "BOT" }, env });
      expect(connection.username).toBe("BOT");
      const later = await resolve({ argument, env: { ...env, SNOWFLAKE_USER: "ADA" } });
      expect(later.connection.username).toBeUndefined();
    }
  });

  it("is not mixed with the password of a later place", async () => {
    const later = { SNOWFLAKE_USER: "ADA", SNOWFLAKE_PASSWORD: planted, SNOWFLAKE_OAUTH_SCOPE: "s" };
    const { connection, provenance } = await resolve({ argument: oidc, env: { ...github, ...later } });
    expect(connection.authentication.kind).toBe("workload-identity");
    expect(Object.keys(provenance).sort()).toEqual(Object.keys(oidc).sort());
  });

  it("names the permission that a GitHub job lacks", async () => {
    const message = await failWith({ argument: oidc, env: { GITHUB_ACTIONS: "true" } });
    expect(message).toContain(
      "[CONNECTION_INCOMPLETE] the connection to Snowflake is incomplete: missing the identity token of the workload. Fix: give the identity token of the workload (connection.token, tokenFilePath or tokenVariable, the same under snowflake:, or SNOWFLAKE_TOKEN, SNOWFLAKE_TOKEN_FILE_PATH or SNOWFLAKE_TOKEN_VARIABLE; or permissions: id-token: write for this job, with which GitHub hands one out), or a profile of connections.toml",
    );
  });

  it.each([
    [{ ...oidc, workloadIdentityProvider: "ORACLE" }, "give OIDC, AWS, AZURE or GCP."],
    [{ ...oidc, token: planted, tokenFilePath: "f" }, "token and tokenFilePath in the connection argument"],
    [
      { ...oidc, workloadIdentityProvider: "AWS", token: planted },
      "a workload identity of AWS takes no token",
    ],
    [
      { ...oidc, workloadIdentityProvider: "GCP", workloadIdentityAzureClientId: "c" },
      "workloadIdentityAzureClientId does not belong to the workload identities of GCP",
    ],
    [
      { ...oidc, workloadIdentityProvider: "AWS", workloadIdentityAwsUseOutboundToken: "perhaps" },
      "is not a boolean",
    ],
    [{ ...oidc, tokenVariable: "NOT_SET" }, "NOT_SET (argument connection.tokenVariable)"],
    [{ ...oidc, tokenVariable: `${planted} ` }, "its name is not one of a variable"],
    [
      { account: "a-b", workloadIdentityProvider: "OIDC", token: planted, password: planted },
      "more than one credential is set: workloadIdentityProvider and token and password",
    ],
  ])("of %j is refused", async (argument, text) => {
    expect(await failWith({ argument })).toContain(text);
  });

  it("reads a list of roles from a profile, and a text with commas from elsewhere", async () => {
    writeFileSync(
      join(home, ".snowflake", "connections.toml"),
      '[default]\naccount = "acme-prod"\nauthenticator = "workload_identity"\nworkload_identity_provider = "AWS"\nworkload_identity_impersonation_path = ["one", "two"]\nworkload_identity_aws_use_outbound_token = true\n',
      { mode: 0o600 },
    );
    const wanted = { provider: "AWS", impersonationPath: ["one", "two"], usesOutboundToken: true };
    expect((await resolve({})).connection.authentication).toMatchObject(wanted);
    const argument = {
      ...oidc,
      workloadIdentityProvider: "aws",
      workloadIdentityImpersonationPath: "one, two",
      workloadIdentityAwsUseOutboundToken: "TRUE",
    };
    expect((await resolve({ argument })).connection.authentication).toMatchObject(wanted);
  });
});

describe("an OAuth client", () => {
  const client = {
    account: "acme-prod",
    authenticator: "OAUTH_CLIENT_CREDENTIALS",
    oauthClientId: "pulumi",
    oauthTokenRequestUrl: "https://login.acme.com/token",
  };

  it("may have its secret in another place, beside the same client", async () => {
    const { connection } = await resolve({
      argument: client,
      env: { SNOWFLAKE_OAUTH_CLIENT_SECRET: planted, SNOWFLAKE_OAUTH_CLIENT_ID: "pulumi" },
    });
    expect(connection.authentication).toMatchObject({
      kind: "oauth-client-credentials",
      clientId: "pulumi",
      clientSecret: expect.any(SecretValue),
    } satisfies Partial<Record<keyof Extract<SnowflakeAuthentication, { clientId: string }>, unknown>>);
  });

  it.each([
    ["SNOWFLAKE_OAUTH_TOKEN_REQUEST_URL", "https://elsewhere.example/token", "token URL"],
    ["SNOWFLAKE_OAUTH_CLIENT_ID", "other", "OAuth client"],
  ])("never gets a secret that stands beside another one: %s", async (variable, value, names) => {
    const env = { SNOWFLAKE_OAUTH_CLIENT_SECRET: planted, [variable]: value };
    expect(await failWith({ argument: client, env })).toContain(`(it names another ${names})`);
  });

  it.each(["http://login.acme.com/token", `https://user:${planted}@login.acme.com/token`, planted])(
    "is not sent to %s",
    async (oauthTokenRequestUrl) => {
      const argument = { ...client, oauthTokenRequestUrl, oauthClientSecret: planted };
      expect(await failWith({ argument })).toContain("is not an https URL");
    },
  );
});

describe("a log-in of a person", () => {
  const person = { account: "acme-prod", user: "ADA" };

  it.each([
    [{ authenticator: "https://acme.okta.com" }, "https://acme.okta.com"],
    [{ authenticator: "okta", oktaUrl: "https://acme.okta.com/" }, "https://acme.okta.com/"],
  ])("by Okta with %j", async (named, url) => {
    const { connection } = await resolve({ argument: { ...person, ...named, password: planted } });
    expect(connection.authentication).toMatchObject({ kind: "okta", url });
  });

  it("takes no password over for another Okta", async () => {
    const argument = { ...person, authenticator: "https://acme.okta.com" };
    const env = { SNOWFLAKE_AUTHENTICATOR: "https://other.okta.com", SNOWFLAKE_PASSWORD: planted };
    expect(await failWith({ argument, env })).toContain("the environment (it names another Okta URL)");
  });

  it("has its passcode in the environment, and by it a second factor", async () => {
    const env = { SNOWFLAKE_PASSCODE: ` ${planted}\n` };
    for (const authenticator of ["", "USERNAME_PASSWORD_MFA", "usernamePasswordMfa"]) {
      const argument = { ...person, authenticator, password: planted };
      const { authentication } = (await resolve({ argument, env })).connection;
      if (authentication.kind !== "password-mfa") throw new Error(authentication.kind);
      expect(authentication.passcode?.expose()).toBe(planted);
      expect(authentication.keepsToken).toBe(true);
    }
    const argument = { ...person, password: planted, clientRequestMfaToken: "false" };
    expect((await resolve({ argument, env })).connection.authentication).toMatchObject({ keepsToken: false });
  });

  it.each([
    [{ authenticator: "http://acme.okta.com", password: planted }, "oktaUrl is not an https URL"],
    [{ authenticator: "OKTA", password: planted }, "missing the user's page of Okta"],
    [{ authenticator: "EXTERNALBROWSER", clientStoreTemporaryCredential: "maybe" }, "is not a boolean"],
    [{ authenticator: "EXTERNALBROWSER", user: "" }, "missing the user."],
    [
      { authenticator: "OAUTH_AUTHORIZATION_CODE", oauthAuthorizationUrl: "http://login.acme.com" },
      "missing the id of the OAuth client, the secret of the OAuth client, the address where",
    ],
    [
      { authenticator: "OAUTH_AUTHORIZATION_CODE", oauthRedirectUri: "http://elsewhere.example" },
      "oauthRedirectUri is not an address of this machine: argument connection.oauthRedirectUri",
    ],
  ])("with %j is refused", async (more, text) => {
    expect(await failWith({ argument: { ...person, ...more } })).toContain(text);
  });
});
