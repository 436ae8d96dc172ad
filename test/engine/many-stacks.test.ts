import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type SnowflakeServer, startSnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { type CliRun, startCli } from "../support/cli/run-cli.js";
import { type InfisicalServer, startInfisicalServer } from "../support/infisical-server/index.js";
import { cloneStacks } from "../support/pulumi/clone-stacks.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { createProject, type PulumiProject } from "../support/pulumi/project.js";
import { buildConnectionEnv } from "../support/snowflake/connection-env.js";

const sharedSecret = randomUUID();
const values = plantValues("first", "second");

const program = `
const { SnowflakeSecretSync } = require("pulumi-snowflake-secrets");
new SnowflakeSecretSync("app", {
  environment: "dev",
  sources: [{ type: "infisical", projectId: process.env.PROJECT_ID, secretPath: "/app" }],
  destinationConfig: { database: "APP", schema: "SECRETS" },
  syncOptions: { initialSyncBehavior: "preserve-destination" },
});
`;

describe("auto-sync of many stacks", () => {
  let snowflake: SnowflakeServer;
  let infisical: InfisicalServer;
  let project: PulumiProject;
  let env: Record<string, string>;
  let run: CliRun | undefined;

  beforeEach(async () => {
    [snowflake, infisical] = await Promise.all([startSnowflakeServer(), startInfisicalServer()]);
    snowflake.control.createDatabase("APP");
    snowflake.control.createSchema("APP", "SECRETS");
    infisical.set("dev:/app", "API_KEY", values.first);
    env = {
      ...buildConnectionEnv(snowflake, snowflake.connection),
      ...infisical.env,
      PROJECT_ID: infisical.projectId,
    };
    project = await createProject({
      plants: [...Object.values(values), sharedSecret, infisical.clientSecret],
      snowflake: [snowflake],
      files: { "index.js": program },
      env,
    });
    const up = await project.up();
    expect(up.code, up.output).toBe(0);
  });
  afterEach(async () => {
    await run?.stop();
    project.stop();
    await Promise.all([snowflake.stop(), infisical.close()]);
  });

  const start = (args: readonly string[], more: Record<string, string> = {}) => {
    run = startCli(project, ["auto-sync", "--interval", "1s", "--log-level", "debug", ...args], {
      ...env,
      ...more,
    });
    return run;
  };
  const findOf = (of: CliRun, stack: string, event: string, from = 0) =>
    expect
      .poll(() => of.events.slice(from).some((each) => each.stack === stack && each.event === event), {
        timeout: 60_000,
        message: `${stack}: ${event}`,
      })
      .toBe(true);
  /** As an update of the engine leaves it when its machine dies. */
  const lock = (stack: string, pid: number) => {
    const folder = join(project.backendFolder, ".pulumi/locks/organization/test-project", stack);
    mkdirSync(folder, { recursive: true });
    const holder = { pid, username: "jo", hostname: hostname(), timestamp: new Date().toISOString() };
    writeFileSync(join(folder, "lock.json"), JSON.stringify(holder));
  };

  it("follows what appears and goes, in an environment of its own, and a locked stack delays no other", async () => {
    cloneStacks(project, ["one"]);
    // Beside the project, which is searched for what was planted.
    const folder = mkdtempSync(join(tmpdir(), "stack-environments-"));
    const envFile = join(folder, "stacks.env");
    const passphrase = "PULUMI_CONFIG_PASSPHRASE='a passphrase for tests'";
    const variables = Object.entries({ ...env, PULUMI_BACKEND_URL: `file://${project.backendFolder}` });
    const text = [...variables.map(([name, value]) => `${name}='${value}'`), passphrase].join("\n");
    writeFileSync(envFile, text, { mode: 0o600 });
    const entry = { projectDirectory: project.folder, stacks: "all", environmentFile: envFile };
    project.write("stacks.json", JSON.stringify({ stacks: [entry] }));
    // Nothing of the process leads to the stacks.
    const foreign = { PULUMI_CONFIG_PASSPHRASE: "another", INFISICAL_CLIENT_ID: "another" };
    const following = start(["--file", "stacks.json"], foreign);
    for (const stack of ["dev", "one"]) await findOf(following, stack, "unchanged");

    const dead = 2 ** 22 + 1;
    lock("one", dead);
    infisical.set("dev:/app", "API_KEY", values.second);
    await findOf(following, "dev", "synced");
    await findOf(following, "one", "waiting");
    const waiting = following.events.find(({ event }) => event === "waiting");
    expect(waiting?.message).toContain(
      `stack "one" is locked by an update that no longer runs: jo on ${hostname()}, process ${dead}, since `,
    );
    expect(waiting?.message).toContain("Fix: run `pulumi cancel --stack one`, then `pulumi up`.");
    expect(snowflake.control.secret("APP", "SECRETS", "API_KEY")?.value).toBe(values.second);

    rmSync(join(project.backendFolder, ".pulumi/stacks/test-project/one.json"));
    cloneStacks(project, ["two"]);
    await findOf(following, "one", "left");
    await findOf(following, "two", "unchanged");
    expect(await following.stop()).toBe(0);
    expect(project.countProcesses()).toBe(0);
    rmSync(folder, { recursive: true });
  });

  it("asks a shared source once for all, wakes the stack that a message names, and reads no state while idle", async () => {
    const names = ["one", "two", "three", "four"];
    cloneStacks(project, names);
    const secret = { AUTO_SYNC_WEBHOOK_SECRET: sharedSecret };
    const following = start(["--all", "--interval", "1h", "--listen", "0", "--monitor", "0"], secret);
    const { monitor } = await following.find("listening");
    const { url } = await following.find("listening", 1);
    for (const stack of ["dev", ...names]) await findOf(following, stack, "unchanged");

    const tell = (query: string, token: string) =>
      fetch(`${url}${query}`, { method: "POST", headers: { authorization: `Bearer ${token}` } });
    expect((await tell("", "wrong")).status).toBe(401);
    expect((await tell("?stack=nope", sharedSecret)).status).toBe(404);
    const before = infisical.listings;
    const from = following.events.length;
    expect((await tell("", sharedSecret)).status).toBe(202);
    for (const stack of ["dev", ...names]) await findOf(following, stack, "unchanged", from);
    expect(infisical.listings - before).toBe(1);

    expect((await fetch(`${monitor}readyz`)).status).toBe(200);
    const metrics = await (await fetch(`${monitor}metrics`)).text();
    expect(metrics).toContain(
      'auto_sync_looks_total{project="test-project",stack="four",outcome="unchanged"} 2',
    );
    expect(metrics).not.toContain("API_KEY");

    const later = following.events.length;
    expect((await tell("?stack=two", sharedSecret)).status).toBe(202);
    await findOf(following, "two", "unchanged", later);
    expect(following.events.slice(later).filter(({ event }) => event === "unchanged")).toHaveLength(1);
  });
});
