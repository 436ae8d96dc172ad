import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseOwnershipComment } from "../../provider/secret-sync/plan/ownership-comment.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { type Stage, startStage, tidy } from "./stage.js";

const values = plantValues("a", "b", "c");
const type = "snowflake-secrets:index:SnowflakeSecretSync";
const id = '"APP"."SECRETS"';

const sync = (name: string, secrets: string, takeOver: readonly string[] = []) => `
new SnowflakeSecretSync("${name}", {
  secrets: ${secrets},
  destinationConfig: { database: "APP", schema: "SECRETS" },
  syncOptions: { initialSyncBehavior: "overwrite-destination", takeOver: ${JSON.stringify(takeOver)} },
});`;

describe("pulumi import of a SnowflakeSecretSync", () => {
  let stage: Stage;
  let former = "";
  beforeAll(async () => {
    stage = await startStage("plugin", values);
    stage.setProgram(sync("former", `{ A: v.a, B: v.b, C: v.c }`));
    await stage.run("up");
    former = ownerOf("A");
    // The state is lost; Snowflake is as it was.
    const [{ urn = "" } = {}] = await stage.project.state();
    await stage.project.pulumi(["state", "delete", urn, "--yes", "--non-interactive"]);
  });
  afterAll(() => stage.stop());

  const ownerOf = (name: string) =>
    parseOwnershipComment(stage.server.control.secret("APP", "SECRETS", name)?.comment)?.ownerId ?? "";
  const importAs = (name: string, from: string) =>
    stage.project.pulumi([
      ...["import", type, name, from, "--yes", "--protect=false", "--generate-code=false"],
      ...["--non-interactive", "--color", "never", "--skip-preview"],
    ]);

  it("refuses an id that names no schema, and a schema without marks", async () => {
    const wrong = await importAs("app", "APP.SECRETS");
    expect(wrong.code).not.toBe(0);
    expect(wrong.output).toContain('use "DATABASE"."SCHEMA" with exact names in quotes');
    stage.server.control.createSchema("APP", "BARE", { owner: stage.seed.role });
    const bare = await importAs("app", '"APP"."BARE"');
    expect(bare.code).not.toBe(0);
    expect(bare.output).toContain("no secret that the role can see in the schema has an ownership comment");
  });

  it("takes up what the marks say, and changes nothing", async () => {
    const before = stage.server.control.secrets("APP", "SECRETS");
    const { code, output } = await importAs("app", id);
    expect(code, output).toBe(0);
    expect(output).toContain("writes every value once");
    expect(stage.server.control.secrets("APP", "SECRETS")).toEqual(before);
    const [resource] = await stage.project.state();
    expect(resource?.inputs).toMatchObject({
      destinationConfig: { database: "APP", schema: "SECRETS" },
      syncOptions: { takeOver: [former] },
    });
    expect(JSON.stringify(resource?.inputs?.fingerprintKey)).toContain("ciphertext");
    expect(resource?.inputs?.ownerId).not.toBe(former);
  });

  it("is followed by an up that writes each value once and drops nothing, as its preview says", async () => {
    stage.setProgram(sync("app", `{ A: v.a, B: v.b }`, [former]));
    const preview = await stage.run("preview");
    expect(tidy(preview.output)).toMatchInlineSnapshot(`
      "Previewing update (dev):
      app: 2 to alter in "APP"."SECRETS"
      warning: app: 2 secrets in "APP"."SECRETS" of another owner, would be taken over (takeOver): "A", "B"
        pulumi:pulumi:Stack: (same)
          ~ snowflake-secrets:index:SnowflakeSecretSync: (update)
              [id=<id>]
            ~ secretIds  : {
                - C: "\\"APP\\".\\"SECRETS\\".\\"C\\""
              }
            ~ secrets    : {
                ~ A: "<fingerprint>" => "<fingerprint>"
                ~ B: "<fingerprint>" => "<fingerprint>"
                - C: "<fingerprint>"
              }
            ~ syncOptions: {
                ~ initialSyncBehavior: "preserve-destination" => "overwrite-destination"
              }
      Resources:
          ~ 1 to update
          1 unchanged"
    `);
    expect((await stage.run("up")).writes).toEqual(["ALTER SECRET", "ALTER SECRET"]);
    expect(stage.held()).toEqual({ A: values.a, B: values.b, C: values.c });
    expect([ownerOf("A"), ownerOf("C")]).toEqual([expect.not.stringMatching(former), former]);
    const again = await stage.project.up();
    expect(again.output).toContain("2 unchanged");
  });

  it("asks for the owner where several share a schema", async () => {
    const [{ urn = "" } = {}] = await stage.project.state();
    await stage.project.pulumi(["state", "delete", urn, "--yes", "--non-interactive"]);
    const { code, output } = await importAs("again", id);
    expect(code).not.toBe(0);
    expect(output).toContain("several owners have secrets in the schema");
    expect(output).toContain(`${id}#${former}`);
    const nobody = await importAs("again", `${id}#${"0".repeat(32)}`);
    expect(nobody.code).not.toBe(0);
    expect(nobody.output).toContain("this owner has no secret");
    const one = await importAs("again", `${id}#${former}`);
    expect(one.code, one.output).toBe(0);
  });
});
