import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SecretValue } from "../../../provider/core/secret-value.js";
import type { OidcIdentity, SnowflakeConnection } from "../../../provider/snowflake/connection/connection.js";
import { openSession } from "../../../provider/snowflake/driver/session.js";
import { requireSnowflakeHost } from "../../../provider/snowflake/driver/snowflake-hosts.js";
import { buildWhoAmI } from "../../../provider/snowflake/statements.js";
import { type SnowflakeServer, seedDemo, startSnowflakeServer } from "../../../sdk/snowflake-server/index.js";
import { failureOf } from "../../support/failure.js";
import { startIssuer, subject, type TokenIssuer } from "../../support/oidc/issuer.js";

const bearer = "bearer-of-a-job-5d1";
let server: SnowflakeServer;
let issuer: TokenIssuer;
let folder: string;
const before = process.env.SNOWFLAKE_WIF_ALLOWED_HOST_SUFFIXES;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "workload-"));
  [server, issuer] = await Promise.all([startSnowflakeServer(), startIssuer(bearer)]);
  const { role } = seedDemo(server.control);
  server.control.createUser({
    name: "WORKFLOW",
    type: "SERVICE",
    roles: [role],
    workloadIdentity: { type: "OIDC", issuer: issuer.url, subject },
  });
});
afterAll(async () => {
  await Promise.all([server.stop(), issuer.stop()]);
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  process.env.SNOWFLAKE_WIF_ALLOWED_HOST_SUFFIXES = "127.0.0.1";
  server.control.resetCounts();
  issuer.answer = undefined;
});
afterEach(() => {
  if (before === undefined) delete process.env.SNOWFLAKE_WIF_ALLOWED_HOST_SUFFIXES;
  else process.env.SNOWFLAKE_WIF_ALLOWED_HOST_SUFFIXES = before;
});

type Source = Partial<Pick<OidcIdentity, "token" | "tokenFile" | "githubUrl" | "githubBearer" | "audience">>;

const fromGithub = (url = issuer.githubEnv.ACTIONS_ID_TOKEN_REQUEST_URL): Source => ({
  githubUrl: url ?? "",
  githubBearer: new SecretValue(bearer),
});
const fromText = async (claims = {}): Promise<Source> => ({
  token: new SecretValue(await issuer.sign(claims)),
});

function connect(source: Source, more: Partial<SnowflakeConnection> = {}): SnowflakeConnection {
  const { account, host, port } = server;
  return {
    ...{ account, host, port, protocol: "http", maxConcurrentStatements: 4 },
    authentication: {
      kind: "workload-identity",
      provider: "OIDC",
      audience: "snowflakecomputing.com",
      origin: "environment SNOWFLAKE_TOKEN",
      ...source,
    },
    ...more,
  };
}

async function logIn(source: Source, more: Partial<SnowflakeConnection> = {}): Promise<string> {
  const session = await openSession(connect(source, more));
  const [row] = await session.execute(buildWhoAmI([]));
  await session.close();
  return String(row?.account);
}

function failWith(source: Source, more: Partial<SnowflakeConnection> = {}) {
  const token = source.token?.expose();
  const parts = token === undefined ? [] : [token, ...token.split(".").slice(1, 2)];
  return failureOf(logIn(source, more), [bearer, ...parts]);
}

describe("an identity token", () => {
  it("opens a session, without a user", async () => {
    expect(await logIn(await fromText())).toBe("XY12345");
  });

  it("of a file is read again at each log-in", async () => {
    const tokenFile = join(folder, "token");
    writeFileSync(tokenFile, `${await issuer.sign({ exp: 1_700_000_000 })}\n`);
    expect((await failWith({ tokenFile })).message).toContain("expired at 2023-11-14T22:13:20.000Z");
    writeFileSync(tokenFile, `${await issuer.sign()}\n`);
    expect(await logIn({ tokenFile })).toBe("XY12345");
    expect((await failWith({ tokenFile: join(folder, "none") })).code).toBe("INVALID_INPUT");
  });

  it.each<[string, object, string]>([
    [
      "that has expired",
      { exp: 1_700_000_000 },
      "[AUTHENTICATION_FAILED] the identity token expired at 2023-11-14T22:13:20.000Z: environment SNOWFLAKE_TOKEN. Fix: give a token that is made for this run; of a file, tokenFilePath reads it at each log-in.",
    ],
    [
      "that is not valid yet",
      { nbf: 4_000_000_000 },
      "[AUTHENTICATION_FAILED] the identity token is not valid before 2096-10-02T07:06:40.000Z: environment SNOWFLAKE_TOKEN. Fix: check the clocks of this machine and of the issuer.",
    ],
    [
      "that is for somebody else",
      { aud: ["sts.amazonaws.com", "vault"] },
      '[AUTHENTICATION_FAILED] the identity token has the audience "sts.amazonaws.com", "vault", and not "snowflakecomputing.com": environment SNOWFLAKE_TOKEN. Fix: have it issued for "snowflakecomputing.com". If the user\'s OIDC_AUDIENCE_LIST names another one, set workloadIdentityAudience to it.',
    ],
    ["for nobody", { aud: undefined }, "has no audience, and not"],
    ["without an end", { exp: undefined }, "does not say when it expires"],
    ["without a subject", { sub: undefined }, "names no issuer or no subject"],
    ["of an issuer that is no address", { iss: "me" }, "names no issuer or no subject"],
  ])("%s is not sent", async (_what, claims, text) => {
    expect((await failWith(await fromText(claims))).message).toContain(text);
    expect(server.control.counts().httpRequests).toBe(0);
  });

  it("that is none is not sent", async () => {
    const error = await failWith({ token: new SecretValue("a-programmatic-access-token") });
    expect(error.message).toContain("this is not an identity token: it is no JWT");
    expect(server.control.counts().httpRequests).toBe(0);
  });

  it("that Snowflake refuses is told with the way to find out why", async () => {
    const error = await failWith(await fromText({ sub: "repo:acme/other" }));
    expect(error).toMatchObject({ code: "AUTHENTICATION_FAILED", retryable: false });
    expect(error.hint).toContain("pulumi-snowflake-secrets doctor");
  });
});

describe("GitHub's identity token", () => {
  it("is asked for at each log-in, with the job's bearer and the audience, and sent to the account alone", async () => {
    const from = issuer.requests.length;
    await logIn(fromGithub());
    await logIn(fromGithub());
    const asked = issuer.requests.slice(from).filter(({ url }) => url.startsWith("/github"));
    expect(asked).toEqual(
      Array(2).fill({
        url: "/github?api-version=2.0&audience=snowflakecomputing.com",
        authorization: `Bearer ${bearer}`,
      }),
    );
    const others = issuer.requests.slice(from).filter(({ url }) => !url.startsWith("/github"));
    expect(others.map(({ authorization }) => authorization)).toEqual(others.map(() => undefined));
  });

  it("is not asked for where the host is not one of Snowflake's", async () => {
    process.env.SNOWFLAKE_WIF_ALLOWED_HOST_SUFFIXES = "";
    const from = issuer.requests.length;
    const error = await failWith(fromGithub());
    expect(error.message).toBe(
      "[INVALID_INPUT] a workload identity is sent to Snowflake's own hosts only: host 127.0.0.1. Fix: check the account and the host. If Snowflake has another name in this network, name its domain in SNOWFLAKE_WIF_ALLOWED_HOST_SUFFIXES.",
    );
    expect(issuer.requests).toHaveLength(from);
    expect(server.control.counts().httpRequests).toBe(0);
  });

  it.each(["http://token.actions.example/x", "ftp://127.0.0.1/", "https://u:p@github.example/", "", "x"])(
    "is not asked for at %j",
    async (url) => {
      expect((await failWith(fromGithub(url))).message).toContain("is not an https URL");
    },
  );

  const json = (status: number, text: string) => (response: ServerResponse) =>
    response.writeHead(status, { location: "/elsewhere" }).end(text);

  it.each<[string, (response: ServerResponse) => unknown, string, string]>([
    ["a refusal", json(403, "{}"), "AUTHENTICATION_FAILED", "(HTTP 403)"],
    ["a redirect, which is not followed", json(302, ""), "AUTHENTICATION_FAILED", "(HTTP 302)"],
    ["a fault", json(503, ""), "UNREACHABLE", "(HTTP 503)"],
    ["an answer that is none", json(200, "<html>"), "AUTHENTICATION_FAILED", "(HTTP 200)"],
    ["an endless answer", json(200, "x".repeat(100_000)), "UNREACHABLE", "(ANSWER_TOO_LONG)"],
    ["a cut connection", (response) => response.destroy(), "UNREACHABLE", "(ECONNRESET)"],
  ])("is not had after %s", async (_what, answer, code, text) => {
    const from = issuer.requests.length;
    issuer.answer = (_request, response) => void answer(response);
    const error = await failWith(fromGithub());
    expect(error.code).toBe(code);
    expect(error.message).toContain(text);
    expect(issuer.requests).toHaveLength(from + 1);
    expect(server.control.counts().httpRequests).toBe(0);
  });

  it("is waited for 10 seconds", { timeout: 20_000 }, async () => {
    issuer.answer = () => undefined;
    const error = await failWith(fromGithub());
    expect(error.message).toContain("[TIMED_OUT] GitHub gave no identity token within 10 s");
  });
});

describe("a host of Snowflake's", () => {
  const hosts = [
    "acme-prod.snowflakecomputing.com",
    "ACME-Prod.SnowflakeComputing.com.",
    "acme_1.eu-west-1.privatelink.snowflakecomputing.com:443",
    "acme.cn-northwest-1.snowflakecomputing.cn",
    "acme.us-gov.snowflakecomputing.mil",
    "snowflakecomputing.com",
    "evilsnowflakecomputing.com",
    "snowflakecomputing.com.evil.example",
    "127.0.0.1",
    "",
    "db.internal",
    "acme.db.internal",
  ];

  it.each(hosts.flatMap((host) => ["", "db.internal, 127.0.0.1"].map((suffixes) => [host, suffixes])))(
    "%j with %j more is one where the driver says so",
    async (host = "", suffixes = "") => {
      const internal = "snowflake-sdk/dist/lib/authentication/auth_workload_identity/host_allowlist.js";
      const { validateHost } = (await import(internal)) as { validateHost(host: string): void };
      process.env.SNOWFLAKE_WIF_ALLOWED_HOST_SUFFIXES = suffixes;
      const isTaken = (work: () => void) => {
        try {
          work();
          return true;
        } catch {
          return false;
        }
      };
      expect(isTaken(() => requireSnowflakeHost(host, process.env))).toBe(isTaken(() => validateHost(host)));
    },
  );

  it.each(["evil.example/.snowflakecomputing.com", "evil.example#.snowflakecomputing.com"])(
    "is not %j, which a URL reads as another one",
    (host) => {
      expect(() => requireSnowflakeHost(host, {})).toThrow("Snowflake's own hosts only");
    },
  );
});
