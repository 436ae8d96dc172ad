import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { plantValues } from "../support/pulumi/planted-values.js";
import { type ExportStage, startExportStage } from "./export-stage.js";

const passwords = plantValues("first", "next");
const username = "USER_OF_WAREHOUSE_B81";

describe("an export destination of the plugin", () => {
  let stage: ExportStage;
  beforeAll(async () => {
    stage = await startExportStage({ passwords, username });
  });
  afterAll(() => stage?.stop());

  const findLive = async () => (await stage.stored()).filter(({ isLive }) => isLive);
  const importAs = (id: string) =>
    stage.project.pulumi([
      ...["import", "snowflake-secrets:index:SnowflakeExportDestination", "bi", id],
      ...["--yes", "--protect=false", "--generate-code=false"],
      ...["--non-interactive", "--color", "never", "--skip-preview"],
    ]);

  it("is previewed without a field that is secret, and created", async () => {
    stage.setProgram("plugin", passwords.first);
    const preview = await stage.project.preview();
    expect(preview.code, preview.output).toBe(0);
    expect(preview.output).toMatch(/credentialFingerprints\s*: \{\s+password: "[0-9a-f]{32}"/);
    expect(await stage.aws.control.secretNames()).toEqual([]);
    expect(await stage.run("up")).toContain("Validated, Connected");
    const [resource] = await stage.project.state();
    expect(resource?.outputs).toMatchObject({ status: "Validated", integrationStatus: "Connected" });
    expect(await stage.run("up")).toContain("2 unchanged");
  });

  it("is replaced by other credentials, and the preview shows only what changes", async () => {
    stage.server.control.setPassword(username, passwords.next);
    stage.setProgram("plugin", passwords.next);
    const preview = await stage.project.preview();
    expect(preview.code, preview.output).toBe(0);
    expect(preview.output).toMatch(/~ password: "[0-9a-f]{32}" => "[0-9a-f]{32}"/);
    expect(preview.output).not.toMatch(/^ *- statusHistory/m);
    expect(await stage.run("up")).toContain("1 replaced");
    expect(await findLive()).toHaveLength(1);
  });

  it("heeds ignoreChanges, protect, and an alias of a former name", async () => {
    const before = await stage.stored();
    const options = 'ignoreChanges: ["credentials"], protect: true, customTimeouts: { create: "10m" },';
    stage.setProgram("plugin", passwords.first, { options });
    expect(await stage.run("up")).toContain("2 unchanged");
    const refused = await stage.project.destroy();
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain("protect");
    stage.setProgram("plugin", passwords.next, {
      resource: "warehouse",
      args: 'name: "bi",',
      options: 'aliases: [{ name: "bi" }],',
    });
    expect(await stage.run("up")).toContain("2 unchanged");
    expect(await stage.stored()).toEqual(before);
  });

  it("stays where it is with retainOnDelete, is imported by its id, and its next up needs the credentials", async () => {
    const before = await stage.stored();
    const [{ id = "" } = {}] = await stage.project.state();
    const options = 'aliases: [{ name: "warehouse" }], retainOnDelete: true,';
    stage.setProgram("plugin", passwords.next, { options });
    await stage.run("up");
    stage.project.write("index.js", "");
    await stage.run("up");
    expect(await stage.project.state()).toEqual([]);
    expect(await stage.stored()).toEqual(before);

    const unknown = await importAs("no-such-id");
    expect(unknown.code).not.toBe(0);
    expect(unknown.output).toContain("export destination not found");
    const archived = await importAs(
      before
        .find(({ isLive }) => !isLive)
        ?.name.split("_")
        .at(-1) ?? "",
    );
    expect(archived.code).not.toBe(0);
    expect(archived.output).toContain("the export destination is not active, so it cannot be imported");
    const imported = await importAs(id);
    expect(imported.code, imported.output).toBe(0);
    expect(imported.output).toContain("the next pulumi up needs them");
    expect(await stage.stored()).toEqual(before);

    stage.setProgram("plugin", passwords.next, { args: "credentials: undefined," });
    const without = await stage.project.up();
    expect(without.code, without.output).not.toBe(0);
    expect(without.output).toContain("credentials: is required");
    expect(await stage.stored()).toEqual(before);

    stage.setProgram("plugin", passwords.next);
    expect(await stage.run("up")).toContain("1 replaced");
    expect(await findLive()).toHaveLength(1);
    expect(await stage.run("up")).toContain("2 unchanged");
  });

  it("is disconnected by destroy", async () => {
    await stage.run("destroy");
    expect(await findLive()).toEqual([]);
  });
});
