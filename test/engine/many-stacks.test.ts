import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { type CliRun, startCli } from "../support/cli/run-cli.js";
import { type FollowedProject, startFollowedProject } from "../support/followed-project.js";
import type { InfisicalServer } from "../support/infisical-server/index.js";
import { cloneStacks } from "../support/pulumi/clone-stacks.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import type { PulumiProject } from "../support/pulumi/project.js";

const sharedSecret = randomUUID();
const values = plantValues("first", "second");

describe("auto-sync of many stacks", () => {
  let snowflake: SnowflakeServer;
  let infisical: InfisicalServer;
  let project: PulumiProject;
  let env: FollowedProject["env"];
  let stage: FollowedProject;
  let run: CliRun | undefined;

  beforeEach(async () => {
    stage = await startFollowedProject({
      secrets: { API_KEY: values.first },
      plants: [...Object.values(values), sharedSecret],
    });
    ({ snowflake, infisical, project, env } = stage);
    const up = await project.up();
    expect(up.code, up.output).toBe(0);
  });
  afterEach(async () => {
    await run?.stop();
    await stage.stop();
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

  it("follows what appears and goes, in an environment of its own, and a locked stack delays no other", async () => {
    cloneStacks(project, ["one"]);
    const envFile = stage.writeEnvironment("stacks", env);
    const entry = { projectDirectory: project.folder, stacks: "all", environmentFile: envFile };
    project.write("stacks.json", JSON.stringify({ stacks: [entry] }));
    // Nothing of the process leads to the stacks.
    const foreign = { PULUMI_CONFIG_PASSPHRASE: "another", INFISICAL_CLIENT_ID: "another" };
    const following = start(["--file", "stacks.json"], foreign);
    for (const stack of ["dev", "one"]) await findOf(following, stack, "unchanged");

    const dead = 2 ** 22 + 1;
    stage.lock("one", dead);
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
