import { createHmac } from "node:crypto";
import type { ConnectionOptions } from "snowflake-sdk";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type SnowflakeServer, seedDemo, startSnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { parseSeed } from "../../sdk/snowflake-server/seed-file.js";
import { type Aws, startAws } from "../support/aws/aws.js";
import { startIssuer, subject, type TokenIssuer } from "../support/oidc/issuer.js";
import { closeDriver, connectDriver, queryRows, runStatement } from "../support/snowflake/node-driver.js";
import { logInOnWire } from "../support/snowflake/wire-client.js";

let server: SnowflakeServer;
let issuer: TokenIssuer;
let aws: Aws;
let roleArn: string;

beforeAll(async () => {
  process.env.SNOWFLAKE_WIF_ALLOWED_HOST_SUFFIXES = "127.0.0.1";
  [issuer, aws] = await Promise.all([startIssuer(), startAws()]);
  server = await startSnowflakeServer({ googleIssuer: issuer.url, stsEndpoint: aws.endpoint });
  seedDemo(server.control);
  Object.assign(process.env, aws.env);
  roleArn = "arn:aws:iam::123456789012:role/snowflake";
}, 90_000);
afterAll(() => Promise.all([server.stop(), issuer.stop(), aws.stop()]));
beforeEach(() => server.control.resetCounts());

async function whoIs(options: Partial<ConnectionOptions>): Promise<unknown> {
  const { account, accessUrl, timeout, sfRetryMaxLoginRetries } = server.connection;
  const connection = await connectDriver({
    ...{ account, accessUrl, timeout, sfRetryMaxLoginRetries, authenticator: "WORKLOAD_IDENTITY" },
    ...options,
  });
  try {
    const [row] = await queryRows(connection, "SELECT CURRENT_USER() AS WHO");
    return row?.WHO;
  } finally {
    await closeDriver(connection);
  }
}

const byToken = (token: string, more: Partial<ConnectionOptions> = {}) =>
  whoIs({ workloadIdentityProvider: "OIDC", token, ...more });

async function refusalOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown as { code: unknown; message: string },
  );
  expect(error?.code).toBe("390100");
  return error?.message ?? "";
}

/** Runs SQL as the account's administrator. @returns the code of a refusal */
async function run(sql: string): Promise<string | undefined> {
  const connection = await connectDriver(server.connection);
  const outcome = await runStatement(connection, sql);
  await closeDriver(connection);
  return "error" in outcome ? String(outcome.error.code) : undefined;
}

const identity = (more = "") => `(TYPE = OIDC ISSUER = '${issuer.url}' SUBJECT = '${subject}'${more})`;

describe("an OpenID provider", () => {
  beforeAll(async () => {
    expect(await run(`CREATE USER FLOW TYPE = SERVICE WORKLOAD_IDENTITY = ${identity()}`)).toBeUndefined();
  });

  it("vouches for its workload, by its own keys", async () => {
    expect(await byToken(await issuer.sign())).toBe("FLOW");
    expect(await byToken(await issuer.sign(), { username: "flow" })).toBe("FLOW");
    expect(await refusalOf(byToken(await issuer.sign(), { username: "ADMIN" }))).toContain(
      "Incorrect username",
    );
  });

  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const forge = (alg: string, key?: string) => {
    const now = Math.floor(Date.now() / 1000);
    const body = `${encode({ alg })}.${encode({ iss: issuer.url, sub: subject, aud: "snowflakecomputing.com", exp: now + 300 })}`;
    return `${body}.${key === undefined ? "" : createHmac("sha256", key).update(body).digest("base64url")}`;
  };

  it.each<[string, () => Promise<string>, string]>([
    ["signed by a stranger", () => issuer.signAsStranger(), "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"],
    ["without a signature", async () => forge("none"), "ERR_JOSE_ALG_NOT_ALLOWED"],
    ["with a shared secret", async () => forge("HS256", "known to all"), "ERR_JOSE_ALG_NOT_ALLOWED"],
    ["of another issuer", () => issuer.sign({ iss: "https://other.example" }), "no user has this issuer"],
    ["of another subject", () => issuer.sign({ sub: `${subject}2` }), "no user has this issuer and subject"],
    ["for another audience", () => issuer.sign({ aud: "sts.amazonaws.com" }), "(aud)"],
    ["that has expired", () => issuer.sign({ exp: 1_700_000_000 }), "ERR_JWT_EXPIRED (exp)"],
    ["that never expires", () => issuer.sign({ exp: undefined }), "(exp)"],
    ["that is not valid yet", () => issuer.sign({ nbf: 4_000_000_000 }), "(nbf)"],
    ["that is none", async () => "no.token", "no user has this issuer and subject"],
  ])("does not vouch by a token %s", async (_what, make, reason) => {
    const token = await make();
    const message = await refusalOf(byToken(token));
    expect(message).toContain(reason);
    expect(message).not.toContain(token.split(".")[1]);
    expect(server.control.counts()).toMatchObject({ logins: 1, successfulLogins: 0 });
  });

  it("serves the audiences that the user names, and only those", async () => {
    expect(
      await run(`ALTER USER FLOW SET WORKLOAD_IDENTITY = ${identity(" OIDC_AUDIENCE_LIST = ('acme', 'b')")}`),
    ).toBeUndefined();
    expect(await byToken(await issuer.sign({ aud: "b" }))).toBe("FLOW");
    expect(await refusalOf(byToken(await issuer.sign()))).toContain("(aud)");
    expect(await run("ALTER USER FLOW UNSET WORKLOAD_IDENTITY")).toBeUndefined();
    expect(await refusalOf(byToken(await issuer.sign({ aud: "b" })))).toContain(
      "no user has a workload identity",
    );
    expect(
      await run(
        `ALTER USER FLOW ADD WORKLOAD IDENTITY SECOND TYPE = OIDC ISSUER = '${issuer.url}' SUBJECT = '${subject}'`,
      ),
    ).toBeUndefined();
    expect(await byToken(await issuer.sign())).toBe("FLOW");
    expect(await run("ALTER USER FLOW REMOVE WORKLOAD IDENTITY SECOND")).toBeUndefined();
    await refusalOf(byToken(await issuer.sign()));
  });
});

describe("the property WORKLOAD_IDENTITY", () => {
  it.each([
    ["(TYPE = OIDC SUBJECT = 's')", "004616"],
    ["(TYPE = OIDC ISSUER = 'https://a.example')", "004616"],
    ["(TYPE = OIDC ISSUER = 'me' SUBJECT = 's')", "004616"],
    [`(TYPE = OIDC ISSUER = 'https://a.example' SUBJECT = '${"s".repeat(256)}')`, "004616"],
    ["(TYPE = AWS SUBJECT = 's')", "004616"],
    ["(TYPE = GCP SUBJECT = 's' OIDC_AUDIENCE_LIST = ('a'))", "004616"],
    ["(TYPE = ORACLE SUBJECT = 's')", "001003"],
    ["(SUBJECT = 's')", "001003"],
    ["TYPE = AWS", "001003"],
  ])("of %s is refused", async (text, code) => {
    expect(await run(`CREATE USER NOBODY TYPE = SERVICE WORKLOAD_IDENTITY = ${text}`)).toBe(code);
    expect(server.control.hasUser("NOBODY")).toBe(false);
  });

  it("is changed by who owns the user, and not seen by others", async () => {
    server.control.createUser({ name: "EVE", password: "eve", roles: ["SYNC_ROLE"] });
    const connection = await connectDriver({
      ...server.connection,
      username: "EVE",
      password: "eve",
      role: "SYNC_ROLE",
    });
    const outcome = await runStatement(connection, `ALTER USER ADMIN SET WORKLOAD_IDENTITY = ${identity()}`);
    await closeDriver(connection);
    expect("error" in outcome && outcome.error.code).toMatch(/^00(2003|3001)$/);
  });

  it("can stand in a seed, and is wrong by its place", async () => {
    const seed = (workloadIdentity: object) =>
      parseSeed(JSON.stringify({ users: [{ name: "SEEDED", workloadIdentity }] }));
    seed({ type: "OIDC", issuer: issuer.url, subject: "seeded", audiences: ["s"] })(server.control);
    expect(await byToken(await issuer.sign({ sub: "seeded", aud: "s" }))).toBe("SEEDED");
    expect(() => seed({ type: "ORACLE" })).toThrow("seed.users[0].workloadIdentity must have one of OIDC");
    expect(() => seed({ type: "AWS", key: "x" })).toThrow("has unknown keys: key");
  });
});

describe("a cloud", () => {
  it("AWS vouches for a role, by the request that the driver signs", async () => {
    server.control.createUser({ name: "ON_AWS", workloadIdentity: { type: "AWS", arn: roleArn } });
    const aws = { workloadIdentityProvider: "AWS" } as const;
    expect(await whoIs({ ...aws, workloadIdentityImpersonationPath: [roleArn] })).toBe("ON_AWS");
    expect(await refusalOf(whoIs(aws))).toContain("no user has this ARN");
  });

  it.each<[string, (signed: { url: string; headers: Record<string, string> }) => object, string]>([
    [
      "to another host",
      (signed) => ({
        ...signed,
        url: "https://sts.evil.example/?Action=GetCallerIdentity&Version=2011-06-15",
      }),
      "not one to AWS's STS",
    ],
    [
      "for another action",
      (signed) => ({ ...signed, url: signed.url.replace("GetCallerIdentity", "AssumeRole") }),
      "does not ask who the caller is",
    ],
    [
      "for another audience",
      ({ url, headers }) => ({ url, headers: { ...headers, "x-snowflake-audience": "other" } }),
      "not signed for Snowflake",
    ],
    [
      "whose audience is not signed",
      ({ url, headers }) => ({
        url,
        headers: { ...headers, authorization: headers.authorization?.replace(";x-snowflake-audience", "") },
      }),
      "not signed for Snowflake",
    ],
    ["that is none", () => ({}), "not a signed request"],
  ])("AWS does not vouch by a request %s", async (_what, change, reason) => {
    const url = "https://sts.us-east-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15";
    const headers = {
      host: "sts.us-east-1.amazonaws.com",
      "x-snowflake-audience": "snowflakecomputing.com",
      authorization:
        "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host;x-amz-date;x-snowflake-audience, Signature=c",
    };
    const token = Buffer.from(JSON.stringify({ method: "POST", ...change({ url, headers }) })).toString(
      "base64",
    );
    const login = { AUTHENTICATOR: "WORKLOAD_IDENTITY", PROVIDER: "AWS", TOKEN: token };
    expect(await logInOnWire(server, login)).toMatchObject({
      code: "390100",
      message: expect.stringContaining(reason),
    });
  });

  it.each([
    ["AZURE", { issuer: true }, "api://fd3f753b-eed3-462c-b6a7-a4b5bb650aad"],
    ["GCP", {}, "snowflakecomputing.com"],
  ] as const)("%s vouches by a token of its own", async (type, { ...own }, aud) => {
    server.control.createUser({
      name: `ON_${type}`,
      workloadIdentity: { type, subject: "12", ...("issuer" in own ? { issuer: issuer.url } : {}) },
    });
    const attest = async (claims: object) => {
      const TOKEN = await issuer.sign({ sub: "12", aud, ...claims });
      const login = { AUTHENTICATOR: "WORKLOAD_IDENTITY", PROVIDER: type, TOKEN };
      return (await logInOnWire(server, login)).success;
    };
    expect(await attest({})).toBe(true);
    expect(await attest({ aud: "other" })).toBe(false);
    expect(await attest({ sub: "13" })).toBe(false);
  });
});
