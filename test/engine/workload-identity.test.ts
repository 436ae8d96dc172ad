import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { startAws } from "../support/aws/aws.js";
import { inHosts } from "../support/nightly.js";
import { startIssuer, subject, type TokenIssuer } from "../support/oidc/issuer.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { type Stage, startStage } from "./stage.js";

// A bearer is what a header of HTTP can hold.
const values = { ...plantValues("apiKey"), bearer: randomBytes(24).toString("base64url") };
const sync = `new SnowflakeSecretSync("app", {
  secrets: { API_KEY: v.apiKey },
  destinationConfig: { database: "APP", schema: "SECRETS" },
  syncOptions: { initialSyncBehavior: "preserve-destination" },
});`;

/** What a GitHub job has: no user, and nothing that anybody stored. */
const jobEnv = (server: SnowflakeServer, issuer: TokenIssuer) => ({
  ...issuer.githubEnv,
  ...workloadEnv(server, "OIDC"),
});

const workloadEnv = (server: SnowflakeServer, provider: string) => ({
  SNOWFLAKE_ACCOUNT: server.account,
  SNOWFLAKE_AUTHENTICATOR: "WORKLOAD_IDENTITY",
  SNOWFLAKE_WORKLOAD_IDENTITY_PROVIDER: provider,
  SNOWFLAKE_HOST: server.host,
  SNOWFLAKE_PORT: String(server.port),
  SNOWFLAKE_PROTOCOL: "http",
  SNOWFLAKE_WIF_ALLOWED_HOST_SUFFIXES: server.host,
});

describe.each(inHosts("plugin"))("a job that has only GitHub's identity token, host %s", (host) => {
  let issuer: TokenIssuer;
  let stage: Stage;

  beforeAll(async () => {
    issuer = await startIssuer(values.bearer);
    stage = await startStage(host, values, { isConnected: false });
    stage.server.control.run(
      `CREATE USER FLOW TYPE = SERVICE DEFAULT_ROLE = SYNC_ROLE WORKLOAD_IDENTITY = (TYPE = OIDC ISSUER = '${issuer.url}' SUBJECT = '${subject}'); GRANT ROLE SYNC_ROLE TO USER FLOW;`,
    );
    stage.setProgram(sync);
  });
  afterAll(() => Promise.all([stage?.stop(), issuer?.stop()]));

  const held = () => stage.server.control.secrets("APP", "SECRETS").map(({ name }) => name);

  it("is told what is missing without the permission, before anything is written", async () => {
    const env = { ...jobEnv(stage.server, issuer), ACTIONS_ID_TOKEN_REQUEST_URL: "", GITHUB_ACTIONS: "true" };
    const { code, output } = await stage.project.pulumi(["up", "--yes", "--skip-preview"], { env });
    expect(code).not.toBe(0);
    expect(output).toContain("missing the identity token of the workload");
    expect(output).toContain("permissions: id-token: write for this job");
    expect(held()).toEqual([]);
  });

  it.each([
    [["preview"], []],
    [["up", "--yes", "--skip-preview"], ["API_KEY"]],
    [["refresh", "--yes", "--skip-preview"], ["API_KEY"]],
    [["destroy", "--yes", "--skip-preview"], []],
  ])("runs %j", async (args, names) => {
    const env = jobEnv(stage.server, issuer);
    const { code, output } = await stage.project.pulumi(args, { env });
    expect(code, output).toBe(0);
    expect(held()).toEqual(names);
    expect(stage.server.control.statements().map(({ user }) => user)).toContain("FLOW");
  });
});

it.each(inHosts("plugin"))("a workload on AWS logs in with its role, host %s", async (host) => {
  const aws = await startAws();
  const stage = await startStage(host, values, {
    isConnected: false,
    account: { stsEndpoint: aws.endpoint },
  });
  try {
    const role = "arn:aws:iam::123456789012:role/snowflake";
    stage.server.control.run(
      `CREATE USER ON_AWS TYPE = SERVICE DEFAULT_ROLE = SYNC_ROLE WORKLOAD_IDENTITY = (TYPE = AWS ARN = '${role}'); GRANT ROLE SYNC_ROLE TO USER ON_AWS;`,
    );
    stage.setProgram(sync);
    const env = {
      ...aws.env,
      ...workloadEnv(stage.server, "AWS"),
      SNOWFLAKE_WORKLOAD_IDENTITY_IMPERSONATION_PATH: role,
    };
    const { code, output } = await stage.project.pulumi(["up", "--yes", "--skip-preview"], { env });
    expect(code, output).toBe(0);
    expect(stage.server.control.statements().map(({ user }) => user)).toContain("ON_AWS");
  } finally {
    await Promise.all([stage.stop(), aws.stop()]);
  }
});

it.each(inHosts("plugin"))("a workload on Azure and one on Google Cloud log in, host %s", async (host) => {
  const issuer = await startIssuer(values.bearer);
  const stage = await startStage(host, values, { isConnected: false, account: { googleIssuer: issuer.url } });
  try {
    stage.setProgram(sync);
    for (const [provider, own, env] of [
      ["AZURE", `ISSUER = '${issuer.url}' `, issuer.azureEnv],
      ["GCP", "", issuer.googleEnv],
    ] as const) {
      stage.server.control.run(
        `CREATE USER ON_${provider} TYPE = SERVICE DEFAULT_ROLE = SYNC_ROLE WORKLOAD_IDENTITY = (TYPE = ${provider} ${own}SUBJECT = '${subject}'); GRANT ROLE SYNC_ROLE TO USER ON_${provider};`,
      );
      const { code, output } = await stage.project.pulumi(["up", "--yes", "--skip-preview"], {
        env: { ...workloadEnv(stage.server, provider), ...env },
      });
      expect(code, output).toBe(0);
      expect(stage.server.control.statements().map(({ user }) => user)).toContain(`ON_${provider}`);
    }
  } finally {
    await Promise.all([stage.stop(), issuer.stop()]);
  }
});
