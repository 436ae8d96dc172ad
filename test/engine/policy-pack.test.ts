import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Aws, startAws } from "../support/aws/aws.js";
import { policyStarter } from "../support/docs/follow-in-shell.js";
import { projectFolder } from "../support/engine/engine.js";
import { inHosts } from "../support/nightly.js";
import type { CommandResult } from "../support/pulumi/command.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { type Stage, startStage } from "./stage.js";

const values = plantValues("secret", "password");
const pack = join(projectFolder, "examples/policy");

/** What breaks each rule, and what keeps it; a password in a variable is not seen. */
const broken = {
  database: "APP",
  options: "",
  connection: "{ password: process.env.SNOWFLAKE_PASSWORD }",
  store: "recoveryWindowInDays: 20",
};
const kept: typeof broken = {
  database: "ANALYTICS",
  options: 'keySchema: "APP_{{secretKey}}"',
  connection: "undefined",
  store: 'recoveryWindowInDays: 21, kmsKeyId: "alias/export"',
};

const settings = {
  "recovery-window": { minDays: 21 },
  "allowed-databases": { databases: ["ANALYTICS", "REPORTS"] },
};

describe.each(inHosts("plugin"))("examples/policy, by the %s host", (host) => {
  const folder = mkdtempSync(join(tmpdir(), "policy-config-"));
  const setting = { dynamic: "snowflake:password", plugin: "snowflake-secrets:password" }[host];
  let aws: Aws;
  let stage: Stage;

  beforeAll(async () => {
    aws = await startAws();
    stage = await startStage(host, values, { env: { ...aws.env, POLICY_PACK: pack } });
    writeFileSync(join(folder, "config.json"), JSON.stringify(settings));
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await Promise.all([stage?.stop(), aws?.stop()]);
  });

  /** A preview with the pack, and what its policies report, sorted. */
  async function preview({
    database,
    options,
    connection,
    store,
  }: typeof broken): Promise<CommandResult & { readonly reported: readonly string[] }> {
    stage.setProgram(`
new SnowflakeSecretSync("app", {
  secrets: { API_KEY: pulumi.secret(v.secret) },
  connection: ${connection},
  destinationConfig: { database: "${database}", schema: "SECRETS" },
  syncOptions: { initialSyncBehavior: "overwrite-destination", ${options} },
});
new ${host === "dynamic" ? "SnowflakeExportDestination" : "ExportDestination"}("bi", {
  organizationId: "acme",
  credentials: { account: "acme-prod", warehouse: "WH", database: "APP", username: "BI", password: v.password },
  aws: { ${store} },
});`);
    const args = ["--policy-pack", policyStarter, "--policy-pack-config", join(folder, "config.json")];
    const result = await stage.project.pulumi(["preview", "--non-interactive", ...args]);
    const reported = [...result.output.matchAll(/^ +((?:app|bi|default): .* Fix: .*)$/gm)];
    return { ...result, reported: reported.map(([, message = ""]) => message).sort() };
  }

  it("refuses each rule that is broken, with the resource, the property and a fix", async () => {
    await stage.project.setConfig(setting, values.password, "secret");
    const { code, reported, output } = await preview(broken);
    expect(code, output).not.toBe(0);
    expect(reported, output).toEqual([
      "app: connection.password is set. Fix: set connection.privateKey in place of connection.password.",
      "app: destinationConfig.database is not an allowed database. Fix: set destinationConfig.database to one of: ANALYTICS, REPORTS.",
      "app: syncOptions.maxRemovals is not set, and syncOptions.keySchema matches every name, so one update can drop every secret of the schema. Fix: set syncOptions.maxRemovals.",
      "bi: aws.kmsKeyId is not set. Fix: set aws.kmsKeyId to a KMS key of your own.",
      "bi: aws.recoveryWindowInDays is less than 21. Fix: set aws.recoveryWindowInDays to 21 or more.",
      {
        dynamic:
          "default: snowflake:password is set. Fix: set snowflake:privateKey in place of snowflake:password.",
        plugin: "default: password is set. Fix: set privateKey in place of password.",
      }[host],
    ]);
  });

  it("passes a stack that keeps them", async () => {
    await stage.project.removeConfig(setting);
    const { code, reported, output } = await preview(kept);
    expect(code, output).toBe(0);
    expect(reported).toEqual([]);
    expect(output).toContain("✅ snowflake-secrets@");
  });
});
