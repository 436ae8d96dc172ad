import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type DemoSeed,
  type SnowflakeServer,
  seedDemo,
  startSnowflakeServer,
} from "../../sdk/snowflake-server/index.js";
import { projectFolder } from "../support/engine/engine.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { createProject, type PulumiProject } from "../support/pulumi/project.js";
import { buildConnectionEnv } from "../support/snowflake/connection-env.js";

const values = plantValues("apiKey", "adminPassword", "changedAdminPassword", "sftpPassword", "cacheUrl");
const stack = "dev";
const folder = join(projectFolder, "examples/secret-sync");

describe("examples/secret-sync", () => {
  let server: SnowflakeServer;
  let seed: DemoSeed;
  let project: PulumiProject;

  const held = () =>
    Object.fromEntries(
      server.control.secrets(seed.database, seed.schema).map(({ name, value }) => [name, value]),
    );
  const written = () =>
    server.control.statements().filter(({ kind }) => /^(CREATE|ALTER|DROP) SECRET$/.test(kind));
  const succeed = async (run: Promise<{ code: number; output: string }>) => {
    const { code, output } = await run;
    expect(code, output).toBe(0);
    return output;
  };
  const app = {
    dev_APP_LOG_LEVEL: "info",
    dev_APP_CACHE_URL: values.cacheUrl,
    dev_APP_API_KEY: values.apiKey,
    dev_APP_ADMIN_PASSWORD: values.adminPassword,
  };

  beforeAll(async () => {
    server = await startSnowflakeServer();
    seed = seedDemo(server.control);
    project = await createProject({
      plants: [...Object.values(values), seed.password],
      snowflake: [server],
      inPlace: folder,
      stack,
      env: { ...buildConnectionEnv(server, seed), SHOP_CACHE_URL: values.cacheUrl },
    });
    await project.setConfig("database", seed.database);
    await project.setConfig("schema", seed.schema);
    await project.setConfig("apiKey", values.apiKey, "secret");
    await project.setConfig("adminPassword", values.adminPassword, "secret");
    await project.setConfig("sftpPassword", values.sftpPassword, "secret");
    const others = { database: seed.database, schema: seed.schema, owner: seed.role };
    server.control.putSecret({ ...others, name: "dev_APP_LEFT_OVER", value: "x" });
    server.control.putSecret({ ...others, name: "OTHER_TEAM", value: "x" });
  });
  afterAll(async () => {
    try {
      project.stop();
    } finally {
      await server.stop();
    }
  });

  it("previews what each sync would do, and what waits, without a write", async () => {
    const output = await succeed(project.preview());
    expect(output).toContain('"dev_APP_LEFT_OVER"');
    expect(output).toMatch(/partner: auto-sync is off.*"dev_PARTNER_SFTP_PASSWORD"/);
    expect(output).not.toContain("OTHER_TEAM");
    expect(written()).toEqual([]);
  });

  it("merges its sources, the later over the earlier, and leaves other names and the partner's alone", async () => {
    await succeed(project.up());
    expect(held()).toEqual({ OTHER_TEAM: "x", ...app });
    expect(await project.outputs()).toMatchObject({
      appStatus: "succeeded",
      appSecrets: {
        dev_APP_LOG_LEVEL: { source: "dotenv defaults.env" },
        dev_APP_CACHE_URL: { source: "environment SHOP_*" },
        dev_APP_API_KEY: { source: "program" },
      },
    });
  });

  it("writes nothing in an up without changes", async () => {
    server.control.resetCounts();
    expect(await succeed(project.up())).toMatch(/3 unchanged/);
    expect(written()).toEqual([]);
  });

  it("keeps the value of a key under ignoreChanges, and writes the partner's when the trigger changes", async () => {
    await project.setConfig("adminPassword", values.changedAdminPassword, "secret");
    await project.setConfig("release", "1");
    await succeed(project.up());
    expect(held()).toEqual({ OTHER_TEAM: "x", ...app, dev_PARTNER_SFTP_PASSWORD: values.sftpPassword });
    expect(written()).toHaveLength(1);
  });

  it("drops the application's secrets on destroy, and leaves the partner's without a mark", async () => {
    await succeed(project.destroy());
    expect(held()).toEqual({ OTHER_TEAM: "x", dev_PARTNER_SFTP_PASSWORD: values.sftpPassword });
    const kept = server.control.secret(seed.database, seed.schema, "dev_PARTNER_SFTP_PASSWORD");
    expect(kept?.comment).toBeUndefined();
  });
});
