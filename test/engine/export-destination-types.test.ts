import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type DemoSeed,
  type SnowflakeServer,
  seedDemo,
  startSnowflakeServer,
} from "../../sdk/snowflake-server/index.js";
import { type Aws, startAws } from "../support/aws/aws.js";
import { type PowerBi, startPowerBi } from "../support/export-services/power-bi.js";
import { type QlikTenant, startQlikTenant } from "../support/export-services/qlik.js";
import { type Postgres, startPostgres } from "../support/postgres/postgres.js";
import { createExample } from "../support/pulumi/example.js";
import type { PulumiProject } from "../support/pulumi/project.js";

describe("the example of all four types", () => {
  let aws: Aws;
  let snowflake: SnowflakeServer;
  let seed: DemoSeed;
  let postgres: Postgres;
  let qlik: QlikTenant;
  let powerBi: PowerBi;
  let project: PulumiProject;

  beforeAll(async () => {
    [aws, snowflake, postgres, qlik, powerBi] = await Promise.all([
      startAws(),
      startSnowflakeServer(),
      startPostgres(),
      startQlikTenant(),
      startPowerBi(),
    ]);
    seed = seedDemo(snowflake.control);
    project = await createExample("export-destination", {
      plants: Object.values(passwords()),
      snowflake: [snowflake],
      env: aws.env,
    });
    const plain = {
      organizationId: "42",
      "endpoints.snowflake": snowflake.url,
      "endpoints.qlik": qlik.url,
      "endpoints.powerBi": powerBi.url,
      "endpoints.entra": powerBi.url,
      "snowflake.account": snowflake.account,
      "snowflake.warehouse": seed.warehouse,
      "snowflake.database": seed.database,
      "snowflake.username": seed.username,
      "postgresql.host": postgres.host,
      "postgresql.port": String(postgres.port),
      "postgresql.database": postgres.database,
      "postgresql.username": postgres.user,
      qlikTenant: "acme.eu.qlikcloud.com",
      "powerBi.tenant": powerBi.tenant,
      "powerBi.workspace": powerBi.workspace,
      "powerBi.clientId": powerBi.clientId,
      egressIpService: "false",
    };
    for (const [key, value] of Object.entries(plain)) await project.setConfig(key, value);
    for (const [key, value] of Object.entries(passwords())) await project.setConfig(key, value, "secret");
  });
  afterAll(async () => {
    project?.stop();
    await Promise.all([aws, snowflake, postgres, qlik, powerBi].map((service) => service?.stop()));
  });

  const passwords = () => ({
    snowflakePassword: seed.password,
    postgresqlPassword: postgres.password,
    qlikApiKey: qlik.apiKey,
    powerBiClientSecret: powerBi.clientSecret,
  });

  it("proves, stores and claims each, and keeps no credential", async () => {
    const preview = await project.preview();
    expect(preview.code, preview.output).toBe(0);
    const up = await project.up();
    expect(up.code, up.output).toBe(0);
    const { statuses, claims } = await project.outputs();
    expect(statuses).toEqual(["Validated", "Validated", "Validated", "Validated"]);
    const types = ["snowflake", "postgresql", "qlik", "power_bi"];
    expect(claims).toEqual(types.map((type) => `dev/exports/org_42/active/${type}`));
    // As an export job finds them.
    const found = await Promise.all(
      types.map(async (type) => {
        const claim = await aws.control.valueOf(`dev/exports/org_42/active/${type}`, {
          versionStage: "HOLDER",
        });
        const { active } = JSON.parse(claim ?? "{}");
        return JSON.parse((await aws.control.secret(active.secretArn))?.value ?? "{}");
      }),
    );
    expect(found).toEqual([
      expect.objectContaining({ type: "snowflake", password: seed.password }),
      expect.objectContaining({ type: "postgresql", password: postgres.password, port: postgres.port }),
      expect.objectContaining({ type: "qlik", apiKey: qlik.apiKey }),
      expect.objectContaining({ type: "power_bi", clientSecret: powerBi.clientSecret }),
    ]);
    expect(up.output).toContain("(export_secret_ip_check)");
  });

  it("leaves all as it is in a second up, and disconnects all in a destroy", async () => {
    const again = await project.up();
    expect(again.output).toContain("5 unchanged");
    const { code, output } = await project.destroy();
    expect(code, output).toBe(0);
    const names = (await aws.control.secretNames()).filter((name) => !name.includes("/active/"));
    const seen = await Promise.all(names.map((name) => aws.control.secret(name)));
    expect(seen.filter((secret) => secret?.deletedDate !== undefined)).toHaveLength(4);
    expect(project.findPlanted()).toEqual([]);
  });
});
