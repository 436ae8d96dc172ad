import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type SnowflakeServer, startSnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { startCli } from "../support/cli/run-cli.js";
import { type InfisicalServer, startInfisicalServer } from "../support/infisical-server/index.js";
import { createExample } from "../support/pulumi/example.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import type { PulumiProject } from "../support/pulumi/project.js";
import { buildConnectionEnv } from "../support/snowflake/connection-env.js";

const values = plantValues("token", "shared", "own", "second", "third", "dev", "prod", "webhook");

describe("the examples with Infisical", () => {
  let snowflake: SnowflakeServer;
  let infisical: InfisicalServer;
  let project: PulumiProject | undefined;
  let env: Record<string, string>;

  beforeEach(async () => {
    [snowflake, infisical] = await Promise.all([startSnowflakeServer(), startInfisicalServer()]);
    env = {
      ...buildConnectionEnv(snowflake, snowflake.connection),
      ...infisical.env,
    };
  });
  afterEach(async () => {
    project?.stop();
    await Promise.all([snowflake.stop(), infisical.close()]);
  });

  const valuesIn = (database: string) =>
    Object.fromEntries(
      snowflake.control.secrets(database, "SECRETS").map(({ name, value }) => [name, value]),
    );
  const makeSchema = (database: string) => {
    snowflake.control.createDatabase(database);
    snowflake.control.createSchema(database, "SECRETS");
  };

  it("infisical: syncs a folder with what is shared, follows it, and shows a fork's pull request what it can", async () => {
    makeSchema("ANALYTICS");
    infisical.set("dev:/shared", "LOG_TOKEN", values.token);
    infisical.set("dev:/shared", "API_KEY", values.shared);
    infisical.set("dev:/app", "API_KEY", values.own);
    project = await createExample("infisical", {
      plants: [...Object.values(values), infisical.clientSecret],
      snowflake: [snowflake],
      env,
    });
    await project.setConfig("projectId", infisical.projectId);
    await project.setConfig("database", "ANALYTICS");
    await project.setConfig("schema", "SECRETS");

    const up = await project.up();
    expect(up.code, up.output).toBe(0);
    expect(valuesIn("ANALYTICS")).toEqual({ APP_API_KEY: values.own, APP_LOG_TOKEN: values.token });
    expect(await project.outputs()).toMatchObject({
      syncStatus: "succeeded",
      names: ["APP_API_KEY", "APP_LOG_TOKEN"],
      secretSync: { projectId: infisical.projectId, environment: { slug: "dev" }, folder: { path: "/app" } },
    });

    infisical.set("dev:/app", "API_KEY", values.second);
    const preview = await project.preview();
    expect(preview.output).toMatch(/~ API_KEY +: "[0-9a-f]{32}" => "[0-9a-f]{32}"/);

    const following = startCli(project, ["auto-sync", "--stack", "dev", "--listen", "0"], {
      ...env,
      INFISICAL_WEBHOOK_SECRET: values.webhook,
    });
    const { url } = await following.find("listening");
    await following.find("synced");
    infisical.set("dev:/app", "API_KEY", values.third);
    const from = following.events.length;
    await infisical.sendWebhook(String(url), values.webhook);
    await following.find("synced", from);
    expect(await following.stop()).toBe(0);
    expect(valuesIn("ANALYTICS")).toMatchObject({ APP_API_KEY: values.third });

    const fork = await project.preview({ env: { INFISICAL_CLIENT_ID: "", INFISICAL_CLIENT_SECRET: "" } });
    expect(fork.code, fork.output).toBe(0);
    expect(fork.output).toContain("set INFISICAL_TOKEN, or INFISICAL_CLIENT_ID with INFISICAL_CLIENT_SECRET");
    const refused = await project.up({ env: { INFISICAL_CLIENT_ID: "", INFISICAL_CLIENT_SECRET: "" } });
    expect(refused.code).not.toBe(0);
    expect(valuesIn("ANALYTICS")).toMatchObject({ APP_API_KEY: values.third });

    const destroy = await project.destroy({ env: { INFISICAL_CLIENT_ID: "", INFISICAL_CLIENT_SECRET: "" } });
    expect(destroy.code, destroy.output).toBe(0);
    expect(valuesIn("ANALYTICS")).toEqual({});
    expect(project.findPlanted()).toEqual([]);
  });

  it("stack-per-environment: runs one program for dev and prod, told apart by configuration alone", async () => {
    makeSchema("ANALYTICS_DEV");
    makeSchema("ANALYTICS");
    infisical.set("dev:/app", "API_KEY", values.dev);
    infisical.set("prod:/app", "API_KEY", values.prod);
    project = await createExample("stack-per-environment", {
      plants: [...Object.values(values), infisical.clientSecret],
      snowflake: [snowflake],
      env,
    });
    await project.setConfig("projectId", infisical.projectId);
    const dev = await project.up();
    expect(dev.code, dev.output).toBe(0);

    const init = await project.pulumi(["stack", "init", "prod", "--non-interactive"]);
    expect(init.code, init.output).toBe(0);
    await project.setConfig("projectId", infisical.projectId);
    const prod = await project.up();
    expect(prod.code, prod.output).toBe(0);

    expect(valuesIn("ANALYTICS_DEV")).toEqual({
      DEV_API_KEY: values.dev,
      DEV_LOG_LEVEL: "debug",
      DEV_API_URL: "https://api.dev.example.com",
    });
    expect(valuesIn("ANALYTICS")).toEqual({ API_KEY: values.prod });
    const kept = await project.destroy();
    expect(kept.code).not.toBe(0);
    expect(kept.output).toContain("protect");
    expect(valuesIn("ANALYTICS")).toEqual({ API_KEY: values.prod });
  });
});
