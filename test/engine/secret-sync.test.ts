import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { plantValues } from "../support/pulumi/planted-values.js";
import { hosts, outline, type Stage, startStage, syncTypes, tidy } from "./stage.js";

const values = plantValues("apiKey", "changed", "database", "added");

const sync = (secrets: string, { schema = "SECRETS", more = "" } = {}) => `
new SnowflakeSecretSync("app", {
  secrets: ${secrets},
  destinationConfig: { database: "APP", schema: "${schema}" },
  syncOptions: { initialSyncBehavior: "overwrite-destination", keySchema: "APP_{{secretKey}}" },
  ${more}
});`;

describe.each(hosts)("SnowflakeSecretSync in the engine, in the host %s", (host) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage(host, values);
  });
  afterAll(() => stage.stop());

  const show = (output: string) => tidy(output).replaceAll(syncTypes[host], "<type>");
  const put = (name: string) =>
    stage.server.control.putSecret({
      database: "APP",
      schema: "SECRETS",
      name,
      value: "x",
      owner: "SYNC_ROLE",
    });
  // The engine encrypts anew each time.
  const readOutputs = async (): Promise<unknown> => {
    const outputs = (await stage.project.state()).map((resource) => resource.outputs);
    return JSON.parse(JSON.stringify(outputs, (key, value) => (key === "ciphertext" ? "…" : value)));
  };

  it("previews a creation key by key, without a value and without a write", async () => {
    stage.setProgram(sync(`{ API_KEY: v.apiKey, DATABASE_URL: pulumi.secret(v.database) }`));
    const { output, writes } = await stage.run("preview");
    expect(show(output)).toMatchInlineSnapshot(`
      "Previewing update (dev):
      app: 2 to create in "APP"."SECRETS"
      + pulumi:pulumi:Stack: (create)
          + <type>: (create)
              destinationConfig: {
                  database: "APP"
                  schema  : "SECRETS"
              }
              environment      : "dev"
              fingerprintKey   : [secret]
              isAutoSyncEnabled: true
              name             : "app"
              ownerId          : "<fingerprint>"
              secretIds        : {
                  API_KEY     : "\\"APP\\".\\"SECRETS\\".\\"APP_API_KEY\\""
                  DATABASE_URL: "\\"APP\\".\\"SECRETS\\".\\"APP_DATABASE_URL\\""
              }
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
    expect([writes, stage.held()]).toEqual([[], {}]);
  });

  it("creates the secrets and keeps only fingerprints, and their key encrypted", async () => {
    expect((await stage.run("up")).output).toContain("app: 2 created");
    expect(stage.held()).toEqual({ APP_API_KEY: values.apiKey, APP_DATABASE_URL: values.database });
    const [resource] = await stage.project.state();
    expect(resource?.outputs).toMatchObject({
      syncStatus: "succeeded",
      managedSecrets: {
        APP_API_KEY: { sourceKey: "API_KEY", source: "program", state: "synced", owner: "SYNC_ROLE" },
      },
    });
    const { secretSync, fingerprintKey } = resource?.outputs ?? {};
    expect(JSON.stringify(fingerprintKey)).toContain("ciphertext");
    // It repeats what the program gave as a secret, which the plugin tells from what it did not.
    if (host === "dynamic") {
      expect(secretSync).toMatchObject({
        name: "app",
        destination: "snowflake",
        environment: { slug: "dev" },
      });
    }
  });

  it("changes nothing, and no output, in an up without changes", async () => {
    const before = await readOutputs();
    stage.server.control.resetCounts();
    const { output } = await stage.project.up();
    expect(output).toContain("2 unchanged");
    expect(await readOutputs()).toEqual(before);
    expect(stage.server.control.counts().byKind).toEqual({ SELECT: 1, "SHOW SECRETS": 1 });
  });

  it("previews one changed, one added and one removed secret, and a foreign one that would go", async () => {
    for (const name of ["APP_BY_HAND", "OTHER_TEAM"]) put(name);
    stage.setProgram(sync(`{ API_KEY: v.changed, ADDED: v.added }`));
    const { output } = await stage.run("preview");
    expect(outline(show(output)).replace(/ +: /g, ": ")).toMatchInlineSnapshot(`
      "Previewing update (dev):
      app: 1 to create, 1 to alter, 2 to drop in "APP"."SECRETS"
      warning: app: 1 secret in "APP"."SECRETS" not in the source, would be dropped (overwrite-destination): "APP_BY_HAND"
        pulumi:pulumi:Stack: (same)
          ~ <type>: (update)
            ~ secretIds: {
                + ADDED: "\\"APP\\".\\"SECRETS\\".\\"APP_ADDED\\""
                - DATABASE_URL: "\\"APP\\".\\"SECRETS\\".\\"APP_DATABASE_URL\\""
            ~ secrets: {
                + ADDED: "<fingerprint>"
                ~ API_KEY: "<fingerprint>" => "<fingerprint>"
                - DATABASE_URL: "<fingerprint>"
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
    await stage.run("up");
    expect(stage.held()).toEqual({ APP_API_KEY: values.changed, APP_ADDED: values.added, OTHER_TEAM: "x" });
    expect(control.secret("APP", "SECRETS", "APP_API_KEY")).toMatchObject({
      createdOn,
      grants: [{ privilege: "READ" }],
    });
  });

  it("warns in the preview of a schema that is not there, and refuses it in up with nothing written", async () => {
    stage.setProgram(sync(`{ API_KEY: v.changed }`, { schema: "Secrets" }));
    expect((await stage.run("preview")).output).toContain('did you mean "SECRETS"?');
    stage.takeWrites();
    const up = await stage.project.up();
    expect(up.code).not.toBe(0);
    expect(up.output).toContain("[NOT_FOUND] schema does not exist");
    expect(stage.takeWrites()).toEqual([]);
    expect(stage.held()).toMatchObject({ APP_API_KEY: values.changed, APP_ADDED: values.added });
  });

  it("sees in a refresh what was dropped or altered by others, and repairs it", async () => {
    stage.setProgram(sync(`{ API_KEY: v.changed, ADDED: v.added }`));
    stage.server.control.dropSecret("APP", "SECRETS", "APP_ADDED");
    stage.server.control.alterSecret(
      { database: "APP", schema: "SECRETS", name: "APP_API_KEY" },
      { value: "by hand", comment: undefined },
    );
    const preview = await stage.run("preview", "--refresh");
    expect(preview.output).toMatch(/~ ADDED +: "drifted: not seen" => "[0-9a-f]{32}"/);
    expect(preview.output).toMatch(/~ API_KEY: "drifted: no ownership comment" => "[0-9a-f]{32}"/);
    await stage.run("up", "--refresh");
    expect(stage.held()).toMatchObject({ APP_API_KEY: values.changed, APP_ADDED: values.added });
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
    expect(stage.held()).toMatchObject({ APP_API_KEY: values.apiKey });
    expect((await stage.run("up")).writes).toEqual(["CREATE SECRET"]);
    expect(stage.held()).toMatchObject({ APP_THIRD: values.database });
  });

  it("refreshes without a change, and drops on destroy what is ours and nothing else", async () => {
    expect((await stage.run("refresh")).output).toContain("2 unchanged");
    await stage.run("destroy");
    expect(stage.held()).toEqual({ OTHER_TEAM: "x" });
  });
});
