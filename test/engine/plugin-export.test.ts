import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type SnowflakeServer, startSnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { type Aws, startAws } from "../support/aws/aws.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { buildPluginLines, placePlugin } from "../support/pulumi/plugin.js";
import { createProject, type PulumiProject } from "../support/pulumi/project.js";
import { pluginSdk } from "./plugin-stage.js";

const passwords = plantValues("first", "next");
const username = "USER_OF_WAREHOUSE_B81";

describe("an export destination of the plugin", () => {
  let aws: Aws;
  let server: SnowflakeServer;
  let project: PulumiProject;
  const plugin = realpathSync(mkdtempSync(join(tmpdir(), "pulumi-plugin-")));

  beforeAll(async () => {
    [aws, server] = await Promise.all([startAws(), startSnowflakeServer()]);
    const { door } = server;
    door.createRole("EXPORT_ROLE");
    door.createDatabase("ANALYTICS");
    door.createWarehouse("EXPORT_WH");
    door.grant("USAGE", { database: "ANALYTICS" }, "EXPORT_ROLE");
    door.grant("USAGE", { warehouse: "EXPORT_WH" }, "EXPORT_ROLE");
    door.createUser({ name: username, password: passwords.first, roles: ["EXPORT_ROLE"] });
    placePlugin(plugin);
    const name = "exports";
    project = await createProject({
      name,
      plants: [...Object.values(passwords), username],
      snowflake: [server],
      files: {
        "Pulumi.yaml": `name: ${name}\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n${buildPluginLines(plugin)}`,
        "package.json": `${JSON.stringify({ name, version: "0.0.0", private: true, main: "index.js" })}\n`,
        "index.js": pluginSdk,
      },
      env: aws.env,
    });
  });
  afterAll(async () => {
    try {
      project?.stop();
    } finally {
      rmSync(plugin, { recursive: true, force: true });
      await Promise.all([server?.stop(), aws?.stop()]);
    }
  });

  const plugins = "ExportDestination";
  const dynamics = "dynamic.SnowflakeExportDestination";
  const aliases: Readonly<Record<string, string>> = {
    [plugins]: "pulumi-nodejs:dynamic/snowflake:ExportDestination",
    [dynamics]: "snowflake-secrets:index:SnowflakeExportDestination",
  };
  const setProgram = (kind: string, password: string, more = "") =>
    project.write(
      "index.js",
      `${pluginSdk}
new ${kind}("bi", {
  organizationId: "42",
  credentials: { account: "${server.account}", warehouse: "EXPORT_WH", database: "ANALYTICS", username: "${username}", password: ${JSON.stringify(password)} },
  validation: { endpoint: "${server.url}" },
  egressIpService: false,
  glue: { jobNames: [] },
  ${more}
}, { aliases: [{ type: "${aliases[kind]}" }] });
`,
    );
  const up = async () => {
    const { code, output } = await project.up();
    expect(code, output).toBe(0);
    return output;
  };
  const versions = async () => {
    const names = (await aws.door.secretNames()).filter((name) => !name.includes("/active/"));
    return Promise.all(
      names.map(async (name) => {
        const secret = await aws.door.secret(name);
        return [name, secret?.deletedDate === undefined, secret?.value];
      }),
    );
  };

  it("is previewed without a field that is secret, and created", async () => {
    setProgram(plugins, passwords.first);
    const preview = await project.preview();
    expect(preview.code, preview.output).toBe(0);
    expect(preview.output).toMatch(/credentialFingerprints\s*: \{\s+password: "[0-9a-f]{32}"/);
    expect(await aws.door.secretNames()).toEqual([]);
    const output = await up();
    expect(output).toContain("Validated, Connected");
    const [resource] = await project.state();
    expect(resource?.outputs).toMatchObject({ status: "Validated", integrationStatus: "Connected" });
    expect(await up()).toContain("2 unchanged");
  });

  it("moves to the dynamic resource and back, and nothing in AWS changes", async () => {
    const before = await versions();
    setProgram(dynamics, passwords.first);
    expect(await up()).toContain("1 updated");
    expect(await versions()).toEqual(before);
    const refresh = await project.refresh();
    expect(refresh.code, refresh.output).toBe(0);
    setProgram(plugins, passwords.first);
    expect(await up()).toContain("2 unchanged");
    expect(await versions()).toEqual(before);
  });

  it("is replaced by other credentials, and the preview shows only what changes", async () => {
    server.door.setPassword(username, passwords.next);
    setProgram(plugins, passwords.next);
    const preview = await project.preview();
    expect(preview.code, preview.output).toBe(0);
    expect(preview.output).toMatch(/~ password: "[0-9a-f]{32}" => "[0-9a-f]{32}"/);
    expect(preview.output).not.toMatch(/^ *- statusHistory/m);
    expect(await up()).toContain("1 replaced");
    expect((await versions()).filter(([, isLive]) => isLive)).toHaveLength(1);
  });

  it("is imported by its id, and its next up needs the credentials", async () => {
    const before = await versions();
    const [{ urn = "", id = "" } = {}] = await project.state();
    await project.pulumi(["state", "delete", urn, "--yes", "--non-interactive"]);
    const type = "snowflake-secrets:index:SnowflakeExportDestination";
    const importAs = (wanted: string) =>
      project.pulumi([
        ...["import", type, "bi", wanted, "--yes", "--protect=false", "--generate-code=false"],
        ...["--non-interactive", "--color", "never", "--skip-preview"],
      ]);
    const unknown = await importAs("no-such-id");
    expect(unknown.output).toContain("there is no such export destination");
    const imported = await importAs(id);
    expect(imported.code, imported.output).toBe(0);
    expect(imported.output).toContain("the next up needs them");
    expect(await versions()).toEqual(before);

    setProgram(plugins, passwords.next);
    expect(await up()).toContain("1 replaced");
    expect((await versions()).filter(([, isLive]) => isLive)).toHaveLength(1);
    expect(await up()).toContain("2 unchanged");
  });

  it("is disconnected by destroy", async () => {
    const { code, output } = await project.destroy();
    expect(code, output).toBe(0);
    expect((await versions()).filter(([, isLive]) => isLive)).toEqual([]);
  });
});
