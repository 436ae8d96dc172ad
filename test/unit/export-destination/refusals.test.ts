import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ProviderError } from "../../../provider/core/errors.js";
import {
  exportCredentialsArguments,
  exportTypes,
  isRefusedByService,
  probeCredentials,
} from "../../../provider/export-destination/credentials/index.js";
import { credentialRefusals } from "../../../provider/export-destination/credentials/refusals.js";
import { type SnowflakeServer, startSnowflakeServer } from "../../../sdk/snowflake-server/index.js";
import { type PowerBi, startPowerBi } from "../../support/export-services/power-bi.js";
import { type QlikTenant, startQlikTenant } from "../../support/export-services/qlik.js";
import { startRefusingPostgres } from "../../support/export-services/refusing-postgres.js";
import { seedWarehouse } from "../../support/snowflake/export-warehouse.js";

type Way = "service refuses" | "not a refusal";

async function failureOf(credentials: object, endpoint?: string): Promise<ProviderError> {
  const route = endpoint === undefined ? {} : { endpoint, authorityEndpoint: endpoint };
  return probeCredentials(exportCredentialsArguments.parse(credentials), route).then(
    () => {
      throw new Error("it passed");
    },
    (error: ProviderError) => error,
  );
}

/** Every answer that the list names, one that nobody knows, and those that say nothing of the credentials. */
function answersOf(
  type: (typeof exportTypes)[number],
  unknown: string,
  others: readonly string[],
): [string, Way][] {
  const listed = Object.keys(credentialRefusals[type]).filter((answer) => answer !== "other");
  return [
    ...[...listed, unknown].map((answer): [string, Way] => [answer, "service refuses"]),
    ...others.map((answer): [string, Way] => [answer, "not a refusal"]),
  ];
}

function expectWay(
  error: ProviderError,
  way: Way,
  hintOf: { readonly [answer: string]: string },
  answer: string,
) {
  expect(isRefusedByService(error), error.message).toBe(way === "service refuses");
  if (way === "service refuses") expect(error.hint).toBe(hintOf[answer] ?? hintOf.other);
  else expect(isRefusedByService({ code: error.code })).toBe(false);
  expect(error.message).toContain(answer);
}

describe("what sticks: credentials that the service itself refused, and nothing else", () => {
  describe("snowflake", () => {
    let server: SnowflakeServer;
    beforeAll(async () => {
      server = await startSnowflakeServer();
    });
    afterAll(() => server.stop());
    const others = ["390422", "390432", "390186", "390189", "390201", "390114"];

    it.each(answersOf("snowflake", "390999", others))("log-in answered with %s: %s", async (code, way) => {
      const credentials = seedWarehouse(server);
      server.control.addFault({ on: "login", effect: { kind: "sql-error", code, message: "no" } });
      expectWay(await failureOf(credentials, server.url), way, credentialRefusals.snowflake, code);
    });

    it.each([403, 429, 503])("HTTP status %d: not a refusal", async (status) => {
      server.control.addFault({ on: "login", effect: { kind: "http-status", status } });
      const error = await failureOf(seedWarehouse(server), server.url);
      expect(error.code).toBe("UNREACHABLE");
      expect(error.retryable || status === 403).toBe(true);
    });

    it("a refused address is a field of the error", async () => {
      server.control.addFault({
        on: "login",
        effect: {
          kind: "sql-error",
          code: "390422",
          message: "Incoming request with IP/Token 203.0.113.7 is not allowed to access Snowflake.",
        },
      });
      const error = await failureOf(seedWarehouse(server), server.url);
      expect(error.details.refusedAddress).toBe("203.0.113.7");
    });
  });

  describe("postgresql", () => {
    const others = ["3D000", "42501", "53300", "55000", "57P01", "57P03", "08006", "53400", "58000"];
    const credentials = {
      type: "postgresql",
      database: "d",
      username: "u",
      password: "p",
      sslMode: "disable",
    };

    it.each(answersOf("postgresql", "ZZ123", others))("SQLSTATE %s: %s", async (sqlState, way) => {
      const server = await startRefusingPostgres(sqlState);
      const error = await failureOf({ ...credentials, host: server.host, port: server.port });
      expectWay(error, way, credentialRefusals.postgresql, sqlState);
      await server.stop();
    });

    it("a refusal by pg_hba.conf is one of the address, which is a field of the error", async () => {
      const server = await startRefusingPostgres(
        "28000",
        'no pg_hba.conf entry for host "203.0.113.7", user "u"',
      );
      const error = await failureOf({ ...credentials, host: server.host, port: server.port });
      expect(error.code).toBe("NETWORK_POLICY");
      expect(error.details.refusedAddress).toBe("203.0.113.7");
      await server.stop();
    });
  });

  describe("qlik", () => {
    let tenant: QlikTenant;
    beforeAll(async () => {
      tenant = await startQlikTenant();
    });
    afterAll(() => tenant.stop());

    it.each(answersOf("qlik", "422", ["403", "404", "408", "429", "302", "500", "503"]))(
      "HTTP status %s: %s",
      async (status, way) => {
        tenant.answerWith({ status: Number(status), body: {} });
        const error = await failureOf({ type: "qlik", tenant: "acme.example", apiKey: "k" }, tenant.url);
        expectWay(error, way, credentialRefusals.qlik, status);
      },
    );
  });

  describe("power_bi", () => {
    let service: PowerBi;
    beforeAll(async () => {
      service = await startPowerBi();
    });
    afterAll(() => service.stop());

    it.each(answersOf("power_bi", "7654321", ["90002", "900023", "53003", "50053", "90033"]))(
      "AADSTS%s: %s",
      async (code, way) => {
        service.refuseWith(Number(code));
        expectWay(await failureOf(service.credentials, service.url), way, credentialRefusals.power_bi, code);
        service.refuseWith(undefined);
      },
    );

    it.each([401, 403, 429, 500])(
      "HTTP status %d of the workspace, after a log-in that passed: not a refusal",
      async (status) => {
        service.answerWith({ status, body: {} }, "/v1.0/myorg/groups");
        const error = await failureOf(service.credentials, service.url);
        expect(isRefusedByService(error), error.message).toBe(false);
        service.answerWith(undefined);
      },
    );
  });

  it("every type has its list", () => {
    expect(Object.keys(credentialRefusals).sort()).toEqual([...exportTypes]);
  });
});
