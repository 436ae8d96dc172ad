import { getEventListeners } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openStack } from "../../sdk/cli/stack-access.js";
import { findHolder } from "../../sdk/cli/stack-lookup.js";
import { findEngine } from "../support/engine/engine.js";
import { createProject, type PulumiProject } from "../support/pulumi/project.js";

const ownerId = "0".repeat(32);

describe("the look for the stack of a claim", () => {
  let project: PulumiProject;
  const before = { ...process.env };

  beforeAll(async () => {
    project = await createProject({
      plants: [],
      snowflake: [],
      name: "exports",
      stack: "dev",
      files: { "index.js": "" },
    });
    Object.assign(process.env, {
      PATH: [findEngine().folder, process.env.PATH].join(delimiter),
      PULUMI_HOME: join(dirname(project.folder), "home", "pulumi"),
      PULUMI_BACKEND_URL: `file://${project.backendFolder}`,
      PULUMI_CONFIG_PASSPHRASE: "a passphrase for tests",
      PULUMI_SKIP_UPDATE_CHECK: "1",
    });
  });
  afterAll(() => {
    process.env = before;
    project.stop();
  });

  const claimName = "exports/org_acme/active/snowflake";
  const find = (place: string, folder = project.folder) =>
    findHolder({ claimName, destinationId: "d-1", owner: { id: ownerId, place } }, folder);

  /** Writes into the state what an update that was cut off leaves there; an import takes it out. */
  const interruptUpdate = (urn: string, type: string) => {
    const file = join(project.backendFolder, ".pulumi/stacks/exports/dev.json");
    const state = JSON.parse(readFileSync(file, "utf8"));
    state.checkpoint.latest.pending_operations = [
      { resource: { urn, custom: true, type }, type: "creating" },
    ];
    writeFileSync(file, JSON.stringify(state));
  };

  it("proves nothing by a stack that is not there, nor by one that is empty, inside and outside of its project", async () => {
    for (const folder of [project.folder, dirname(project.folder)]) {
      expect(await find("organization/exports/dev/bi", folder)).toEqual({
        kind: "unknown",
        because:
          "this backend has a stack organization/exports/dev without it, but another backend may have one with it",
      });
      expect(await find("organization/exports/gone/bi", folder)).toEqual({
        kind: "unknown",
        because:
          "this backend has no stack organization/exports/gone, but another backend may have it, or it was renamed",
      });
    }
  });

  it.each([
    "pulumi-nodejs:dynamic/snowflake:SnowflakeExportDestination",
    "snowflake-secrets:index:ExportDestination",
  ])("finds the destination in its stack or a renamed one, by its id and by its owner: %s", async (type) => {
    const empty = await project.exportStack();
    const urn = `urn:pulumi:dev::exports::${type}::bi`;
    const hold = async (outputs: Record<string, unknown>) => {
      const resource = { urn, custom: true, id: "x", type, inputs: {}, outputs };
      const stack = JSON.parse(JSON.stringify(empty)) as { deployment: { resources?: object[] } };
      stack.deployment.resources = [...(stack.deployment.resources ?? []), resource];
      const imported = await project.importStack(stack as never);
      expect(imported.code, imported.output).toBe(0);
    };
    const held = { kind: "held", stack: "organization/exports/dev", urn };
    const foreign = "1".repeat(32);
    await hold({ destinationId: "d-1", ownerId: foreign, claimName });
    expect(await find("organization/exports/dev/bi")).toEqual(held);
    expect(await find("organization/exports/former-name/bi")).toEqual(held);
    // A run that was cut off left the id of the destination before.
    await hold({ destinationId: "d-0", ownerId, claimName });
    expect(await find("organization/exports/dev/bi")).toEqual(held);
    await hold({ destinationId: "d-0", ownerId });
    expect(await find("organization/exports/dev/bi")).toEqual(held);
    await hold({ destinationId: "d-2", ownerId: foreign, claimName });
    expect(await find("organization/exports/dev/bi")).toMatchObject({ kind: "unknown" });
    // Only a state with the owner's id is the holder's own.
    const moved = { destinationId: "d-2", ownerId, claimName: "exports/org_other/active/snowflake" };
    await hold(moved);
    expect(await find("organization/exports/dev/bi")).toEqual({
      kind: "moved",
      stack: "organization/exports/dev",
    });
    interruptUpdate(urn, type);
    expect(await find("organization/exports/dev/bi")).toEqual({
      kind: "unknown",
      because: "an update of stack organization/exports/dev is in progress, or was interrupted",
    });
    await project.importStack(empty);
  });

  it("leaves no listener of a run at the signal that ends many of them", async () => {
    const stack = await openStack({ stackName: "dev", project: project.folder });
    const { signal } = new AbortController();
    const ended = await stack.runPlanned(["urn:pulumi:dev::exports::pulumi:pulumi:Stack::exports-dev"], {
      judge: () => false,
      message: "",
      signal,
    });
    expect(ended).toBe("declined");
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("needs no passphrase, as it decrypts nothing", async () => {
    const passphrase = process.env.PULUMI_CONFIG_PASSPHRASE;
    delete process.env.PULUMI_CONFIG_PASSPHRASE;
    expect(await find("organization/exports/dev/bi")).toMatchObject({
      because: expect.stringContaining("this backend has a stack"),
    });
    process.env.PULUMI_CONFIG_PASSPHRASE = passphrase;
  });

  it("does not take a stack for gone whose project this backend does not know", async () => {
    expect(await find("organization/another/dev/bi")).toEqual({
      kind: "unknown",
      because:
        "this backend has no stack organization/another/dev, but another backend may have it, or it was renamed",
    });
    process.env.PULUMI_BACKEND_URL = "file:///nonexistent";
    expect(await find("organization/exports/gone/bi")).toEqual({
      kind: "unknown",
      because: "the stacks of this backend cannot be listed",
    });
  });
});
