import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type SnowflakeServer, seedDemo, startSnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { type Aws, startAws } from "../support/aws/aws.js";
import { type PowerBi, startPowerBi } from "../support/export-services/power-bi.js";
import { type QlikTenant, startQlikTenant } from "../support/export-services/qlik.js";
import { type InfisicalServer, startInfisicalServer } from "../support/infisical-server/index.js";
import { type ForwardProxy, startForwardProxy } from "../support/network/forward-proxy.js";
import { type NamedHosts, startNamedHosts } from "../support/network/named-hosts.js";
import { seedWarehouse } from "../support/snowflake/export-warehouse.js";
import { type Resources, runResources } from "./run-resources.js";

/** Servers of this machine under the names of the real ones: only the proxies know where they are. */
const hosts = {
  snowflake: "acme-testing.snowflakecomputing.com",
  infisical: "app.infisical.com",
  qlik: "acme.eu.qlikcloud.com",
  entra: "login.microsoftonline.com",
  powerBi: "api.powerbi.com",
  sts: "sts.us-east-1.amazonaws.com",
  secretsManager: "secretsmanager.us-east-1.amazonaws.com",
  glue: "glue.us-east-1.amazonaws.com",
} as const;
const login = { user: "ada", password: "pr0xy%41:p@ss" };

let folder: string;
let named: NamedHosts;
let snowflake: SnowflakeServer;
let infisical: InfisicalServer;
let aws: Aws;
let qlik: QlikTenant;
let powerBi: PowerBi;
let open: ForwardProxy;
let closed: ForwardProxy;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "proxies-"));
  [snowflake, infisical, aws, qlik, powerBi] = await Promise.all([
    startSnowflakeServer(),
    startInfisicalServer(),
    startAws(),
    startQlikTenant(),
    startPowerBi(),
  ]);
  const portOf = (url: string) => Number(new URL(url).port);
  named = await startNamedHosts(folder, {
    [hosts.snowflake]: snowflake.port,
    [hosts.infisical]: portOf(infisical.siteUrl),
    [hosts.qlik]: portOf(qlik.url),
    [hosts.entra]: portOf(powerBi.url),
    [hosts.powerBi]: portOf(powerBi.url),
    [hosts.sts]: portOf(aws.endpoint),
    [hosts.secretsManager]: portOf(aws.endpoint),
    [hosts.glue]: portOf(aws.endpoint),
  } satisfies Record<(typeof hosts)[keyof typeof hosts], number>);
  const { routes } = named;
  routes.set("infisical.internal:8080", portOf(infisical.siteUrl));
  open = named.proxy;
  closed = await startForwardProxy({ routes, login });
  infisical.set("dev:/", "API_KEY", "value-from-infisical");
}, 120_000);

afterAll(async () => {
  await Promise.all([named.stop(), closed.stop()]);
  await Promise.all([snowflake.stop(), infisical.close(), aws.stop(), qlik.stop(), powerBi.stop()]);
  rmSync(folder, { recursive: true });
});

beforeEach(async () => {
  for (const proxy of [open, closed]) {
    proxy.forget();
    proxy.refuseWith(undefined);
  }
  await aws.reset();
  snowflake.control.resetCounts();
});

/** The environment of a machine that reaches nothing but the proxy. */
const environment = (proxy: string, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  HTTPS_PROXY: proxy,
  HTTP_PROXY: proxy,
  NO_PROXY: "",
  no_proxy: "",
  NODE_EXTRA_CA_CERTS: named.authority.file,
  AWS_ACCESS_KEY_ID: "testing",
  AWS_SECRET_ACCESS_KEY: "testing",
  AWS_REGION: "us-east-1",
  AWS_EC2_METADATA_DISABLED: "true",
  INFISICAL_TOKEN: infisical.issueToken(),
  SF_OCSP_RESPONSE_CACHE_DIR: folder,
  ...more,
});

let seed: ReturnType<typeof seedDemo>;
let warehouse: ReturnType<typeof seedWarehouse>;
beforeAll(() => {
  seed = seedDemo(snowflake.control);
  warehouse = seedWarehouse(snowflake);
});

const sync = (more: object = {}) => ({
  connection: {
    account: snowflake.account,
    user: seed.username,
    password: seed.password,
    role: seed.role,
    ...more,
  },
  destinationConfig: { database: seed.database, schema: "SECRETS" },
  syncOptions: { initialSyncBehavior: "preserve-destination" },
  environment: "dev",
  sources: [{ type: "infisical", projectId: infisical.projectId }],
});

const destination = (credentials: object) => ({
  organizationId: "42",
  credentials,
  aws: { region: "us-east-1" },
  egressIpService: false,
});

const everything = (): Resources => ({
  syncs: { sync: sync() },
  destinations: {
    snowflake: destination(warehouse),
    qlik: destination({ type: "qlik", tenant: hosts.qlik, apiKey: qlik.apiKey }),
    powerBi: destination(powerBi.credentials),
  },
});

const said = (proxy: ForwardProxy) =>
  [...new Set(proxy.asked)].filter((each) => !each.includes("ocsp.snowflakecomputing.com")).sort();

describe("by way of a proxy", () => {
  it.each([
    ["without a login", () => open],
    ["with a login", () => closed],
  ])("%s go Snowflake, Infisical, AWS and the services of destinations", async (_how, which) => {
    const proxy = which();
    expect(await runResources(everything(), environment(proxy.url))).toEqual({
      sync: [],
      snowflake: [],
      qlik: [],
      powerBi: [],
    });
    expect(said(proxy)).toEqual(
      Object.values(hosts)
        .filter((host) => host !== hosts.glue)
        .map((host) => `CONNECT ${host}:443`)
        .sort(),
    );
    expect(snowflake.control.secret(seed.database, "SECRETS", "API_KEY")?.value).toBe("value-from-infisical");
  });

  it("goes Snowflake alone by the connection's own settings, a plain HTTP server by GET, and an assumed role", async () => {
    const { user: proxyUser, password: proxyPassword } = login;
    const own = { proxyHost: "127.0.0.1", proxyPort: closed.port, proxyUser, proxyPassword };
    const source = {
      type: "infisical",
      projectId: infisical.projectId,
      siteUrl: "http://infisical.internal:8080",
    };
    const assumeRoleArn = "arn:aws:iam::123456789012:role/exporter";
    const { aws: settings, ...rest } = destination(warehouse);
    const resources = {
      syncs: { sync: { ...sync(own), sources: [source] } },
      destinations: { assumed: { ...rest, aws: { ...settings, assumeRoleArn } } },
    };
    expect(await runResources(resources, environment(open.url))).toEqual({ sync: [], assumed: [] });
    expect(said(closed)).toEqual([`CONNECT ${hosts.snowflake}:443`]);
    expect(said(open)).toEqual([
      `CONNECT ${hosts.snowflake}:443`,
      `CONNECT ${hosts.secretsManager}:443`,
      `CONNECT ${hosts.sts}:443`,
      "GET http://infisical.internal:8080/api/v3/secrets/raw",
    ]);
  });

  /** What each resource says where its first call fails, without what is the same in all. */
  const firstSentence = (texts: readonly string[] = []) =>
    texts[0]?.replace(/ Details: .*| The next pulumi up.*/s, "");

  const firstCalls = (): Resources => ({
    syncs: {
      source: sync(),
      snowflake: { ...sync(), sources: [{ type: "environment", prefix: "PROXIED_" }] },
    },
    destinations: { aws: destination(warehouse) },
  });

  it.each([
    [403, "allow this host in the proxy, or add it to NO_PROXY."],
    [407, "the proxy needs a login: set its user and password where its address is set."],
  ])("that refuses with HTTP %i, each client says so", async (status, hint) => {
    open.refuseWith(status);
    const env = environment(open.url, { PROXIED_A: "a" });
    const { source, snowflake: ofSnowflake, aws: ofAws } = await runResources(firstCalls(), env);
    const refused = `proxy ${open.address} of HTTPS_PROXY answered HTTP ${status} for`;
    expect(firstSentence(source)).toContain(
      `[SOURCE_FAILED] secrets of Infisical could not be read (${refused} ${hosts.infisical}:443): infisical dev:/. Fix: ${hint}`,
    );
    expect(firstSentence(ofSnowflake)).toContain(
      `[UNREACHABLE] the log-in to Snowflake failed (${refused} ${hosts.snowflake}:443, driver 401002)`,
    );
    expect(firstSentence(ofSnowflake)).toContain(`Fix: ${hint}`);
    expect(firstSentence(ofAws)).toContain(
      `[AWS_FAILED] cannot find out the AWS account (${refused} ${hosts.sts}:443): us-east-1. Fix: ${hint}`,
    );
    expect(snowflake.control.counts().logins).toBe(0);
  });

  it("that is not there, and a certificate of an authority that nobody knows, are told as that", async () => {
    const env = environment(open.url, { PROXIED_A: "a" });
    const [absent, unknown] = await Promise.all([
      runResources(firstCalls(), { ...env, HTTPS_PROXY: `http://ada:${login.password}@127.0.0.1:9` }),
      runResources(firstCalls(), { ...env, NODE_EXTRA_CA_CERTS: "" }),
    ]);
    for (const name of ["source", "snowflake", "aws"] as const) {
      expect(firstSentence(absent[name])).toContain("(proxy 127.0.0.1:9 of HTTPS_PROXY (for ");
      expect(firstSentence(absent[name])).toContain(") was not reached, connection refused, ECONNREFUSED");
      expect(firstSentence(absent[name])).toContain("Fix: check the proxy's address");
      expect(firstSentence(unknown[name])).toContain("its certificate is signed by an unknown authority");
      expect(firstSentence(unknown[name])).toContain("set NODE_EXTRA_CA_CERTS to the file");
    }
    expect(JSON.stringify(absent)).not.toContain("pr0xy");
  });

  it("that says nothing, a log-in ends in time and leaves no socket", async () => {
    open.refuseWith(0);
    const { qlik: ofQlik = [], snowflake: ofSnowflake = [] } = await runResources(
      {
        destinations: {
          qlik: { ...destination({ type: "qlik", tenant: hosts.qlik, apiKey: qlik.apiKey }), aws: local() },
          snowflake: { ...destination(warehouse), aws: local() },
        },
      },
      environment(open.url),
    );
    expect(ofQlik[0]).toContain("(for acme.eu.qlikcloud.com:443) was not reached, no answer, ETIMEDOUT)");
    expect(ofSnowflake[0]).toContain("[TIMED_OUT]");
  });
});

/** AWS without a proxy: nothing on this machine goes by way of one. */
const local = () => ({ region: "us-east-1", endpoint: aws.endpoint });
