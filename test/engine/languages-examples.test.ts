import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { projectFolder } from "../support/engine/engine.js";
import { type LanguageStage, startLanguageStage } from "../support/pulumi/language-stage.js";
import { usePythonSdk } from "./use-python-sdk.js";

// Values as a search finds them: nothing else in a state or an output looks like them.
const values = {
  apiKey: "value-of-api-key-8d2",
  changedApiKey: "changed-value-of-api-key-5aa",
  adminPassword: "value-of-admin-password-1f6",
  changedAdminPassword: "changed-value-of-admin-password-b93",
  cacheUrl: "value-of-cache-url-0c7",
};

const pythonEnv = usePythonSdk();

// The same program twice: what a person sees and what Snowflake holds does not depend on the language.
describe.each(["yaml", "python"])("examples/%s", (language) => {
  let stage: LanguageStage;
  const succeed = async (run: Promise<{ code: number; shown: string; output: string }>) => {
    const { code, shown, output } = await run;
    expect(code, output).toBe(0);
    return shown;
  };
  const held = {
    dev_APP_LOG_LEVEL: "info",
    dev_APP_CACHE_URL: values.cacheUrl,
    dev_APP_API_KEY: values.apiKey,
    dev_APP_ADMIN_PASSWORD: values.adminPassword,
    dev_APP_DATABASE_URL: `postgres://app:${values.adminPassword}@db.example.com/app`,
    dev_APP_FEATURE_FLAGS: "beta,dark-mode",
  };

  beforeAll(async () => {
    stage = await startLanguageStage({
      inPlace: join(projectFolder, "examples", language),
      plants: Object.values(values),
      env: { SHOP_CACHE_URL: values.cacheUrl, ...pythonEnv() },
    });
    const { project, seed } = stage;
    await project.setConfig("database", seed.database);
    await project.setConfig("schema", seed.schema);
    await project.setConfig("apiKey", values.apiKey, "secret");
    await project.setConfig("adminPassword", values.adminPassword, "secret");
  });
  afterAll(() => stage?.stop());

  it("fills the schema", async () => {
    const preview = await succeed(stage.project.preview());
    expect(preview).toContain("+ snowflake-secrets:index:SnowflakeSecretSync: (create)");
    expect(stage.takeWrites()).toEqual([]);
    await succeed(stage.project.up());
    expect(stage.held()).toEqual(held);
    expect(stage.takeWrites()).toHaveLength(Object.keys(held).length);
    expect(await stage.project.outputs()).toMatchObject({ appStatus: "succeeded" });
  });

  it("carries over what changed, key by key, and leaves alone what ignoreChanges names", async () => {
    await stage.project.setConfig("apiKey", values.changedApiKey, "secret");
    await stage.project.setConfig("adminPassword", values.changedAdminPassword, "secret");
    const preview = await succeed(stage.project.preview());
    expect(preview).toMatch(/~ API_KEY\s*: "[0-9a-f]+" => "[0-9a-f]+"/);
    expect(preview).toMatch(/~ DATABASE_URL\s*: "[0-9a-f]+" => "[0-9a-f]+"/);
    expect(preview).not.toMatch(/[~+-] ADMIN_PASSWORD/);
    stage.takeWrites();
    await succeed(stage.project.up());
    expect(stage.takeWrites()).toEqual(["ALTER SECRET", "ALTER SECRET"]);
    expect(stage.held()).toEqual({
      ...held,
      dev_APP_API_KEY: values.changedApiKey,
      dev_APP_DATABASE_URL: `postgres://app:${values.changedAdminPassword}@db.example.com/app`,
    });
    await succeed(stage.project.up({ args: ["--expect-no-changes"] }));
  });

  it("leaves nothing behind, in Snowflake and of a value", async () => {
    await succeed(stage.project.refresh());
    await succeed(stage.project.destroy());
    expect(stage.held()).toEqual({});
    expect(stage.project.findPlanted()).toEqual([]);
  });
});
