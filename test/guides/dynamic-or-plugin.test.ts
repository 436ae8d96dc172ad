import { expect, it } from "vitest";
import { plantValues } from "../support/pulumi/planted-values.js";
import { startGuideStage } from "./guide-stage.js";

const values = plantValues("key");

it("docs/guides/dynamic-or-plugin.md moves a stack without a write", async () => {
  const stage = await startGuideStage("docs/guides/dynamic-or-plugin.md", { plants: Object.values(values) });
  try {
    const { seed, project, takeProgram, runNext, expectShown } = stage;
    await project.setConfig("apiKey", values.key, "secret");
    await project.setConfig("snowflake:role", seed.role);

    takeProgram();
    await runNext();
    expect(stage.held()).toEqual({ API_KEY: values.key });
    await runNext();
    await runNext();
    expect((await project.pulumi(["config", "get", "snowflake-secrets:role"])).stdout.trim()).toBe(seed.role);
    takeProgram();
    stage.takeWrites();
    expectShown(await runNext());
    expect(stage.takeWrites()).toEqual([]);
    const [sync] = await project.state();
    expect(sync?.type).toBe("snowflake-secrets:index:SnowflakeSecretSync");
    stage.page.end();
  } finally {
    await stage.stop();
  }
});
