import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findStackAt } from "../../sdk/cli/stack-lookup.js";
import { findEngine } from "../support/engine/engine.js";
import { createProject, type PulumiProject } from "../support/pulumi/project.js";

describe("the look for the stack of a claim", () => {
  let project: PulumiProject;
  const before = { ...process.env };

  beforeAll(async () => {
    project = await createProject({ name: "exports", stack: "dev", files: { "index.js": "" } });
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

  const find = (place: string, folder = project.folder) => findStackAt(place, folder);

  it("tells a stack that is there from one that is gone, inside and outside of its project", async () => {
    expect(await find("organization/exports/dev/bi")).toBe("exists");
    expect(await find("organization/exports/gone/bi")).toBe("gone");
    const outside = dirname(project.folder);
    expect(await find("organization/exports/dev/bi", outside)).toBe("exists");
    expect(await find("organization/exports/gone/bi", outside)).toBe("gone");
  });

  it("does not take a stack for gone whose project this backend does not know", async () => {
    expect(await find("organization/another/dev/bi")).toBe("unknown");
    process.env.PULUMI_BACKEND_URL = "file:///nonexistent";
    expect(await find("organization/exports/gone/bi")).toBe("unknown");
  });
});
