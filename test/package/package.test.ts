import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DemoSeed, seedDemo, startSnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { type Aws, startAws } from "../support/aws/aws.js";
import {
  installRelease,
  packNextRelease,
  packRelease,
  type Release,
  runIn,
} from "../support/package-install.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { createProject, type PulumiProject } from "../support/pulumi/project.js";
import { buildConnectionEnv } from "../support/snowflake/connection-env.js";

type SnowflakeServer = Awaited<ReturnType<typeof startSnowflakeServer>>;

const { secretValue } = plantValues("secretValue");
const maxProviderBytes = 2048;

/** A program as a user writes it, with one of each resource; the addresses come from the environment. */
const program = `
const { SnowflakeSecretSync, SnowflakeExportDestination } = require("pulumi-snowflake-secrets");
const env = (name) => process.env["TEST_" + name];
new SnowflakeSecretSync("app", {
  secrets: { API_KEY: env("SECRET") },
  destinationConfig: { database: env("DATABASE"), schema: env("SCHEMA") },
  syncOptions: { initialSyncBehavior: "preserve-destination" },
});
exports.destination = new SnowflakeExportDestination("bi", {
  name: "bi",
  organizationId: "acme",
  credentials: {
    account: env("ACCOUNT"), warehouse: env("WAREHOUSE"), database: env("DATABASE"),
    username: env("USER"), password: env("PASSWORD"), role: env("ROLE"),
  },
  egressIpService: false,
  validation: { endpoint: env("SNOWFLAKE") },
}).secretName;
`;

describe("the package, packed and installed into an empty project", () => {
  let folder: string;
  let aws: Aws;
  let snowflake: SnowflakeServer;
  let seed: DemoSeed;
  let release: Release;
  let project: PulumiProject;

  beforeAll(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "package-test-")));
    [aws, snowflake, release] = await Promise.all([startAws(), startSnowflakeServer(), packRelease(folder)]);
    seed = seedDemo(snowflake.control);
    project = await createProject({
      name: "installed",
      plants: [secretValue, seed.password],
      snowflake: [snowflake],
      files: { "index.js": program },
      ownPackages: true,
      env: {
        ...aws.env,
        ...buildConnectionEnv(snowflake, seed),
        TEST_SNOWFLAKE: snowflake.url,
        TEST_ACCOUNT: snowflake.account,
        TEST_USER: seed.username,
        TEST_PASSWORD: seed.password,
        TEST_ROLE: seed.role,
        TEST_WAREHOUSE: seed.warehouse,
        TEST_DATABASE: seed.database,
        TEST_SCHEMA: seed.schema,
        TEST_SECRET: secretValue,
      },
    });
    await installRelease(release, project.folder);
  });
  afterAll(async () => {
    project?.stop();
    await Promise.all([aws?.stop(), snowflake?.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  /** What a script prints as JSON, run by Node inside the project. */
  async function evaluate(name: string, script: string): Promise<unknown> {
    writeFileSync(join(project.folder, name), script);
    try {
      const { stdout } = await runIn(project.folder, process.execPath, [name]);
      return JSON.parse(stdout);
    } finally {
      rmSync(join(project.folder, name));
    }
  }

  it("is found by require", async () => {
    const found = await evaluate(
      "probe.cjs",
      `const { SnowflakeSecretSync, SnowflakeExportDestination } = require("pulumi-snowflake-secrets");
       const hooks = require("pulumi-snowflake-secrets/provider");
       const { version } = require("pulumi-snowflake-secrets/package.json");
       console.log(JSON.stringify([typeof SnowflakeSecretSync, typeof SnowflakeExportDestination,
         typeof hooks.secretSync.create, typeof hooks.exportDestination.create, version]));`,
    );
    expect(found).toEqual(["function", "function", "function", "function", release.version]);
  });

  it("loads its hooks from one bundle, and nothing of another package with them", async () => {
    const loaded = await evaluate(
      "probe.cjs",
      `require("pulumi-snowflake-secrets/provider");
       console.log(JSON.stringify(Object.keys(require.cache)));`,
    );
    const files = (loaded as string[]).filter((file) => !file.endsWith("probe.cjs"));
    const bundle = join(project.folder, "node_modules/pulumi-snowflake-secrets/dist/plugin/");
    expect(files.filter((file) => !file.startsWith(bundle))).toEqual([]);
    expect(files.length).toBeGreaterThan(0);
  });

  it("is found by import, by name", async () => {
    const found = await evaluate(
      "probe.mjs",
      `import { SnowflakeExportDestination, SnowflakeSecretSync } from "pulumi-snowflake-secrets";
       import { exportDestination, secretSync } from "pulumi-snowflake-secrets/provider";
       console.log(JSON.stringify([typeof SnowflakeSecretSync, typeof SnowflakeExportDestination,
         typeof secretSync.create, typeof exportDestination.create]));`,
    );
    expect(found).toEqual(["function", "function", "function", "function"]);
  });

  it("shows nothing of its inside", async () => {
    const code = await evaluate(
      "probe.cjs",
      `try { require("pulumi-snowflake-secrets/dist/provider/core/errors.js"); } catch (error) {
         console.log(JSON.stringify(error.code)); }`,
    );
    expect(code).toBe("ERR_PACKAGE_PATH_NOT_EXPORTED");
  });

  it("brings its command", async () => {
    const { stdout } = await runIn(project.folder, "npx", [
      "--no-install",
      "pulumi-snowflake-secrets",
      "--help",
    ]);
    expect(stdout).toContain("pulumi-snowflake-secrets");
  });

  it("is run by the engine, and a later release finds nothing to do and the same __provider", async () => {
    const up = await project.up();
    expect(up.code, up.output).toBe(0);
    expect(snowflake.control.secret(seed.database, seed.schema, "API_KEY")?.value).toBe(secretValue);
    const { destination } = await project.outputs();
    const stored = await aws.control.secret(String(destination));
    expect(JSON.parse(stored?.value ?? "{}")).toMatchObject({ password: seed.password });
    const before = await providerTexts();
    expect(before.map(({ type }) => type)).toEqual([
      "pulumi-nodejs:dynamic/snowflake:ExportDestination",
      "pulumi-nodejs:dynamic/snowflake:SnowflakeSecretSync",
    ]);
    for (const { text } of before) expect(Buffer.byteLength(text)).toBeLessThan(maxProviderBytes);

    await installRelease(await packNextRelease(folder), project.folder);
    const preview = await project.preview({ args: ["--expect-no-changes"] });
    expect(preview.code, preview.output).toBe(0);
    const again = await project.up();
    expect(again.code, again.output).toBe(0);
    expect(await providerTexts()).toEqual(before);

    const destroy = await project.destroy();
    expect(destroy.code, destroy.output).toBe(0);
    expect(snowflake.control.secrets(seed.database, seed.schema)).toEqual([]);
    expect((await aws.control.secret(String(destination)))?.deletedDate).toBeInstanceOf(Date);
    expect(project.findPlanted()).toEqual([]);
  });

  // By type: the state has them in the order in which they came up.
  async function providerTexts(): Promise<{ type: string; text: string }[]> {
    const resources = await project.state();
    return resources
      .map(({ type, inputs }) => ({ type, text: String(inputs?.__provider) }))
      .sort((a, b) => a.type.localeCompare(b.type));
  }
});
