import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ProviderError } from "../../../provider/core/errors.js";
import {
  exportCredentialsArguments,
  probeCredentials,
} from "../../../provider/export-destination/credentials/index.js";
import { loadPostgresqlProbe } from "../../../provider/export-destination/credentials/postgresql.js";
import type { ProbeRoute } from "../../../provider/export-destination/credentials/probe.js";
import { loadSnowflakeProbe } from "../../../provider/export-destination/credentials/snowflake.js";
import { validateCredentials } from "../../../provider/export-destination/validation/validation.js";
import type { Misbehaviour } from "../../support/export-services/http-service.js";
import { type PowerBi, startPowerBi } from "../../support/export-services/power-bi.js";
import { type QlikTenant, startQlikTenant } from "../../support/export-services/qlik.js";
import { startRefusingPostgres } from "../../support/export-services/refusing-postgres.js";
import { listen } from "../../support/network/listen.js";
import { makeCertificate } from "../../support/postgres/certificate.js";
import { type Postgres, startPostgres } from "../../support/postgres/postgres.js";
import { samples } from "./samples.js";

const limitMs = 11_500;

// The 10 seconds begin when the driver is loaded.
beforeAll(() => Promise.all([loadPostgresqlProbe(), loadSnowflakeProbe()]));

async function probe(credentials: object, route: ProbeRoute = {}) {
  const started = Date.now();
  try {
    return { success: await probeCredentials(exportCredentialsArguments.parse(credentials), route) };
  } catch (error) {
    return { error: error as ProviderError };
  } finally {
    expect(Date.now() - started).toBeLessThan(limitMs);
  }
}

const until = (condition: () => boolean | Promise<boolean>) =>
  expect.poll(condition, { timeout: 5_000, interval: 20 }).toBe(true);

describe("PostgreSQL", () => {
  let postgres: Postgres;
  let folder: string;
  /** A certificate that has nothing to do with the server's. */
  let stranger: string;
  beforeAll(async () => {
    postgres = await startPostgres();
    folder = mkdtempSync(join(tmpdir(), "certificate-"));
    stranger = (await makeCertificate(folder, undefined)).text;
  }, 60_000);
  afterAll(async () => {
    await postgres?.stop();
    rmSync(folder, { recursive: true });
  });

  const credentials = (changes: object = {}) => ({
    type: "postgresql",
    host: postgres.host,
    port: postgres.port,
    database: postgres.database,
    username: postgres.user,
    password: postgres.password,
    ...changes,
  });

  it("a log-in that works tells the address that the server saw, and leaves no connection", async () => {
    const { success } = await probe(credentials());
    expect(success?.egressIp).toBe("127.0.0.1");
    await until(async () => {
      const rows = await postgres.adminQuery("SELECT 1 FROM pg_stat_activity WHERE usename = $1", [
        postgres.user,
      ]);
      return rows.length === 0;
    });
  });

  it.each(["disable", "require"])("sslMode %s works against a certificate of its own", async (sslMode) => {
    expect((await probe(credentials({ sslMode }))).error).toBeUndefined();
  });

  it("verify-full wants a certificate that is trusted", async () => {
    const untrusted = await probe(credentials({ sslMode: "verify-full" }));
    expect(untrusted.error?.code).toBe("UNREACHABLE");
    expect(untrusted.error?.message).toContain("sslRootCertificate");
    const sslRootCertificate = postgres.certificate;
    expect((await probe(credentials({ sslMode: "verify-full", sslRootCertificate }))).error).toBeUndefined();
    expect((await probe(credentials({ sslMode: "verify-ca", sslRootCertificate }))).error).toBeUndefined();
  });

  it("require with a certificate authority wants the server's certificate to be of it, as libpq does", async () => {
    const own = { sslRootCertificate: postgres.certificate };
    expect((await probe(credentials({ ...own, host: "localhost" }))).error).toBeUndefined();
    for (const sslMode of ["require", "verify-ca", "verify-full"]) {
      const { error } = await probe(credentials({ sslMode, sslRootCertificate: stranger }));
      expect(error?.code).toBe("UNREACHABLE");
      expect(error?.hint).toBe(
        "the server's certificate has expired, or none of credentials.sslRootCertificate signed it: give its certificate authority.",
      );
    }
    const both = { sslRootCertificate: `${stranger}\n${postgres.certificate}` };
    expect((await probe(credentials(both))).error).toBeUndefined();
  });

  it("tells a certificate of another host apart, which verify-full alone looks at", async () => {
    // A name for this machine that is not in the certificate.
    const other = { host: "127.1", sslRootCertificate: postgres.certificate };
    expect((await probe(credentials({ ...other, sslMode: "verify-ca" }))).error).toBeUndefined();
    const { error } = await probe(credentials({ ...other, sslMode: "verify-full" }));
    expect(error?.message).toContain("ERR_TLS_CERT_ALTNAME_INVALID");
    expect(error?.hint).toContain("is for another host: set credentials.host");
  });

  it("tells a server that takes encrypted connections only from one that refuses the address", async () => {
    await withHostRules(
      "hostssl all all 127.0.0.1/32 scram-sha-256\nhost all postgres 127.0.0.1/32 scram-sha-256\n",
      async () => {
        await until(async () => (await probe(credentials({ sslMode: "disable" }))).error !== undefined);
        const { error } = await probe(credentials({ sslMode: "disable" }));
        expect(error?.message).toBe(
          `[UNREACHABLE] log in to PostgreSQL failed (28000): server 127.0.0.1:${postgres.port}. Fix: the server takes encrypted connections only: set credentials.sslMode to require, verify-ca or verify-full.`,
        );
        expect((await probe(credentials())).error).toBeUndefined();
      },
    );
  });

  it.each([
    ["08P01", "SSL required"],
    ["28000", "This RDS Proxy requires TLS connections"],
    ["08004", "connection is insecure (try using `sslmode=require`)"],
  ])("does not take credentials for refused where %s asks for encryption: %s", async (sqlState, message) => {
    const server = await startRefusingPostgres(sqlState, message);
    const { host, port } = server;
    const { error } = await probe(credentials({ host, port, sslMode: "disable" }));
    await server.stop();
    expect(error?.code).toBe("UNREACHABLE");
    expect(error?.hint).toContain("the server takes encrypted connections only");
  });

  it.each([
    ["a wrong password", { password: "wrong-password" }, "AUTHENTICATION_FAILED", "28P01"],
    ["a wrong user", { username: "nobody" }, "AUTHENTICATION_FAILED", "28P01"],
    ["a missing database", { database: "nowhere" }, "NOT_FOUND", "3D000"],
    ["a wrong port", { port: 9 }, "UNREACHABLE", "ECONNREFUSED"],
    ["a wrong host", { host: "no-such-host.invalid" }, "UNREACHABLE", "credentials.host"],
  ])("tells %s", async (_what, change, code, told) => {
    const { error } = await probe(credentials(change));
    expect(error?.code).toBe(code);
    expect(error?.message).toContain(told);
    expect(error?.message).not.toContain("wrong-password");
  });

  it("tells a missing privilege on the database", async () => {
    await postgres.adminQuery("CREATE ROLE outsider LOGIN PASSWORD 'outsider'");
    await postgres.adminQuery(`REVOKE CONNECT ON DATABASE ${postgres.database} FROM PUBLIC`);
    const { error } = await probe(credentials({ username: "outsider", password: "outsider" }));
    expect(error?.code).toBe("PRIVILEGE_MISSING");
    expect(error?.message).toContain("GRANT CONNECT");
    await postgres.adminQuery(`GRANT CONNECT ON DATABASE ${postgres.database} TO PUBLIC`);
  });

  it("tells a refused address, with the address", async () => {
    await withHostRules("host all postgres 127.0.0.1/32 scram-sha-256\n", async () => {
      await until(async () => (await probe(credentials())).error?.code === "NETWORK_POLICY");
      const { error } = await probe(credentials());
      expect(error?.message).toContain("address 127.0.0.1");
      expect(error?.hint).toBe(
        "let this address, user and database through in the server's pg_hba.conf or firewall.",
      );
    });
  });

  it("names both ways out where a server of another language may ask for encryption", async () => {
    const message = "kein pg_hba.conf-Eintrag für Host „127.0.0.1“, keine Verschlüsselung";
    const server = await startRefusingPostgres("28000", message);
    const { host, port } = server;
    const { error } = await probe(credentials({ host, port, sslMode: "disable" }));
    await server.stop();
    expect(error?.code).toBe("NETWORK_POLICY");
    expect(error?.hint).toContain("or encrypt (credentials.sslMode), if it asks for that.");
  });

  async function withHostRules(rules: string, work: () => Promise<void>): Promise<void> {
    const [row] = await postgres.adminQuery("SHOW hba_file");
    const file = String(row?.hba_file);
    const before = readFileSync(file, "utf8");
    const load = async (text: string) => {
      writeFileSync(file, text);
      await postgres.adminQuery("SELECT pg_reload_conf()");
    };
    await load(rules);
    try {
      await work();
    } finally {
      await load(before);
    }
  }
});

describe("Qlik Cloud", () => {
  let tenant: QlikTenant;
  beforeEach(async () => {
    tenant = await startQlikTenant();
  });
  afterEach(() => tenant.stop());
  const withKey = () => ({ type: "qlik", tenant: "acme.eu.qlikcloud.com", apiKey: tenant.apiKey });
  const withClient = () => ({
    type: "qlik",
    tenant: "acme.eu.qlikcloud.com",
    clientId: tenant.clientId,
    clientSecret: tenant.clientSecret,
  });
  const ask = (credentials: object) => probe(credentials, { endpoint: tenant.url });

  it("an API key and an OAuth client that work pass, and leave no connection", async () => {
    expect((await ask(withKey())).error).toBeUndefined();
    expect((await ask(withClient())).error).toBeUndefined();
    await until(() => tenant.openSockets === 0);
  });

  it.each([
    ["API key", () => ({ ...withKey(), apiKey: "wrong" })],
    ["client", () => ({ ...withClient(), clientSecret: "wrong" })],
  ])("tells a refused %s", async (_what, credentials) => {
    const { error } = await ask(credentials());
    expect(error?.code).toBe("AUTHENTICATION_FAILED");
    expect(error?.message).toContain("tenant acme.eu.qlikcloud.com");
  });

  it("tells a refusal by policy or role", async () => {
    tenant.setForbidden(true);
    expect((await ask(withKey())).error?.code).toBe("NETWORK_POLICY");
  });

  misbehaves(
    () => tenant,
    withKey,
    () => ({ endpoint: tenant.url }),
  );
});

describe("Power BI", () => {
  let service: PowerBi;
  beforeEach(async () => {
    service = await startPowerBi();
  });
  afterEach(() => service.stop());
  const credentials = () => service.credentials;
  const route = () => ({ endpoint: service.url, authorityEndpoint: service.url });

  it("an app that may see the workspace passes, and leaves no connection", async () => {
    expect((await probe(credentials(), route())).error).toBeUndefined();
    await until(() => service.openSockets === 0);
  });

  it.each([
    ["a wrong secret", () => ({ clientSecret: "wrong" }), "AUTHENTICATION_FAILED", "AADSTS7000215"],
    ["a wrong app", () => ({ clientId: "wrong" }), "AUTHENTICATION_FAILED", "AADSTS700016"],
    ["a wrong directory", () => ({ tenant: "other.example" }), "NOT_FOUND", "AADSTS90002"],
    [
      "a workspace that the app does not see",
      () => ({ workspace: crypto.randomUUID() }),
      "NOT_FOUND",
      "add the app registration",
    ],
  ])("tells %s", async (_what, change, code, told) => {
    const { error } = await probe({ ...credentials(), ...change() }, route());
    expect(error?.code).toBe(code);
    expect(error?.message).toContain(told);
    expect(error?.message).not.toContain(service.clientSecret);
  });

  it("tells an expired secret, a blocked address, and a tenant that lets no app in", async () => {
    service.refuseWith(7000222);
    expect((await probe(credentials(), route())).error?.message).toContain("has expired");
    service.refuseWith(53003);
    expect((await probe(credentials(), route())).error?.code).toBe("NETWORK_POLICY");
    service.refuseWith(undefined);
    service.setServicePrincipalsAllowed(false);
    const { error } = await probe(credentials(), route());
    expect(error?.code).toBe("PRIVILEGE_MISSING");
    expect(error?.message).toContain("allow service principals");
  });

  misbehaves(() => service, credentials, route);
});

function misbehaves(
  service: () => QlikTenant | PowerBi,
  credentials: () => object,
  route: () => ProbeRoute,
): void {
  const cases: [Misbehaviour, string][] = [
    ["redirect", "NOT_FOUND"],
    ["unavailable", "UNREACHABLE"],
  ];
  it.each(cases)("takes %s for %s", async (how, code) => {
    service().misbehave(how);
    const { error } = await probe(credentials(), route());
    expect(error?.code).toBe(code);
    await until(() => service().openSockets === 0);
    // A redirect would carry the credentials on.
    expect(service().requests).toHaveLength(1);
  });

  it("tells an address where nobody listens", async () => {
    const nowhere = "http://127.0.0.1:9";
    const { error } = await probe(credentials(), { endpoint: nowhere, authorityEndpoint: nowhere });
    expect(error?.code).toBe("UNREACHABLE");
    expect(error?.message).toContain("ECONNREFUSED");
  });
}

/** Accepts, and never says a word: neither TLS nor any protocol begins. */
async function startMuteServer() {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => sockets.delete(socket));
    // Reads, or it would not notice the end.
    socket.resume();
  });
  return { sockets, ...(await listen(server)) };
}

describe("whatever a server does", () => {
  const { snowflake, qlik, powerBi } = samples;
  const postgresql = { ...samples.postgresql, host: "127.0.0.1" };

  it("a probe of each type ends within 10 s when it accepts and speaks no TLS, and its socket is closed", async () => {
    const work = [snowflake, postgresql, qlik, powerBi].map(async (credentials) => {
      const server = await startMuteServer();
      const endpoint = `https://127.0.0.1:${server.port}`;
      const own = credentials.type === "postgresql" ? { ...credentials, port: server.port } : credentials;
      const { error } = await probe(own, { endpoint, authorityEndpoint: endpoint });
      expect(error?.code, credentials.type).toBe("TIMED_OUT");
      await until(() => server.sockets.size === 0);
      await server.stop();
    });
    await Promise.all(work);
  }, 30_000);

  it("a validation ends within 10 s in all where the address service is silent too", async () => {
    const server = await startMuteServer();
    const credentials = exportCredentialsArguments.parse({ ...postgresql, port: server.port });
    const started = Date.now();
    const egressIpService = `http://127.0.0.1:${server.port}`;
    const outcome = await validateCredentials({ egressIpService }, credentials);
    expect(outcome).toMatchObject({ passed: false, error: { code: "TIMED_OUT" } });
    expect(Date.now() - started).toBeLessThan(10_900);
    await until(() => server.sockets.size === 0);
    await server.stop();
  }, 30_000);

  it("a probe over HTTP ends within 10 s when it is silent or dribbles, and its socket is closed", async () => {
    const cases = (["silence", "dribble"] as const).flatMap((how) => [
      { how, start: startQlikTenant, credentials: qlik },
      { how, start: startPowerBi, credentials: powerBi },
    ]);
    const work = cases.map(async ({ how, start, credentials }) => {
      const service = await start();
      service.misbehave(how);
      const { error } = await probe(credentials, { endpoint: service.url, authorityEndpoint: service.url });
      expect(error?.code, `${credentials.type} ${how}`).toBe("TIMED_OUT");
      await until(() => service.openSockets === 0);
      await service.stop();
    });
    await Promise.all(work);
  }, 30_000);
});
