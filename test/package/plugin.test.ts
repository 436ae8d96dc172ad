import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Aws, startAws } from "../support/aws/aws.js";
import { projectFolder } from "../support/engine/engine.js";
import { languageFolders } from "../support/engine/languages.js";
import { installRelease, packRelease, type Release, runIn } from "../support/package-install.js";
import { type Postgres, startPostgres } from "../support/postgres/postgres.js";
import { type LanguageStage, startLanguageStage } from "../support/pulumi/language-stage.js";

const secretValue = "Geheim-im-Plugin-4e8";

describe("the plugin of the npm package, installed into an empty project", () => {
  let folder: string;
  let release: Release;
  let aws: Aws;
  let stage: LanguageStage;

  beforeAll(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "plugin-test-")));
    [aws, release] = await Promise.all([startAws(), packRelease(folder)]);
    stage = await startLanguageStage({
      name: "installed",
      plants: [secretValue],
      ownPackages: true,
      files: {
        "Pulumi.yaml": `name: installed
runtime: { name: nodejs, options: { typescript: false } }
plugins: { providers: [{ name: snowflake-secrets, path: node_modules/pulumi-snowflake-secrets/dist/plugin }] }
`,
        ".env": "FROM_FILE=a-default\n",
        "index.js": `
const { SnowflakeSecretSync, SnowflakeExportDestination } = require("pulumi-snowflake-secrets/plugin");
new SnowflakeSecretSync("app", {
  sources: [{ type: "dotenv" }],
  secrets: { API_KEY: process.env.TEST_SECRET },
  destinationConfig: { database: "APP", schema: "SECRETS" },
  syncOptions: { initialSyncBehavior: "preserve-destination" },
});
exports.destination = new SnowflakeExportDestination("bi", {
  organizationId: "acme",
  credentials: {
    account: process.env.SNOWFLAKE_ACCOUNT, warehouse: "WH", database: "APP",
    username: process.env.SNOWFLAKE_USER, password: process.env.SNOWFLAKE_PASSWORD, role: process.env.SNOWFLAKE_ROLE,
  },
  egressIpService: false,
  validation: { endpoint: process.env.TEST_SNOWFLAKE },
}).secretName;
`,
      },
      env: { ...aws.env, TEST_SECRET: secretValue },
    });
    await installRelease(release, stage.project.folder);
  });
  afterAll(async () => {
    await stage?.stop();
    await aws?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("is run by the engine, with what it loads only when it is needed", async () => {
    const env = { TEST_SNOWFLAKE: stage.server.url };
    const up = await stage.project.up({ env });
    expect(up.code, up.output).toBe(0);
    expect(stage.held()).toEqual({ API_KEY: secretValue, FROM_FILE: "a-default" });
    const { destination } = await stage.project.outputs();
    const stored = await aws.control.secret(String(destination));
    expect(JSON.parse(stored?.value ?? "{}")).toMatchObject({ password: stage.seed.password });
    const destroy = await stage.project.destroy({ env });
    expect(destroy.code, destroy.output).toBe(0);
    expect(stage.held()).toEqual({});
  });

  it("brings the licences of what is bundled, and starters for both kinds of systems", () => {
    const plugin = join(stage.project.folder, "node_modules/pulumi-snowflake-secrets/dist/plugin");
    const licences = readFileSync(join(plugin, "THIRD-PARTY-LICENSES.txt"), "utf8");
    for (const name of ["snowflake-sdk", "@grpc/grpc-js", "@aws-sdk/client-secrets-manager", "zod", "pg"]) {
      expect(licences).toMatch(new RegExp(`^${name} \\d\\S+ \\(`, "m"));
    }
    // Windows is not among what runs the tests: what its starter says is all that is seen of it.
    const starter = readFileSync(join(plugin, "pulumi-resource-snowflake-secrets.cmd"), "utf8");
    expect(starter).toBe('@node "%~dp0plugin.cjs" %*\r\n');
    expect(existsSync(join(plugin, "plugin.cjs"))).toBe(true);
  });
});

describe("the plugin of a release", () => {
  const { version, dependencies } = JSON.parse(readFileSync(join(projectFolder, "package.json"), "utf8")) as {
    version: string;
    dependencies: Readonly<Record<string, string>>;
  };
  let postgres: Postgres;
  let aws: Aws;
  let stage: LanguageStage;

  beforeAll(async () => {
    await runIn(projectFolder, process.execPath, ["test/support/bootstrap.mjs", "plugin"]);
    [postgres, aws] = await Promise.all([startPostgres(), startAws()]);
    stage = await startLanguageStage({
      name: "released",
      plants: [secretValue, postgres.password],
      files: {
        "Pulumi.yaml": `name: released
runtime: yaml
config:
  value: { type: string, secret: true }
  password: { type: string, secret: true }
resources:
  app:
    type: snowflake-secrets:SnowflakeSecretSync
    properties:
      secrets: { API_KEY: "\${value}" }
      destinationConfig: { database: APP, schema: SECRETS }
      syncOptions: { initialSyncBehavior: preserve-destination }
  pg:
    type: snowflake-secrets:ExportDestination
    properties:
      organizationId: acme
      credentials:
        type: postgresql
        host: ${postgres.host}
        port: ${postgres.port}
        database: ${postgres.database}
        username: ${postgres.user}
        password: "\${password}"
        sslMode: disable
      egressIpService: false
`,
      },
      env: aws.env,
    });
    await stage.project.setConfig("value", secretValue, "secret");
    await stage.project.setConfig("password", postgres.password, "secret");
  });
  afterAll(async () => {
    await stage?.stop();
    await Promise.all([postgres?.stop(), aws?.stop()]);
  });

  const os = { linux: "linux", darwin: "darwin", win32: "windows" }[process.platform as "linux"];
  const machine = { x64: "amd64", arm64: "arm64" }[process.arch as "x64"];
  const tarball = `pulumi-resource-snowflake-secrets-v${version}-${os}-${machine}.tar.gz`;
  const manage = async (...args: string[]) => {
    const { code, output } = await stage.project.pulumi(["plugin", ...args]);
    expect(code, output).toBe(0);
    return output;
  };

  it("is fetched from a server that keeps the tarballs, by hand and where an SDK names it", async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? "");
      if (request.url === `/${tarball}`) response.end(readFileSync(join(projectFolder, "release", tarball)));
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      await manage("install", "resource", "snowflake-secrets", version, "--server", url);
      expect(asked).toEqual([`/${tarball}`]);
      expect(await manage("ls")).toContain(`snowflake-secrets  resource  ${version}`);
      await manage("rm", "resource", "snowflake-secrets", "--yes");

      const options = `    options: { version: ${version}, pluginDownloadURL: "${url}" }\n`;
      const text = readFileSync(join(stage.project.folder, "Pulumi.yaml"), "utf8");
      stage.project.write(
        "Pulumi.yaml",
        text.replace(/( {4}type: snowflake-secrets:\w+\n)/g, `$1${options}`),
      );
      const env = { PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "false" };
      const preview = await stage.project.preview({ env });
      expect(preview.code, preview.output).toBe(0);
      expect(asked.slice(1)).toContain(`/${tarball}`);
      stage.project.write("Pulumi.yaml", text);
      await manage("rm", "resource", "snowflake-secrets", "--yes");
    } finally {
      server.close();
    }
  });

  it("is installed from its tarball, and then found by a project that says nothing of it", async () => {
    const missing = await stage.project.preview();
    expect(missing.code).not.toBe(0);

    await manage(
      ...["install", "resource", "snowflake-secrets", version],
      ...["--file", join(projectFolder, "release", tarball)],
    );

    const up = await stage.project.up();
    expect(up.code, up.output).toBe(0);
    expect(stage.held()).toEqual({ API_KEY: secretValue });

    const { id = "" } = (await stage.project.state()).find(({ type }) => type.endsWith("Destination")) ?? {};
    const otherKind = await stage.project.pulumi([
      ...["import", "snowflake-secrets:index:SnowflakeExportDestination", "other", id],
      ...["--yes", "--generate-code=false", "--skip-preview", "--non-interactive", "--color", "never"],
    ]);
    expect(otherKind.code, otherKind.output).not.toBe(0);
    expect(otherKind.output).toContain("of type postgresql, not snowflake");

    const destroy = await stage.project.destroy();
    expect(destroy.code, destroy.output).toBe(0);
  });

  const release = (file: string) => readFileSync(join(projectFolder, "release", file));

  it("has the checksums of its archives, the schema, and a list of what users install", () => {
    const sums = String(release(`pulumi-snowflake-secrets_${version}_checksums.txt`))
      .trim()
      .split("\n");
    const files = sums
      .map((line) => line.split("  "))
      .map(([sum, file = ""]) => {
        expect(createHash("sha256").update(release(file)).digest("hex"), file).toBe(sum);
        return file;
      });
    const bill = `pulumi-resource-snowflake-secrets-v${version}.cdx.json`;
    expect(files).toEqual(expect.arrayContaining([tarball, bill, "schema.json"]));
    const { bomFormat, components } = JSON.parse(String(release(bill))) as {
      bomFormat: string;
      components: readonly { name: string }[];
    };
    expect(bomFormat).toBe("CycloneDX");
    const names = components.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining([...Object.keys(dependencies), "@pulumi/pulumi"]));
    expect(names).not.toContain("vitest");
  });

  it("says nothing of the machine that built it", async () => {
    const folder = join(stage.project.folder, "opened");
    mkdirSync(folder);
    await runIn(folder, "tar", ["-xzf", join(projectFolder, "release", tarball)]);
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    const naming = files.filter((entry) => {
      const file = join(entry.parentPath, entry.name);
      expect(statSync(file).mtimeMs, entry.name).toBe(0);
      return readFileSync(file, "utf8").includes(projectFolder);
    });
    expect(naming.map(({ name }) => name)).toEqual([]);
    expect(files.length).toBeGreaterThan(5);
  });

  it("has the SDK of Python ready for its registry, and that of Go as a module", async () => {
    await runIn(projectFolder, process.execPath, ["test/support/bootstrap.mjs", "sdks"]);
    const [, bin = ""] = languageFolders;
    const flags = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-build-isolation"];
    const source = join(projectFolder, "release/sdk/python");
    await runIn(stage.project.folder, join(bin, "python"), ["-m", "pip", "wheel", ...flags, source]);
    expect(readdirSync(stage.project.folder)).toContain(
      `pulumi_snowflake_secrets-${version}-py3-none-any.whl`,
    );
    expect(String(release("sdk/go/go.mod"))).toContain("module pulumi-snowflake-secrets/sdk/go\n");
  });

  it("tells its schema", async () => {
    const { code, stdout, output } = await stage.project.pulumi([
      "package",
      "get-schema",
      "snowflake-secrets",
    ]);
    expect(code, output).toBe(0);
    const told = JSON.parse(stdout) as {
      resources: Record<string, { description: string }>;
      version: string;
    };
    const schema = JSON.parse(String(release("schema.json"))) as typeof told;
    expect(told.version).toBe(version);
    expect(Object.keys(told.resources).sort()).toEqual(Object.keys(schema.resources).sort());
    for (const [token, { description }] of Object.entries(told.resources)) {
      expect(description).toBe(schema.resources[token]?.description);
    }
  });

  it("names its version in a fault of its own, far from any package", async () => {
    const plugin = join(stage.project.folder, "alone");
    mkdirSync(plugin);
    await runIn(plugin, "tar", ["-xzf", join(projectFolder, "release", tarball)]);
    const call = `require("./provider.cjs").secretSync.diff("", null, null).catch((e) => console.log(e.message))`;
    const { stdout } = await runIn(plugin, process.execPath, ["-e", call]);
    expect(stdout).toContain(`failed unexpectedly (pulumi-snowflake-secrets ${version}, TypeError)`);
  });
});
