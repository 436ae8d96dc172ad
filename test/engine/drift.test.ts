import { readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type SnowflakeServer, seedDemo, startSnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { type Aws, startAws } from "../support/aws/aws.js";
import { runCliAsPerson } from "../support/cli/run-cli.js";
import { projectFolder } from "../support/engine/engine.js";
import { inHosts } from "../support/nightly.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { createProject, type PulumiProject } from "../support/pulumi/project.js";
import { seedWarehouse } from "../support/snowflake/export-warehouse.js";
import { buildNodeProject, heads } from "./stage.js";

const v = plantValues("value");
const schema = '"APP"."SECRETS"';
const destinations = { dynamic: "SnowflakeExportDestination", plugin: "ExportDestination" } as const;
/** Whose config a host connects with. */
const packages = { dynamic: "snowflake", plugin: "snowflake-secrets" } as const;

describe.each(inHosts("plugin"))("the report of drift (%s)", (host) => {
  let snowflake: SnowflakeServer;
  let aws: Aws;
  let project: PulumiProject;
  let env: Record<string, string>;
  let role: string;

  const run = async (...args: readonly string[]) => {
    snowflake.control.resetCounts();
    aws.forgetCalls();
    return runCliAsPerson(project, ["drift", ...args], env);
  };
  const runJson = async (...args: readonly string[]) => {
    const { code, screen } = await run(...args, "--json");
    return { code, report: JSON.parse(screen) as Report };
  };
  const pulumi = async (...args: string[]) => {
    const { code, output } = await project.pulumi(args);
    expect(code, output).toBe(0);
  };
  const findState = (stack: string) => join(project.backendFolder, `.pulumi/stacks/shop/${stack}.json`);

  beforeAll(async () => {
    [snowflake, aws] = await Promise.all([startSnowflakeServer(), startAws()]);
    const seed = seedDemo(snowflake.control);
    role = seed.role;
    const credentials = seedWarehouse(snowflake);
    const { type: _, ...warehouse } = credentials;
    // The password by the environment, where no copy of a config needs its key.
    env = { ...aws.env, SNOWFLAKE_PASSWORD: seed.password };
    project = await createProject({
      name: "shop",
      plants: [v.value, seed.password, credentials.password],
      snowflake: [snowflake],
      files: {
        "Pulumi.yaml": buildNodeProject("shop"),
        "index.js": `${heads[host]}
const stack = pulumi.getStack();
const sync = (name) => new SnowflakeSecretSync(name, {
  secrets: { [stack + "_" + name + "_1"]: ${JSON.stringify(v.value)}, [stack + "_" + name + "_2"]: ${JSON.stringify(v.value)} },
  destinationConfig: { database: "APP", schema: "SECRETS" },
  syncOptions: { initialSyncBehavior: "preserve-destination" },
});
sync("app");
if (stack === "dev") {
  sync("extra");
  new ${destinations[host]}("bi", {
    organizationId: "42",
    credentials: ${JSON.stringify(warehouse)},
    validation: { endpoint: "${snowflake.url}" },
    egressIpService: false,
    glue: { jobNames: [] },
  });
}
`,
      },
      env,
    });
    for (const [name, value] of Object.entries({
      account: snowflake.account,
      user: seed.username,
      role: seed.role,
      host: snowflake.host,
      port: String(snowflake.port),
      protocol: "http",
    })) {
      await project.setConfig(`${packages[host]}:${name}`, value);
    }
    await pulumi("up", "--yes", "--skip-preview", "--non-interactive");
    for (const stack of ["two", "old"]) {
      await pulumi("stack", "init", stack, "--copy-config-from", "dev", "--no-select", "--non-interactive");
      await pulumi("up", "--yes", "--skip-preview", "--non-interactive", "--stack", stack);
    }
  });
  afterAll(async () => {
    try {
      project?.stop();
    } finally {
      await Promise.all([snowflake?.stop(), aws?.stop()]);
    }
  });

  it("finds none after an up, and asks a schema once for all stacks that share it, by one log-in", async () => {
    const before = readFileSync(findState("dev"), "utf8");
    const { code, report } = await runJson("--all");
    expect(code, JSON.stringify(report)).toBe(0);
    expect(report.summary).toEqual({ stacks: 3, unreadStacks: 0, ok: 5, drift: 0, skipped: 0, failed: 0 });
    const statements = snowflake.control.statements().map(({ sql }) => sql);
    expect(statements.filter((sql) => sql.startsWith("SHOW"))).toEqual([`SHOW SECRETS IN SCHEMA ${schema}`]);
    // Who the session is.
    expect(statements.filter((sql) => !sql.startsWith("SHOW"))).toEqual([
      expect.stringMatching(/^SELECT CURRENT_ACCOUNT/),
    ]);
    expect(snowflake.control.counts().logins).toBe(1);
    expect(report.schemas).toEqual([
      {
        account: "AWS_EU_WEST_1.XY12345",
        database: "APP",
        schema: "SECRETS",
        owners: ["dev: app", "dev: extra", "old: app", "two: app"].map((label) => {
          const name = label.replace(": ", "_");
          return expect.objectContaining({
            ownership: "managed",
            syncs: [`shop/${label}`],
            secrets: [`${name}_1`, `${name}_2`],
          });
        }),
      },
    ]);
    expect(readFileSync(findState("dev"), "utf8")).toBe(before);
  });

  it("tells what differs, who owns what, and what it cannot know, and CI reads it", async () => {
    const { control } = snowflake;
    control.dropSecret("APP", "SECRETS", "two_app_1");
    control.putSecret({ database: "APP", schema: "SECRETS", name: "BY_HAND", value: "x", owner: role });
    const [stored = ""] = (await aws.control.secretNames()).filter((name) => !name.includes("/active/"));
    await aws.control.putValue(stored, "changed by hand");
    const resources = (await project.state()) as readonly { readonly urn: string }[];
    const extra = resources.find(({ urn }) => urn.endsWith("::extra"));
    await pulumi("state", "delete", String(extra?.urn), "--yes", "--stack", "dev");
    await pulumi("stack", "rm", "old", "--force", "--yes");

    const page = readFileSync(join(projectFolder, "docs/command-line.md"), "utf8");
    const [, args = ""] = /run: npx pulumi-snowflake-secrets drift (.*)/.exec(page) ?? [];
    const { code, screen } = await run(...args.split(" "));
    expect(code, screen).toBe(4);
    expect(
      screen
        .replaceAll(/_[0-9a-f]{16}-\d\b/g, "_<id>")
        .trimEnd()
        .split("\n"),
    ).toEqual([
      "shop/dev",
      `  ok      sync app: ${schema}`,
      "  DRIFT   destination bi: exports/org_42/bi_<id>",
      "          the secret's current version is not the one that was stored: somebody",
      "          changed the value",
      "",
      "shop/two",
      `  DRIFT   sync app: ${schema}`,
      `          drift in ${schema}: "two_app_1" is missing (dropped, or now`,
      "          owned by a role this connection cannot see). `pulumi up` creates it",
      "          again.",
      "",
      `${schema} of account AWS_EU_WEST_1.XY12345`,
      "  managed by shop/dev: app (2)",
      "  managed by shop/two: app (1)",
      "  orphaned: the stack of organization/shop/dev/extra no longer has this sync",
      '    (2): "dev_extra_1", "dev_extra_2"',
      "  of organization/shop/old/app, a stack that this backend does not have (2):",
      '    "old_app_1", "old_app_2"',
      '  unmanaged: no ownership comment (1): "BY_HAND"',
      "",
      "2 stacks: 2 resources have drift.",
    ]);
    const junit = readFileSync(join(project.folder, "drift.xml"), "utf8");
    expect(junit).toContain('<testsuite name="shop/two" tests="1" failures="1" errors="0" skipped="0">');
    expect(junit).toContain('<testcase classname="shop/two" name="sync app"><failure message="drift in');
    expect(control.statements().filter(({ sql }) => sql.startsWith("SHOW"))).toHaveLength(1);
  });

  it("takes a stack that it did not look at for unknown, and one that fails hides no other", async () => {
    const { code, report } = await runJson("--stack", "dev", "--stack", "nope");
    expect(code).toBe(1);
    const [dev, nope] = report.stacks;
    expect(dev?.resources.map(({ name, status }) => `${name} ${status}`)).toEqual(["app ok", "bi drift"]);
    expect(nope?.error).toMatchObject({
      code: "NOT_FOUND",
      message: expect.stringContaining('stack "nope"'),
    });
    const because = report.schemas[0]?.owners.map((owner) => owner.because ?? owner.ownership);
    expect(because).toEqual([
      "managed",
      "orphaned",
      "stack old was not looked at",
      "stack two was not looked at",
      "unmanaged",
    ]);

    const config = readFileSync(join(project.folder, "Pulumi.two.yaml"), "utf8");
    project.write("Pulumi.two.yaml", "config: [");
    const broken = await runJson("--all");
    project.write("Pulumi.two.yaml", config);
    expect(broken.code).toBe(1);
    expect(broken.report.stacks.map(({ error }) => error?.code)).toEqual([undefined, "ENGINE_FAILED"]);
    expect(JSON.stringify(broken.report.schemas)).toContain("stack two could not be read");
  });

  it("does not take for drift what an update writes meanwhile", async () => {
    const state = JSON.parse(readFileSync(findState("two"), "utf8"));
    const [{ urn, type }] = state.checkpoint.latest.resources.slice(-1);
    state.checkpoint.latest.pending_operations = [
      { resource: { urn, custom: true, type }, type: "updating" },
    ];
    renameSync(findState("two"), `${findState("two")}.aside`);
    project.write("updating", JSON.stringify(state));
    renameSync(join(project.folder, "updating"), findState("two"));
    const { code, report } = await runJson("--stack", "two");
    renameSync(`${findState("two")}.aside`, findState("two"));
    expect(code).toBe(1);
    expect(report.stacks[0]?.error).toMatchObject({ code: "TIMED_OUT", retryable: true });
  });

  it("refuses what auto-sync refuses, before it looks", async () => {
    const refuse = async (...args: string[]) => {
      const { code, screen } = await run(...args);
      expect(snowflake.control.counts().logins).toBe(0);
      return `${code} ${screen}`;
    };
    expect(await refuse()).toMatch(/^2 \[INVALID_INPUT\] no stack is chosen/);
    expect(await refuse("--stack", "dev", "--stack", "organization/shop/dev")).toMatch(
      /^2 \[INVALID_INPUT\] two names mean one stack/,
    );
    expect(await refuse("--all", "--project-dir", "nowhere")).toMatch(
      /^1 \[NOT_FOUND\] no Pulumi.yaml found/,
    );
    expect(await refuse("--all", "--junit", "nowhere/report.xml")).toMatch(
      /^2 \[INVALID_INPUT\] cannot write the file \(ENOENT\): --junit nowhere\/report.xml\. Fix: /,
    );
  });
});

interface Report {
  readonly stacks: readonly {
    readonly stack: string;
    readonly error?: { readonly code: string };
    readonly resources: readonly { readonly name: string; readonly status: string }[];
  }[];
  readonly schemas: readonly {
    readonly owners: readonly { readonly ownership: string; readonly because?: string }[];
  }[];
  readonly summary: unknown;
}
