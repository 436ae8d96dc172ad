import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatOwnershipComment } from "../../provider/secret-sync/plan/ownership-comment.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { outline, type Stage, startStage, tidy } from "./stage.js";

interface Sync {
  readonly name?: string;
  /** The text of the argument `secrets`. */
  readonly secrets: string;
  readonly schema?: string;
  readonly behavior?: "overwrite-destination" | "preserve-destination";
  readonly options?: string;
  readonly more?: string;
}

/** The text of a sync in a program. */
function declare({ name = "app", secrets, schema = "SECRETS", behavior, options, more = "" }: Sync): string {
  return `new SnowflakeSecretSync("${name}", {
  secrets: ${secrets},
  destinationConfig: { database: "APP", schema: "${schema}" },
  syncOptions: { initialSyncBehavior: "${behavior ?? "overwrite-destination"}", ${options ?? 'keySchema: "APP_{{secretKey}}"'} },
  ${more}
});`;
}

const ownedByOthers = formatOwnershipComment({
  ownerId: "0123456789abcdef0123456789abcdef",
  revision: "01234567",
  fingerprint: "fedcba9876543210fedcba9876543210",
  place: "acme/payments/prod/app",
});

describe("the preview of a plan", () => {
  let stage: Stage;
  const base = declare({ secrets: "{ API_KEY: v.one, TOKEN: v.two }" });

  /** What Pulumi prints for a program, which writes nothing. */
  async function preview(...syncs: string[]): Promise<string> {
    stage.setProgram(syncs.join("\n"));
    const { output, writes } = await stage.run("preview");
    expect(writes).toEqual([]);
    return outline(tidy(output));
  }

  function put(name: string, more: { schema?: string; comment?: string; type?: "PASSWORD" } = {}): void {
    const { seed, server } = stage;
    server.control.putSecret({
      database: seed.database,
      schema: seed.schema,
      owner: seed.role,
      name,
      value: "x",
      ...more,
    });
  }

  beforeAll(async () => {
    stage = await startStage("dynamic", plantValues("one", "two", "three", "changed"));
    const { control } = stage.server;
    for (const schema of ["OTHER", "WHOLE"]) {
      control.createSchema("APP", schema);
      for (const privilege of ["USAGE", "CREATE SECRET"]) {
        control.grant(privilege, { database: "APP", schema }, stage.seed.role);
      }
    }
    stage.setProgram(base);
    await stage.run("up");
  });
  afterAll(() => stage.stop());

  it("of nothing to do", async () => {
    expect(await preview(base)).toMatchInlineSnapshot(`
      "Previewing update (dev):
        pulumi:pulumi:Stack: (same)
      Resources:
          2 unchanged"
    `);
  });

  it("of values that only up knows", async () => {
    const maker = `class Maker extends pulumi.dynamic.Resource {
  constructor() { super({ create: async () => ({ id: "made", outs: { out: "made" } }) }, "maker", { out: undefined }); }
}
const made = new Maker();`;
    const sync = declare({ secrets: "{ API_KEY: made.out, TOKEN: v.two }" });
    expect(await preview(maker, sync)).toMatchInlineSnapshot(`
      "Previewing update (dev):
      app: 1 known after up, 1 unchanged in "APP"."SECRETS"
        pulumi:pulumi:Stack: (same)
          + pulumi-nodejs:dynamic:Resource: (create)
          ~ pulumi-nodejs:dynamic/snowflake:SnowflakeSecretSync: (update)
            ~ secrets          : {
                ~ API_KEY: "<fingerprint>" => [unknown]
      Resources:
          + 1 to create
          ~ 1 to update
          2 changes. 1 unchanged"
    `);
  });

  it("of what waits while auto-sync is off", async () => {
    const sync = declare({
      secrets: "{ API_KEY: v.changed, ADDED: v.three }",
      more: "isAutoSyncEnabled: false,",
    });
    expect(await preview(sync)).toMatchInlineSnapshot(`
      "Previewing update (dev):
      app: auto-sync is off. Nothing is written until syncTrigger changes or the command sync runs. Waiting in "APP"."SECRETS": "APP_ADDED" (create), "APP_API_KEY" (alter), "APP_TOKEN" (drop)
        pulumi:pulumi:Stack: (same)
          ~ pulumi-nodejs:dynamic/snowflake:SnowflakeSecretSync: (update)
            ~ isAutoSyncEnabled: true => false
            ~ secretIds        : {
                + ADDED  : "\\"APP\\".\\"SECRETS\\".\\"APP_ADDED\\""
                - TOKEN  : "\\"APP\\".\\"SECRETS\\".\\"APP_TOKEN\\""
            ~ secrets          : {
                + ADDED  : "<fingerprint>"
                ~ API_KEY: "<fingerprint>" => "<fingerprint>"
                - TOKEN  : "<fingerprint>"
      Resources:
          ~ 1 to update
          1 unchanged"
    `);
  });

  it("of another destination", async () => {
    const sync = declare({ secrets: "{ API_KEY: v.one, TOKEN: v.two }", schema: "OTHER" });
    expect(await preview(sync)).toMatchInlineSnapshot(`
      "Previewing update (dev):
      app: to be dropped in "APP"."SECRETS" once the new schema is filled: "APP_API_KEY", "APP_TOKEN"
      app: to be replaced, because of changes in destinationConfig. Below, Pulumi shows all old outputs as removed, because it does not know the new ones yet.
      app: 2 to create in "APP"."OTHER"
        pulumi:pulumi:Stack: (same)
          +-pulumi-nodejs:dynamic/snowflake:SnowflakeSecretSync: (replace)
            ~ destinationConfig: {
                ~ schema  : "SECRETS" => "OTHER"
            ~ secretIds        : {
                ~ API_KEY: "\\"APP\\".\\"SECRETS\\".\\"APP_API_KEY\\"" => "\\"APP\\".\\"OTHER\\".\\"APP_API_KEY\\""
                ~ TOKEN  : "\\"APP\\".\\"SECRETS\\".\\"APP_TOKEN\\"" => "\\"APP\\".\\"OTHER\\".\\"APP_TOKEN\\""
      Resources:
          +-1 to replace
          1 unchanged"
    `);
  });

  it("of what was dropped by others", async () => {
    stage.server.control.dropSecret("APP", "SECRETS", "APP_TOKEN");
    expect(await preview(base)).toMatchInlineSnapshot(`
      "Previewing update (dev):
      app: 1 to create, 1 unchanged in "APP"."SECRETS"
      warning: app: 1 secret in "APP"."SECRETS" missing (dropped, or now owned by a role this connection cannot see), would be created again without its former grants: "APP_TOKEN"
        pulumi:pulumi:Stack: (same)
          ~ pulumi-nodejs:dynamic/snowflake:SnowflakeSecretSync: (update)
      Resources:
          ~ 1 to update
          1 unchanged"
    `);
  });

  it("of what lost its mark", async () => {
    stage.server.control.alterSecret(
      { database: "APP", schema: "SECRETS", name: "APP_API_KEY" },
      { comment: undefined },
    );
    expect(await preview(base)).toMatchInlineSnapshot(`
      "Previewing update (dev):
      app: 1 to create, 1 to alter in "APP"."SECRETS"
      warning: app: 1 secret in "APP"."SECRETS" missing (dropped, or now owned by a role this connection cannot see), would be created again without its former grants: "APP_TOKEN"
      warning: app: 1 secret in "APP"."SECRETS" without an ownership comment, would be written again: "APP_API_KEY"
        pulumi:pulumi:Stack: (same)
          ~ pulumi-nodejs:dynamic/snowflake:SnowflakeSecretSync: (update)
      Resources:
          ~ 1 to update
          1 unchanged"
    `);
    await stage.run("up");
  });

  it("of a secret without a mark that is taken over, and one that is dropped", async () => {
    put("NEW_FOUND");
    put("NEW_SURPLUS");
    const sync = declare({
      name: "new",
      secrets: "{ FOUND: v.three }",
      options: 'keySchema: "NEW_{{secretKey}}"',
    });
    expect(await preview(base, sync)).toMatchInlineSnapshot(`
      "Previewing update (dev):
      new: 1 to alter, 1 to drop in "APP"."SECRETS"
      warning: new: 1 secret in "APP"."SECRETS" without an ownership comment, would be taken over: "NEW_FOUND"
      warning: new: 1 secret in "APP"."SECRETS" not in the source, would be dropped (overwrite-destination): "NEW_SURPLUS"
        pulumi:pulumi:Stack: (same)
          + pulumi-nodejs:dynamic/snowflake:SnowflakeSecretSync: (create)
      Resources:
          + 1 to create
          2 unchanged"
    `);
  });

  it("of a schema that is overwritten without a key schema", async () => {
    put("BY_HAND", { schema: "WHOLE" });
    put("BY_OTHERS", { schema: "WHOLE", comment: ownedByOthers });
    const sync = declare({ name: "whole", secrets: "{ KEY: v.three }", schema: "WHOLE", options: "" });
    expect(await preview(base, sync)).toMatchInlineSnapshot(`
      "Previewing update (dev):
      whole: 1 to create, 1 to drop in "APP"."WHOLE"
      warning: whole: 1 secret in "APP"."WHOLE" not in the source, would be dropped (overwrite-destination): "BY_HAND"
        pulumi:pulumi:Stack: (same)
          + pulumi-nodejs:dynamic/snowflake:SnowflakeSecretSync: (create)
      Resources:
          + 1 to create
          2 unchanged"
    `);
  });

  it("of names that belong to another owner, to nobody, or to another type", async () => {
    put("KEEP_OWNED", { comment: ownedByOthers });
    put("KEEP_UNMARKED");
    put("KEEP_TYPE", { type: "PASSWORD" });
    const sync = declare({
      name: "keep",
      secrets: "{ OWNED: v.one, UNMARKED: v.two, TYPE: v.three }",
      behavior: "preserve-destination",
      options: 'keySchema: "KEEP_{{secretKey}}"',
    });
    expect(await preview(base, sync)).toMatchInlineSnapshot(`
      "Previewing update (dev):
      keep: 3 refused in "APP"."SECRETS"
      warning: keep: "APP"."SECRETS"."KEEP_OWNED" belongs to acme/payments/prod/app (owner <owner>); it is not changed. Use another name or keySchema, or put the owner's id into syncOptions.takeOver. \`pulumi up\` fails with this error.
      warning: keep: "APP"."SECRETS"."KEEP_TYPE" is a secret of type PASSWORD; it was not changed. Use another name or keySchema, or put "other-type" into syncOptions.takeOver, which replaces it. \`pulumi up\` fails with this error.
      warning: keep: "APP"."SECRETS"."KEEP_UNMARKED" exists without an ownership comment; preserve-destination does not change it. Use another name, or put "unmarked" into syncOptions.takeOver. \`pulumi up\` fails with this error.
        pulumi:pulumi:Stack: (same)
          + pulumi-nodejs:dynamic/snowflake:SnowflakeSecretSync: (create)
      Resources:
          + 1 to create
          2 unchanged"
    `);
  });

  it("of a take-over on purpose, and of another type that is replaced", async () => {
    const sync = declare({
      name: "keep",
      secrets: "{ OWNED: v.one, TYPE: v.three }",
      options:
        'keySchema: "KEEP_{{secretKey}}", takeOver: ["0123456789abcdef0123456789abcdef", "other-type"]',
    });
    expect(await preview(base, sync)).toMatchInlineSnapshot(`
      "Previewing update (dev):
      keep: 1 to replace, 1 to alter, 1 to drop in "APP"."SECRETS"
      warning: keep: 1 secret in "APP"."SECRETS" of another owner, would be taken over (takeOver): "KEEP_OWNED"
      warning: keep: 1 secret in "APP"."SECRETS" of another type, would be replaced (takeOver) and lose its grants: "KEEP_TYPE"
      warning: keep: 1 secret in "APP"."SECRETS" not in the source, would be dropped (overwrite-destination): "KEEP_UNMARKED"
        pulumi:pulumi:Stack: (same)
          + pulumi-nodejs:dynamic/snowflake:SnowflakeSecretSync: (create)
      Resources:
          + 1 to create
          2 unchanged"
    `);
  });

  it("of removals that are disabled", async () => {
    const sync = declare({
      secrets: "{ API_KEY: v.changed }",
      options: 'keySchema: "APP_{{secretKey}}", disableSecretDeletion: true',
    });
    expect(await preview(sync)).toMatchInlineSnapshot(`
      "Previewing update (dev):
      app: 1 to alter, 1 unchanged in "APP"."SECRETS"
      warning: app: 1 secret in "APP"."SECRETS" not in the source, stays (disableSecretDeletion): "APP_TOKEN"
        pulumi:pulumi:Stack: (same)
          ~ pulumi-nodejs:dynamic/snowflake:SnowflakeSecretSync: (update)
            ~ secretIds        : {
                - TOKEN  : "\\"APP\\".\\"SECRETS\\".\\"APP_TOKEN\\""
            ~ secrets          : {
                ~ API_KEY: "<fingerprint>" => "<fingerprint>"
                - TOKEN  : "<fingerprint>"
            ~ syncOptions      : {
                ~ disableSecretDeletion: false => true
      Resources:
          ~ 1 to update
          1 unchanged"
    `);
  });
});
