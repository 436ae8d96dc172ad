import { afterEach, describe, expect, it } from "vitest";
import { startSnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { createProject, type PulumiProject } from "../support/pulumi/project.js";
import { connectDriver, queryRows } from "../support/snowflake/node-driver.js";

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
};
class Keeper extends pulumi.dynamic.Resource {
  constructor(name, args) {
    super(keeper, name, { ...args, dryRun: pulumi.runtime.isDryRun() }, {}, "test", "Keeper");
  }
}
new Keeper("one", { value: process.env.TEST_VALUE });
`;

/** A provider that lets each value get to another place where none may stand. */
const leakingProgram = `
const pulumi = require("@pulumi/pulumi");
const leaks = {
  output: (value) => ({ leaked: value }),
  "encoded output": (value) => ({ leaked: Buffer.from("x" + value).toString("base64") }),
  message: (value) => { console.log(value); },
  error: (value) => { throw new Error("no: " + value); },
  "temporary file": (value) => {
    require("node:fs").writeFileSync(require("node:path").join(require("node:os").tmpdir(), "left.txt"), value);
  },
  "arguments": (value) => { wait([value], process.env); },
  "variables": (value) => { wait([], { ...process.env, LEAKED: value }); },
};
const wait = (args, env) =>
  require("node:child_process").spawnSync(process.execPath, ["-e", "setTimeout(() => {}, 1000)", ...args], { env });
const leaker = { create: async ({ place }) => ({ id: "leaked", outs: { place, ...leak(place) } }) };
const leak = (place) => leaks[place](JSON.parse(process.env.TEST_LEAKS)[place]);
class Leaker extends pulumi.dynamic.Resource {
  constructor(place) {
    super(leaker, place, { place, leaked: undefined }, {}, "test", "Leaker");
  }
}
for (const place of Object.keys(leaks)) new Leaker(place);
`;

/** Where the search finds what was let through to each place. */
const places = {
  output: /history|stacks.*dev\.json/,
  "encoded output": /(history|stacks).*as base64 at offset 1/,
  message: /output of pulumi up/,
  error: /output of pulumi up/,
  "temporary file": /tmp\/left\.txt/,
  arguments: /arguments of node/,
  variables: /variable LEAKED of node/,
  statement: /statements on Snowflake/,
} as const satisfies Record<string, RegExp>;

describe("the engine", () => {
  let project: PulumiProject | undefined;
  afterEach(() => project?.stop());

  it("tells check of a dry run by an input, and keeps no value that check drops", async () => {
    const { value } = plantValues("value");
    project = await createProject({
      plants: [value],
      snowflake: [],
      files: { "index.js": program },
      env: { TEST_VALUE: value },
    });

    const preview = await project.preview();
    expect(preview.code, preview.output).toBe(0);
    expect(preview.output).toContain("check of a preview");

    const up = await project.up();
    expect(up.code, up.output).toBe(0);
    expect(up.output).toContain("check of a real run");

    const [resource] = await project.state();
    expect(resource?.type).toBe("pulumi-nodejs:dynamic/test:Keeper");
    expect(resource?.outputs).toMatchObject({ length: value.length });

    const destroy = await project.destroy();
    expect(destroy.code, destroy.output).toBe(0);
    expect(await project.state()).toEqual([]);
  });

  it("leaves no process behind when a run is killed", async () => {
    project = await createProject({
      plants: [],
      snowflake: [],
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

describe("the search for what a test planted", () => {
  it("fails when a project ends of which a value stands anywhere, and says where without saying what", async () => {
    const names = Object.keys(places) as (keyof typeof places)[];
    const values = plantValues(...names);
    // Encoded, a short value is not looked for.
    const planted = { ...values, "encoded output": `${values["encoded output"]}, and more of it` };
    const server = await startSnowflakeServer();
    const project = await createProject({
      plants: Object.values(planted),
      snowflake: [server],
      files: { "index.js": leakingProgram },
      env: { TEST_LEAKS: JSON.stringify(planted) },
    });
    const connection = await connectDriver(server.connection);
    await queryRows(connection, `SELECT '${planted.statement.replaceAll("'", "''")}'`).catch(() => undefined);
    server.control.resetCounts();
    await project.up({ args: ["--continue-on-error"] });

    let message = "";
    try {
      project.stop();
    } catch (error) {
      message = String(error);
    } finally {
      await server.stop();
    }
    for (const value of Object.values(planted)) expect(message).not.toContain(value);
    const lines = message.split("\n");
    for (const [index, name] of names.entries()) {
      const found = lines.filter((line) => line.includes(`planted value ${index + 1},`));
      expect(found.join("\n"), name).toMatch(places[name]);
    }
  });
});
