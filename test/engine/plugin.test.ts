import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { plantValues } from "../support/pulumi/planted-values.js";
import { type PluginStage, startPluginStage } from "./plugin-stage.js";
import { tidy } from "./sync-stage.js";

const values = plantValues("apiKey", "changed", "database", "added");

const sync = (secrets: string, more = "") => `
new SnowflakeSecretSync("app", {
  secrets: ${secrets},
  destinationConfig: { database: "APP", schema: "SECRETS" },
  syncOptions: { initialSyncBehavior: "overwrite-destination", keySchema: "APP_{{secretKey}}" },
  ${more}
});`;

describe("SnowflakeSecretSync of the plugin in the engine", () => {
  let stage: PluginStage;
  beforeAll(async () => {
    stage = await startPluginStage({ plants: values });
  });
  afterAll(() => stage.stop());

  it("previews a creation key by key, without a value and without a write", async () => {
    stage.setProgram(sync(`{ API_KEY: v.apiKey, DATABASE_URL: v.database }`));
    const { code, output } = await stage.project.preview();
    expect(code, output).toBe(0);
    expect(tidy(output)).toMatchInlineSnapshot(`
      "Previewing update (dev):
      app: 2 to create in "APP"."SECRETS"
      + pulumi:pulumi:Stack: (create)
          + snowflake-secrets:index:SnowflakeSecretSync: (create)
              destinationConfig: {
                  database: "APP"
                  schema  : "SECRETS"
              }
              environment      : "dev"
              fingerprintKey   : [secret]
              isAutoSyncEnabled: true
              name             : "app"
              ownerId          : "<fingerprint>"
              secretPath       : "/"
              secrets          : {
                  API_KEY     : "<fingerprint>"
                  DATABASE_URL: "<fingerprint>"
              }
              syncOptions      : {
                  disableSecretDeletion: false
                  initialSyncBehavior  : "overwrite-destination"
                  keySchema            : "APP_{{secretKey}}"
                  takeOver             : []
              }
      Resources:
          + 2 to create"
    `);
    expect(stage.values()).toEqual({});
  });

  it("creates the secrets and keeps only fingerprints", async () => {
    const { code, output } = await stage.project.up();
    expect(code, output).toBe(0);
    expect(output).toContain("app: 2 created");
    expect(stage.values()).toEqual({ APP_API_KEY: values.apiKey, APP_DATABASE_URL: values.database });
    const [resource] = await stage.project.state();
    expect(resource?.outputs).toMatchObject({
      syncStatus: "succeeded",
      managedSecrets: { APP_API_KEY: { sourceKey: "API_KEY", source: "program", state: "synced" } },
    });
    expect(JSON.stringify(resource?.outputs?.fingerprintKey)).toContain("ciphertext");
  });

  it("changes nothing in an up without changes", async () => {
    const before = await stage.project.state();
    stage.server.control.resetCounts();
    const { code, output } = await stage.project.up();
    expect(code, output).toBe(0);
    expect(output).toContain("2 unchanged");
    expect(stage.server.control.counts().byKind).toEqual({ SELECT: 1, "SHOW SECRETS": 1 });
    expect((await stage.project.state()).length).toEqual(before.length);
  });

  it("previews one changed, one added and one removed secret", async () => {
    stage.setProgram(sync(`{ API_KEY: v.changed, ADDED: v.added }`));
    const { code, output } = await stage.project.preview();
    expect(code, output).toBe(0);
    expect(tidy(output)).toMatchInlineSnapshot(`
      "Previewing update (dev):
      app: 1 to create, 1 to alter, 1 to drop in "APP"."SECRETS"
        pulumi:pulumi:Stack: (same)
          ~ snowflake-secrets:index:SnowflakeSecretSync: (update)
              [id=<id>]
            ~ secrets: {
                + ADDED       : "<fingerprint>"
                ~ API_KEY     : "<fingerprint>" => "<fingerprint>"
                - DATABASE_URL: "<fingerprint>"
              }
      Resources:
          ~ 1 to update
          1 unchanged"
    `);
    const up = await stage.project.up();
    expect(up.code, up.output).toBe(0);
    expect(stage.values()).toEqual({ APP_API_KEY: values.changed, APP_ADDED: values.added });
  });

  it("refreshes, and destroys what is ours", async () => {
    const refresh = await stage.project.refresh();
    expect(refresh.code, refresh.output).toBe(0);
    expect(refresh.output).toContain("2 unchanged");
    const destroy = await stage.project.destroy();
    expect(destroy.code, destroy.output).toBe(0);
    expect(stage.values()).toEqual({});
  });

  it("ends at Ctrl-C with what is under way, records it, and the next up does exactly the rest", async () => {
    const { project, server } = stage;
    const keys = Array.from({ length: 30 }, (_, i) => `KEY_${i}`);
    const secrets = `{ ${keys.map((key) => `${key}: v.apiKey`).join(", ")} }`;
    stage.setProgram(sync(secrets, "connection: { maxConcurrentStatements: 1 },"));
    let interrupt: (() => void) | undefined;
    server.control.addFault({
      match: /^CREATE SECRET/,
      skip: 2,
      effect: { kind: "call", when: "before", call: () => interrupt?.() },
    });
    server.control.setLatencyMs(100);
    const { code, output } = await project.up({
      onOutput: (_text, kill) => {
        interrupt = () => kill("SIGINT");
      },
    });
    server.control.setLatencyMs(0);
    expect(code).not.toBe(0);
    expect(output).toMatch(
      /\[CANCELLED\] \d+ writes were not begun, because the run was cancelled: "APP_KEY_/,
    );
    const written = Object.keys(stage.values());
    expect(written.length).toBeGreaterThan(2);
    expect(written.length).toBeLessThan(keys.length);
    const [resource] = await project.state();
    const managed = Object.entries(
      (resource?.outputs?.managedSecrets ?? {}) as Record<string, { state: string }>,
    );
    expect(
      managed
        .filter(([, { state }]) => state === "synced")
        .map(([name]) => name)
        .sort(),
    ).toEqual(written.sort());
    server.control.resetCounts();
    const again = await project.up();
    expect(again.code, again.output).toBe(0);
    expect(server.control.counts().byKind).toMatchObject({ "CREATE SECRET": keys.length - written.length });
  });
});
