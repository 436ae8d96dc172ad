import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { plantValues } from "../support/pulumi/planted-values.js";
import { type SyncStage, startSyncStage, tidy } from "./sync-stage.js";

const values = plantValues("apiKey", "changed", "database", "added");

const sync = (secrets: string, more = "") => `
new SnowflakeSecretSync("app", {
  secrets: ${secrets},
  destinationConfig: { database: "APP", schema: "SECRETS" },
  syncOptions: { initialSyncBehavior: "overwrite-destination", keySchema: "APP_{{secretKey}}" },
  ${more}
});`;

// The engine encrypts anew each time.
async function readOutputs({ project }: SyncStage): Promise<unknown> {
  const outputs = (await project.state()).map((resource) => resource.outputs);
  return JSON.parse(JSON.stringify(outputs, (key, value) => (key === "ciphertext" ? "…" : value)));
}

describe("SnowflakeSecretSync in the engine", () => {
  let stage: SyncStage;
  beforeAll(async () => {
    stage = await startSyncStage({ plants: values });
  });
  afterAll(() => stage.stop());

  it("previews a creation key by key, without a value and without a write", async () => {
    stage.setProgram(sync(`{ API_KEY: v.apiKey, DATABASE_URL: pulumi.secret(v.database) }`));
    const { code, output } = await stage.project.preview();
    expect(code).toBe(0);
    expect(tidy(output)).toMatchInlineSnapshot(`
      "Previewing update (dev):
      app: 2 to create in "APP"."SECRETS"
      + pulumi:pulumi:Stack: (create)
          + pulumi-nodejs:dynamic/snowflake:SnowflakeSecretSync: (create)
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
    const [resource] = (await stage.project.state()).filter(({ type }) =>
      type.endsWith("SnowflakeSecretSync"),
    );
    expect(resource?.outputs).toMatchObject({
      syncStatus: "succeeded",
      managedSecrets: {
        APP_API_KEY: { sourceKey: "API_KEY", source: "program", state: "synced", owner: "SYNC_ROLE" },
      },
      secretSync: { name: "app", destination: "snowflake", environment: { slug: "dev" } },
    });
  });

  it("changes nothing, and no output, in an up without changes", async () => {
    const before = await readOutputs(stage);
    stage.server.control.resetCounts();
    const { output } = await stage.project.up();
    expect(output).toContain("2 unchanged");
    expect(await readOutputs(stage)).toEqual(before);
    expect(stage.server.control.counts().byKind).toEqual({ SELECT: 1, "SHOW SECRETS": 1 });
  });

  it("previews one changed, one added and one removed secret, and a foreign one that would go", async () => {
    stage.server.control.putSecret({
      database: "APP",
      schema: "SECRETS",
      name: "APP_BY_HAND",
      value: "x",
      owner: "SYNC_ROLE",
    });
    stage.server.control.putSecret({
      database: "APP",
      schema: "SECRETS",
      name: "OTHER_TEAM",
      value: "x",
      owner: "SYNC_ROLE",
    });
    stage.setProgram(sync(`{ API_KEY: v.changed, ADDED: v.added }`));
    const { code, output } = await stage.project.preview();
    expect(code).toBe(0);
    expect(tidy(output)).toMatchInlineSnapshot(`
      "Previewing update (dev):
      app: 1 to create, 1 to alter, 2 to drop in "APP"."SECRETS"
      warning: app: 1 secret in "APP"."SECRETS" not in the source, would be dropped (overwrite-destination): "APP_BY_HAND"
        pulumi:pulumi:Stack: (same)
          ~ pulumi-nodejs:dynamic/snowflake:SnowflakeSecretSync: (update)
              [id=<id>]
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
            ~ secrets          : {
                + ADDED       : "<fingerprint>"
                ~ API_KEY     : "<fingerprint>" => "<fingerprint>"
                - DATABASE_URL: "<fingerprint>"
              }
              syncOptions      : {
                  disableSecretDeletion: false
                  initialSyncBehavior  : "overwrite-destination"
                  keySchema            : "APP_{{secretKey}}"
                  takeOver             : []
              }
      Resources:
          ~ 1 to update
          1 unchanged"
    `);
  });

  it("alters in place, so that grants on the secret survive, and leaves other names alone", async () => {
    const { control } = stage.server;
    control.createRole("READER");
    control.grant("READ", { database: "APP", schema: "SECRETS", secret: "APP_API_KEY" }, "READER");
    const createdOn = control.secret("APP", "SECRETS", "APP_API_KEY")?.createdOn;
    const { code, output } = await stage.project.up();
    expect(code, output).toBe(0);
    expect(stage.values()).toEqual({ APP_API_KEY: values.changed, APP_ADDED: values.added, OTHER_TEAM: "x" });
    expect(control.secret("APP", "SECRETS", "APP_API_KEY")).toMatchObject({
      createdOn,
      grants: [{ privilege: "READ" }],
    });
  });

  it("warns in the preview of a schema that is not there, and refuses it in up with nothing written", async () => {
    stage.setProgram(sync(`{ API_KEY: v.changed }`).replace('schema: "SECRETS"', 'schema: "Secrets"'));
    const preview = await stage.project.preview();
    expect(preview.code).toBe(0);
    expect(preview.output).toContain('did you mean "SECRETS"?');
    stage.server.control.resetCounts();
    const up = await stage.project.up();
    expect(up.code).not.toBe(0);
    expect(up.output).toContain("[NOT_FOUND] schema does not exist");
    expect(Object.keys(stage.server.control.counts().byKind)).not.toContain("CREATE SECRET");
    expect(stage.values()).toMatchObject({ APP_API_KEY: values.changed, APP_ADDED: values.added });
  });

  it("sees in a refresh what was dropped or altered by others, and repairs it", async () => {
    stage.setProgram(sync(`{ API_KEY: v.changed, ADDED: v.added }`));
    stage.server.control.dropSecret("APP", "SECRETS", "APP_ADDED");
    stage.server.control.alterSecret(
      { database: "APP", schema: "SECRETS", name: "APP_API_KEY" },
      { value: "by hand", comment: undefined },
    );
    const preview = await stage.project.preview({ args: ["--refresh"] });
    expect(preview.output).toMatch(/~ ADDED +: "drifted: not seen" => "[0-9a-f]{32}"/);
    expect(preview.output).toMatch(/~ API_KEY: "drifted: no mark" => "[0-9a-f]{32}"/);
    const up = await stage.project.up({ args: ["--refresh"] });
    expect(up.code, up.output).toBe(0);
    expect(stage.values()).toMatchObject({ APP_API_KEY: values.changed, APP_ADDED: values.added });
  });

  it("records a failed key, prints it with its fix, and finishes it in the next up", async () => {
    stage.setProgram(sync(`{ API_KEY: v.apiKey, ADDED: v.added, THIRD: v.database }`));
    stage.server.control.addFault({
      match: /^CREATE SECRET .*APP_THIRD/,
      effect: { kind: "sql-error", code: "003001", sqlState: "42501", message: "SQL access control error" },
    });
    const failed = await stage.project.up();
    expect(failed.code).not.toBe(0);
    expect(failed.output).toContain('"APP_THIRD": [PRIVILEGE_MISSING] create secret failed');
    expect(stage.values()).toMatchObject({ APP_API_KEY: values.apiKey });
    stage.server.control.resetCounts();
    const finished = await stage.project.up();
    expect(finished.code, finished.output).toBe(0);
    const writes = stage.server.control.statements().filter(({ sql }) => /^(CREATE|ALTER|DROP)/.test(sql));
    expect(writes).toHaveLength(1);
    expect(stage.values()).toMatchObject({ APP_THIRD: values.database });
  });

  it("drops what is ours on destroy, and nothing else", async () => {
    const { code, output } = await stage.project.destroy();
    expect(code, output).toBe(0);
    expect(stage.values()).toEqual({ OTHER_TEAM: "x" });
  });
});
