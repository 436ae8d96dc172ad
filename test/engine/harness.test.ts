import { afterEach, describe, expect, it } from "vitest";
import { createProject, type PulumiProject } from "../support/pulumi/project.js";

/** A provider that keeps a value from the state, as ours do, and says what its hooks were given. */
const program = `
const pulumi = require("@pulumi/pulumi");
const keeper = {
  check: async (olds, news) => {
    const { value, dryRun, ...inputs } = news;
    if (process.env.TEST_HANG && !dryRun) { console.log("check waits"); await new Promise((done) => setTimeout(done, 120_000)); }
    console.log("check of a " + (dryRun ? "preview" : "real run"));
    return { inputs: { ...inputs, length: value.length } };
  },
  create: async (inputs) => ({ id: "kept", outs: inputs }),
  update: async (id, olds, news) => ({ outs: news }),
};
class Keeper extends pulumi.dynamic.Resource {
  constructor(name, args) {
    super(keeper, name, { ...args, dryRun: pulumi.runtime.isDryRun(), leak: process.env.TEST_LEAK }, {}, "test", "Keeper");
  }
}
new Keeper("one", { value: process.env.TEST_VALUE });
`;

describe("the engine", () => {
  let project: PulumiProject | undefined;
  afterEach(() => project?.stop());

  it("tells check of a dry run by an input, and keeps no value that check drops", async () => {
    const value = `Wert & "Zeichen" ${Date.now()}`;
    project = await createProject({ files: { "index.js": program }, env: { TEST_VALUE: value } });

    const preview = await project.preview();
    expect(preview.code, preview.output).toBe(0);
    expect(preview.output).toContain("check of a preview");

    const up = await project.up();
    expect(up.code, up.output).toBe(0);
    expect(up.output).toContain("check of a real run");

    const [resource] = await project.state();
    expect(resource?.type).toBe("pulumi-nodejs:dynamic/test:Keeper");
    expect(resource?.outputs).toMatchObject({ length: value.length });
    expect(project.searchEverything([value])).toEqual([]);

    // The search finds what is there: the same value, now let through.
    const leaking = await project.up({ env: { TEST_LEAK: value } });
    expect(leaking.code, leaking.output).toBe(0);
    const places = project.searchEverything([value]).map(({ place }) => place);
    expect(places).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/stacks.*dev\.json/),
        expect.stringMatching(/history.*\.json/),
      ]),
    );

    const destroy = await project.destroy();
    expect(destroy.code, destroy.output).toBe(0);
    expect(await project.state()).toEqual([]);
  });

  it("leaves no process behind when a run is killed", async () => {
    project = await createProject({
      files: { "index.js": program },
      env: { TEST_VALUE: "value", TEST_HANG: "yes" },
    });

    const up = await project.up({
      onOutput: (output, kill) => {
        if (output.includes("check waits")) kill("SIGKILL");
      },
    });

    expect(up.code).toBe(-1);
    project.endPlugins();
    await expect.poll(() => project?.endPlugins()).toBe(0);
  });
});
