import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LanguageStage, startLanguageStage } from "../support/pulumi/language-stage.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { pluginFolder } from "../support/pulumi/plugin.js";
import { buildConnectionEnv } from "../support/snowflake/connection-env.js";

const values = plantValues("first", "next");

const program = `name: shop
runtime: yaml
config:
  value: { type: string, secret: true }
resources:
  app:
    type: snowflake-secrets:SnowflakeSecretSync
    properties:
      secrets: { A: "\${value}" }
      destinationConfig: { database: APP, schema: SECRETS }
      syncOptions: { initialSyncBehavior: overwrite-destination }
`;

// As a person does who looks into a plugin with a debugger: it runs by hand, and engines attach to it.
describe("a plugin that engines attach to (PULUMI_DEBUG_PROVIDERS)", () => {
  let stage: LanguageStage;
  let plugin: ChildProcess;
  let env: Record<string, string>;

  beforeAll(async () => {
    stage = await startLanguageStage({
      name: "shop",
      plants: Object.values(values),
      files: { "Pulumi.yaml": program },
    });
    plugin = spawn(process.execPath, [join(pluginFolder, "plugin.cjs")], {
      env: { ...process.env, ...buildConnectionEnv(stage.server, stage.seed) },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [port] = (await once(plugin.stdout ?? plugin, "data")) as [Buffer];
    env = { PULUMI_DEBUG_PROVIDERS: `snowflake-secrets:${port.toString().trim()}` };
  });
  afterAll(async () => {
    plugin?.kill("SIGKILL");
    await stage?.stop();
  });

  /** A whole `pulumi up`: its preview and its update are two engines for the plugin. */
  const up = async () => {
    stage.takeWrites();
    const { code, output } = await stage.project.pulumi(
      ["up", "--yes", "--non-interactive", "--color", "never"],
      { env },
    );
    expect(code, output).toBe(0);
    return { output, writes: stage.takeWrites() };
  };

  it("serves preview and up of each run from one process, and forgets in between", async () => {
    await stage.project.setConfig("value", values.first, "secret");
    const created = await up();
    expect(created.output).toContain('app: 1 to create in "APP"."SECRETS"');
    expect(created.writes).toEqual(["CREATE SECRET"]);
    expect(stage.held()).toEqual({ A: values.first });

    await stage.project.setConfig("value", values.next, "secret");
    const changed = await up();
    expect(changed.output).toContain('app: 1 to alter in "APP"."SECRETS"');
    expect(changed.writes).toEqual(["ALTER SECRET"]);
    expect(stage.held()).toEqual({ A: values.next });

    expect((await up()).writes).toEqual([]);
    expect((await stage.project.refresh({ env })).code).toBe(0);
    expect(plugin.exitCode).toBeNull();
  });

  it("takes away at a destroy what it made, and ends with SIGTERM", async () => {
    expect((await stage.project.destroy({ env })).code).toBe(0);
    expect(stage.held()).toEqual({});
    plugin.kill("SIGTERM");
    expect(await once(plugin, "exit")).toEqual([0, null]);
    expect(stage.server.control.counts().openSessions).toBe(0);
  });
});
