import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type SnowflakeServer, seedDemo, startSnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { parseSeed } from "../../sdk/snowflake-server/seed-file.js";
import { projectFolder } from "../support/engine/engine.js";
import { makeVouchedCertificate, type VouchedCertificate } from "../support/oidc/authority.js";
import { type IdentityProvider, startIdentityProvider } from "../support/oidc/identity-provider.js";
import { tsxLoader } from "../support/tsx-loader.js";

const secret = "secret-of-a-client-91f";
let folder: string;
let certificate: VouchedCertificate;
let provider: IdentityProvider;
let server: SnowflakeServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "oauth-client-"));
  certificate = await makeVouchedCertificate(folder);
  [provider, server] = await Promise.all([
    startIdentityProvider({ pulumi: secret }, certificate),
    startSnowflakeServer(),
  ]);
  const { role } = seedDemo(server.control);
  server.control.createUser({ name: "PULUMI", type: "SERVICE", roles: [role] });
  server.control.run(provider.trust());
});
afterAll(async () => {
  await Promise.all([provider.stop(), server.stop()]);
  rmSync(folder, { recursive: true });
});
beforeEach(() => server.control.resetCounts());

/** The doctor in a process of its own: Node reads which authorities it trusts when it starts. */
async function examine(change: Readonly<Record<string, string>> = {}): Promise<string> {
  const child = spawn(
    process.execPath,
    [
      ...["--import", tsxLoader],
      ...[join(projectFolder, "sdk/cli/main.ts"), "doctor", "--database", "APP", "--schema", "SECRETS"],
    ],
    {
      cwd: folder,
      env: {
        PATH: process.env.PATH ?? "",
        HOME: folder,
        NODE_EXTRA_CA_CERTS: certificate.authorityFile,
        SNOWFLAKE_ACCOUNT: server.account,
        SNOWFLAKE_HOST: server.host,
        SNOWFLAKE_PORT: String(server.port),
        SNOWFLAKE_PROTOCOL: "http",
        SNOWFLAKE_AUTHENTICATOR: "OAUTH_CLIENT_CREDENTIALS",
        SNOWFLAKE_OAUTH_CLIENT_ID: provider.clientId,
        SNOWFLAKE_OAUTH_CLIENT_SECRET: secret,
        SNOWFLAKE_OAUTH_TOKEN_REQUEST_URL: provider.tokenUrl,
        SNOWFLAKE_OAUTH_SCOPE: "session:role:SYNC_ROLE",
        ...change,
      },
    },
  );
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk));
  await new Promise((resolve) => child.once("close", resolve));
  expect(output).not.toContain(secret);
  expect(output).not.toContain("eyJ");
  return output.replace(/\s+/g, " ");
}

describe("an OAuth client", () => {
  it("logs in with an access token that it gets, as the user that the integration maps it to", async () => {
    const screen = await examine();
    expect(screen).toContain("by oauth client credentials (");
    expect(screen).toContain('ok privileges "APP"."SECRETS": USAGE, CREATE SECRET');
    expect(server.control.statements()[0]).toMatchObject({ user: "PULUMI", role: "SYNC_ROLE" });
  });

  it.each<[string, () => Readonly<Record<string, string>>, string]>([
    [
      "a wrong secret",
      () => ({ SNOWFLAKE_OAUTH_CLIENT_SECRET: "wrong" }),
      "the identity provider gave the OAuth client no access token (invalid_client, HTTP 401): localhost:",
    ],
    [
      "a provider that is not there",
      () => ({ SNOWFLAKE_OAUTH_TOKEN_REQUEST_URL: "https://localhost:9/token" }),
      "(localhost:9 was not reached, connection refused, ECONNREFUSED): localhost:9",
    ],
    [
      "a provider whose certificate nobody vouches for",
      () => ({ NODE_EXTRA_CA_CERTS: "" }),
      "its certificate is signed by an unknown authority, SELF_SIGNED_CERT_IN_CHAIN): localhost:",
    ],
    [
      "an address that is not encrypted",
      () => ({ SNOWFLAKE_OAUTH_TOKEN_REQUEST_URL: "http://localhost:9/token" }),
      "is not an https URL",
    ],
  ])("sends Snowflake nothing after %s", async (_what, change, text) => {
    expect(await examine(change())).toContain(text);
    expect(server.control.counts().httpRequests).toBe(0);
  });

  it("is refused by an integration for another audience, with what to check", async () => {
    server.control.run(provider.trust("https://other.example"));
    const screen = await examine();
    expect(screen).toContain("the log-in to Snowflake failed (Snowflake 390303)");
    expect(screen).toContain(
      "check that a security integration of this account (TYPE = EXTERNAL_OAUTH) trusts",
    );
    server.control.run(provider.trust());
  });

  it("is trusted by an integration of a seed, too", () => {
    const externalOauth = { issuer: "https://a.example", audiences: ["b"], userClaim: "upn" };
    const seed = (more: object) =>
      parseSeed(
        JSON.stringify({ integrations: [{ name: "SEEDED", externalOauth: { ...externalOauth, ...more } }] }),
      );
    seed({})(server.control);
    expect(() => seed({ audiences: undefined })).toThrow(
      "seed.integrations[0].externalOauth needs audiences",
    );
    expect(() =>
      server.control.run("CREATE SECURITY INTEGRATION X TYPE = EXTERNAL_OAUTH ENABLED = TRUE"),
    ).toThrow("EXTERNAL_OAUTH without EXTERNAL_OAUTH_ISSUER");
  });
});
