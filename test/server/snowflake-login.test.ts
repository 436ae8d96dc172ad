import { createPrivateKey, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import type { ConnectionOptions } from "snowflake-sdk";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { publicKeyFingerprint } from "../../sdk/snowflake-server/login/key-pair.js";
import { closeDriver, connectDriver, queryRows } from "../support/snowflake/node-driver.js";
import { useDemoAccount } from "../support/snowflake/use-demo-account.js";
import { logInOnWire } from "../support/snowflake/wire-client.js";

const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
const accessToken = randomBytes(24).toString("base64url");
const oauthToken = randomBytes(24).toString("base64url");
const WHO =
  "SELECT CURRENT_USER() AS WHO, CURRENT_ROLE() AS ROLE, CURRENT_DATABASE() AS DB, CURRENT_SCHEMA() AS SCHEMA, CURRENT_WAREHOUSE() AS WH";

const demo = useDemoAccount();
let base: ConnectionOptions;

beforeAll(() => {
  demo.control.createUser({
    name: "ROBOT",
    type: "SERVICE",
    publicKey: keys.publicKey,
    programmaticAccessTokens: [accessToken],
    oauthTokens: [oauthToken],
    roles: [demo.seed.role],
    networkPolicy: { allowed: ["127.0.0.1"] },
  });
  const { account, accessUrl, timeout, sfRetryMaxLoginRetries } = demo.server.connection;
  base = { account, accessUrl, timeout, sfRetryMaxLoginRetries };
});
beforeEach(() => {
  demo.control.clearFaults();
  demo.control.resetCounts();
});

async function sessionOf(options: Partial<ConnectionOptions>): Promise<Readonly<Record<string, unknown>>> {
  const connection = await connectDriver({ ...base, ...options });
  try {
    const [row] = await queryRows(connection, WHO);
    if (row === undefined) throw new Error("No row.");
    return row;
  } finally {
    await closeDriver(connection);
  }
}

async function refusalOf(options: Partial<ConnectionOptions>): Promise<{ code: unknown; message: string }> {
  try {
    await sessionOf(options);
  } catch (error) {
    const { code, message } = error as { code?: unknown; message: string };
    return { code, message };
  }
  throw new Error("The log-in was not refused.");
}

const privateKeyPem = keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString();

describe("every way to log in", () => {
  it.each<[string, () => Partial<ConnectionOptions>, string]>([
    ["a password", () => demo.login, "SYNC_USER"],
    [
      "a key pair",
      () => ({ username: "robot", authenticator: "SNOWFLAKE_JWT", privateKey: privateKeyPem }),
      "ROBOT",
    ],
    ["an access token", () => ({ authenticator: "PROGRAMMATIC_ACCESS_TOKEN", token: accessToken }), "ROBOT"],
    ["an access token as password", () => ({ username: "ROBOT", password: accessToken }), "ROBOT"],
    ["an OAuth token", () => ({ authenticator: "OAUTH", token: oauthToken }), "ROBOT"],
  ])("opens a session with %s", async (_way, options, who) => {
    expect(await sessionOf(options())).toMatchObject({ WHO: who, ROLE: demo.seed.role });
    expect(demo.control.counts()).toMatchObject({ logins: 1, successfulLogins: 1, openSessions: 0 });
  });

  it.each<[string, () => Partial<ConnectionOptions>, string]>([
    ["an unknown user", () => ({ username: "NOBODY", password: demo.seed.password }), "390100"],
    ["a role that is not the user's", () => ({ ...demo.login, role: "SYSADMIN" }), "390189"],
    ["a role that does not exist", () => ({ ...demo.login, role: "NOPE" }), "390189"],
  ])("refuses %s", async (_way, options, code) => {
    expect((await refusalOf(options())).code).toBe(code);
    expect(demo.control.counts()).toMatchObject({ logins: 1, successfulLogins: 0, openSessions: 0 });
  });

  it("does not answer for another account's name", async () => {
    const refusal = await refusalOf({ ...demo.login, account: "acme-other" });
    expect(refusal.code).toBe(401_002);
  });

  it("answers to the account's locator with a region, too", async () => {
    const session = await sessionOf({ ...demo.login, account: `${demo.server.identity.locator}.eu-west-1` });
    expect(session.WHO).toBe("SYNC_USER");
  });
});

describe("what a session starts with", () => {
  it("is what the log-in names, upper-cased unless quoted", async () => {
    const options = {
      ...demo.login,
      role: "sync_role",
      database: "app",
      schema: '"SECRETS"',
      warehouse: "wh",
    };
    expect(await sessionOf(options)).toEqual({
      WHO: "SYNC_USER",
      ROLE: "SYNC_ROLE",
      DB: "APP",
      SCHEMA: "SECRETS",
      WH: "WH",
    });
  });

  it("is empty, without an error, for a wrong database, schema and warehouse", async () => {
    const wrong = await sessionOf({ ...demo.login, database: "NOPE", schema: "SECRETS", warehouse: "NOPE" });
    expect(wrong).toMatchObject({ DB: null, SCHEMA: null, WH: null });
    const quoted = await sessionOf({ ...demo.login, database: '"app"', warehouse: '"wh"' });
    expect(quoted).toMatchObject({ DB: null, WH: null });
    expect(await sessionOf({ ...demo.login, database: "APP", schema: "NOPE" })).toMatchObject({
      DB: "APP",
      SCHEMA: null,
    });
  });
});

describe("network policies", () => {
  it("refuse an address with the address in the message", async () => {
    demo.control.setClientAddress("203.0.113.77");
    demo.control.setNetworkPolicy({ allowed: ["203.0.113.0/24"], blocked: ["203.0.113.77"] });
    try {
      const refusal = await refusalOf(demo.login);
      expect(refusal.code).toBe("390422");
      expect(refusal.message).toContain("203.0.113.77");
      demo.control.setNetworkPolicy({ allowed: ["203.0.113.0/24"] });
      const connection = await connectDriver({
        ...base,
        ...demo.login,
      });
      expect(await queryRows(connection, "SELECT CURRENT_IP_ADDRESS() AS IP")).toEqual([
        { IP: "203.0.113.77" },
      ]);
      await closeDriver(connection);
    } finally {
      demo.control.setClientAddress(undefined);
      demo.control.setNetworkPolicy(undefined);
    }
  });

  it("must exist for a service user's access token", async () => {
    demo.control.setNetworkPolicy(undefined, "ROBOT");
    const token = { authenticator: "PROGRAMMATIC_ACCESS_TOKEN", token: accessToken };
    expect((await refusalOf(token)).code).toBe("390432");
    demo.control.setNetworkPolicy({ allowed: ["127.0.0.1"] }, "ROBOT");
    expect(await sessionOf(token)).toMatchObject({ WHO: "ROBOT" });
  });
});

describe("key-pair tokens", () => {
  const now = (): number => Math.floor(Date.now() / 1000);
  const good = (): Record<string, unknown> => ({
    iss: `ACME-TESTING.ROBOT.${publicKeyFingerprint(keys.publicKey)}`,
    sub: "ACME-TESTING.ROBOT",
    iat: now(),
    exp: now() + 60,
  });
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

  /** Logs in over plain HTTP, to say what no driver says. */
  async function codeFor(
    claims: Record<string, unknown>,
    {
      header = { alg: "RS256", typ: "JWT" },
      key = keys.privateKey,
      loginName = "ROBOT" as string | undefined,
    } = {},
  ): Promise<string | null> {
    const signed = `${encode(header)}.${encode(claims)}`;
    const token = `${signed}.${sign("RSA-SHA256", Buffer.from(signed), key).toString("base64url")}`;
    const login = { AUTHENTICATOR: "SNOWFLAKE_JWT", TOKEN: token, LOGIN_NAME: loginName };
    return (await logInOnWire(demo.server, login)).code;
  }

  it("are taken in seconds and in milliseconds, with the user only in the claims", async () => {
    expect(await codeFor(good())).toBeNull();
    expect(await codeFor(good(), { loginName: undefined })).toBeNull();
    expect(await codeFor({ ...good(), iat: Date.now(), exp: Date.now() + 120_000 })).toBeNull();
  });

  it.each<[string, Record<string, unknown>]>([
    ["expired", { iat: now() - 600, exp: now() - 300 }],
    ["from the future", { iat: now() + 600, exp: now() + 660 }],
    ["too long-lived", { exp: now() + 7200 }],
    ["without times", { iat: undefined }],
    [
      "of another account",
      { iss: `OTHER.ROBOT.${publicKeyFingerprint(keys.publicKey)}`, sub: "OTHER.ROBOT" },
    ],
    ["with another fingerprint", { iss: "ACME-TESTING.ROBOT.SHA256:AAAA" }],
    ["without a subject", { sub: undefined }],
  ])("are refused when %s", async (_what, changes) => {
    expect(await codeFor({ ...good(), ...changes })).toBe("390144");
  });

  it("are refused when signed by another key, or for another user than the log-in names", async () => {
    const stranger = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const strangersKey = createPrivateKey(stranger.privateKey.export({ type: "pkcs8", format: "pem" }));
    expect(await codeFor(good(), { key: strangersKey })).toBe("390144");
    expect(await codeFor(good(), { loginName: demo.seed.username })).toBe("390144");
    expect(await codeFor(good(), { header: { alg: "none", typ: "JWT" } })).toBe("390144");
  });
});

describe("faults at log-in", () => {
  it("answer with any code, for the user they match", async () => {
    demo.control.addFault({
      on: "login",
      match: /^SYNC_USER$/i,
      effect: { kind: "sql-error", code: "390101", message: "User access disabled." },
    });
    expect((await refusalOf(demo.login)).code).toBe("390101");
    expect(await sessionOf(demo.login)).toMatchObject({ WHO: "SYNC_USER" });
    expect(demo.control.counts()).toMatchObject({ logins: 2, successfulLogins: 1 });
  });

  it("answer with an HTTP status, cut the connection, or stay silent until the driver's time-out", async () => {
    demo.control.addFault({ on: "login", effect: { kind: "http-status", status: 503 } });
    expect((await refusalOf(demo.login)).code).toBe(401_002);
    demo.control.addFault({ on: "login", effect: { kind: "cut", when: "before" } });
    expect((await refusalOf(demo.login)).code).toBe(401_001);
    demo.control.addFault({ on: "login", effect: { kind: "hang" } });
    expect((await refusalOf({ ...demo.login, timeout: 300 })).code).toBe(401_001);
    expect(demo.control.counts()).toMatchObject({ logins: 3, successfulLogins: 0 });
  });
});
