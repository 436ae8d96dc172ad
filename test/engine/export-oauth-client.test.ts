import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inHosts } from "../support/nightly.js";
import { makeVouchedCertificate } from "../support/oidc/authority.js";
import { type IdentityProvider, startIdentityProvider } from "../support/oidc/identity-provider.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { type ExportStage, startExportStage } from "./export-stage.js";

// A client's secret is what an identity provider takes for one: visible ASCII.
const values = { ...plantValues("first", "wrong"), client: randomBytes(24).toString("base64url") };
const secrets = { "client-of-exports": values.client, "next-client-of-exports": "secret-of-next-5d1" };

describe.each(inHosts("plugin"))("an export destination with an OAuth client, host %s", (host) => {
  let folder: string;
  let stage: ExportStage;
  let provider: IdentityProvider;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "export-oauth-client-"));
    const certificate = await makeVouchedCertificate(folder);
    provider = await startIdentityProvider(secrets, certificate);
    const env = { NODE_EXTRA_CA_CERTS: certificate.authorityFile };
    stage = await startExportStage({ passwords: values, username: "USER_OF_WAREHOUSE_C07", env });
    stage.project.plant(...Object.values(secrets));
    const { control } = stage.server;
    for (const name of Object.keys(secrets))
      control.createUser({ name, type: "SERVICE", roles: ["EXPORT_ROLE"] });
    control.run(provider.trust());
  });
  afterAll(async () => {
    await Promise.all([stage?.stop(), provider?.stop()]);
    rmSync(folder, { recursive: true });
  });

  const setProgram = (change: object = {}) => {
    const client = {
      oauthClientId: "client-of-exports",
      oauthClientSecret: values.client,
      oauthTokenRequestUrl: provider.tokenUrl,
      role: "EXPORT_ROLE",
      ...change,
    };
    stage.setProgram(host, "", { credentials: JSON.stringify(client).slice(1, -1) });
  };
  const readLive = async () => {
    const live = (await stage.stored()).filter(({ isLive }) => isLive);
    return live.map(({ value }) => JSON.parse(value ?? ""));
  };

  it("is not tried again with a secret that the identity provider refused", async () => {
    setProgram({ oauthClientSecret: values.wrong });
    const first = await stage.project.up();
    expect(first.output).toContain("gave the OAuth client no access token (invalid_client, HTTP 401)");
    expect(first.output).toContain("CREDENTIALS_REJECTED");
    const { asked } = provider;
    const second = await stage.project.up();
    expect(second.output).toContain("were not tried again");
    expect(provider.asked).toBe(asked);
    expect(await stage.stored()).toEqual([]);
  });

  it("is tried again after an identity provider that was not there", async () => {
    setProgram({ oauthTokenRequestUrl: "https://localhost:9/token" });
    for (const run of [await stage.project.up(), await stage.project.up()]) {
      expect(run.output).toContain("localhost:9 was not reached, connection refused, ECONNREFUSED");
      expect(run.output).toContain("The next pulumi up tries again.");
    }
  });

  it("logs in with the client's token, and stores what a connector of Snowflake needs", async () => {
    setProgram();
    const preview = await stage.run("preview", ["--diff"]);
    expect(preview).toMatch(/oauthClientSecret: "[0-9a-f]{32}"/);
    expect(await stage.run("up")).toContain("Validated, Connected");
    const [destination] = await stage.project.state();
    expect(destination?.outputs?.destinationMetadata).toMatchObject({
      authenticator: "OAUTH_CLIENT_CREDENTIALS",
      oauthTokenRequestUrl: provider.tokenUrl,
    });
    expect(stage.server.control.statements().at(-1)).toMatchObject({
      user: "CLIENT-OF-EXPORTS",
      role: "EXPORT_ROLE",
    });
    expect(await readLive()).toEqual([
      {
        account: stage.server.account,
        authenticator: "OAUTH_CLIENT_CREDENTIALS",
        database: "ANALYTICS",
        oauthClientId: "client-of-exports",
        oauthClientSecret: values.client,
        oauthTokenRequestUrl: provider.tokenUrl,
        role: "EXPORT_ROLE",
        type: "snowflake",
        warehouse: "EXPORT_WH",
      },
    ]);
    expect(await stage.run("up")).toContain("2 unchanged");
  });

  it("comes back where somebody deleted its secret", async () => {
    const { secretName } = (await stage.active()) ?? { secretName: "" };
    await stage.aws.control.deleteSecret(secretName, "at once");
    await stage.run("refresh");
    await stage.run("up");
    expect(await readLive()).toEqual([expect.objectContaining({ oauthClientSecret: values.client })]);
  });

  it("rotates to another client, with the old one kept where the new one fails", async () => {
    setProgram({ oauthClientId: "next-client-of-exports", oauthClientSecret: values.wrong });
    expect((await stage.project.up()).code).not.toBe(0);
    expect(await readLive()).toEqual([expect.objectContaining({ oauthClientSecret: values.client })]);
    const next = {
      oauthClientId: "next-client-of-exports",
      oauthClientSecret: secrets["next-client-of-exports"],
    };
    setProgram(next);
    expect(await stage.run("up")).toContain("1 replaced");
    expect(await readLive()).toEqual([expect.objectContaining(next)]);
  });

  it("is disconnected, and leaves no trace of a secret", async () => {
    await stage.run("destroy");
    expect(await readLive()).toEqual([]);
    expect(stage.project.findPlanted()).toEqual([]);
  });
});
