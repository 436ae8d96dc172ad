import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { type CliRun, startCli } from "../support/cli/run-cli.js";
import { type FollowedProject, startFollowedProject } from "../support/followed-project.js";
import type { InfisicalServer } from "../support/infisical-server/index.js";
import { isNightly } from "../support/nightly.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import type { PulumiProject } from "../support/pulumi/project.js";
import { buildConnectionEnv } from "../support/snowflake/connection-env.js";
import { runKilled, type Stage, startStage } from "./stage.js";

const values = plantValues("first", "second", "third", "old", "new", "program", "older", "hidden", "webhook");

interface ProgramParts {
  readonly more?: string;
  readonly args?: string;
  readonly programValue?: string;
  readonly options?: string;
}

function buildProgram({
  more = "",
  args = "",
  programValue = values.program,
  options = "{}",
}: ProgramParts = {}): string {
  return `
const { SnowflakeSecretSync } = require("pulumi-snowflake-secrets");
const app = new SnowflakeSecretSync("app", {
  environment: "dev",
  sources: [{ type: "infisical", projectId: process.env.PROJECT_ID, secretPath: "/app" }],
  secrets: { PROGRAM: ${JSON.stringify(programValue)} },
  destinationConfig: { database: "APP", schema: "SECRETS" },
  syncOptions: { initialSyncBehavior: "preserve-destination" },
  ${args}
}, ${options});
${more}
exports.status = app.syncStatus;
exports.lastSyncedAt = app.lastSyncedAt;
`;
}

describe("auto-sync", () => {
  let snowflake: SnowflakeServer;
  let infisical: InfisicalServer;
  let project: PulumiProject;
  let env: FollowedProject["env"];
  let stage: FollowedProject;
  const runs: CliRun[] = [];

  beforeEach(async () => {
    stage = await startFollowedProject({
      secrets: { API_KEY: values.first, OLD: values.old },
      plants: Object.values(values),
      program: buildProgram(),
    });
    ({ snowflake, infisical, project, env } = stage);
  });
  afterEach(async () => {
    await Promise.all(runs.splice(0).map((run) => run.stop()));
    await stage.stop();
  });

  const deploy = async () => {
    const up = await project.up();
    expect(up.code, up.output).toBe(0);
    snowflake.control.resetCounts();
  };
  const start = (args: readonly string[], more: Record<string, string> = {}): CliRun => {
    const shown = args[0] === "auto-sync" ? ["--log-level", "debug"] : [];
    const run = startCli(project, [...args, ...shown, "--stack", "dev"], { ...env, ...more });
    runs.push(run);
    return run;
  };
  const readValue = (name: string) => snowflake.control.secret("APP", "SECRETS", name)?.value;

  it("costs nothing on Snowflake while nothing changes, then carries changed, new and removed keys over", async () => {
    await deploy();
    const run = start(["auto-sync", "--interval", "1s"]);
    await run.find("unchanged");
    await run.find("unchanged", run.events.length);
    expect(snowflake.control.counts()).toMatchObject({ logins: 0, statements: 0 });

    infisical.set("dev:/app", "API_KEY", values.second);
    infisical.set("dev:/app", "NEW", values.new);
    infisical.remove("dev:/app", "OLD");
    expect(await run.find("synced")).toMatchObject({
      syncs: ["app"],
      changes: "app: ~ API_KEY, + NEW, - OLD",
    });
    expect([readValue("API_KEY"), readValue("NEW"), readValue("OLD"), readValue("PROGRAM")]).toEqual([
      values.second,
      values.new,
      undefined,
      values.program,
    ]);

    await run.find("unchanged", run.events.length);
    expect(await run.stop()).toBe(0);
    expect(run.events.at(-1)).toMatchObject({ event: "stopped" });
    for (const value of [values.first, values.second, values.new, values.program, infisical.clientSecret]) {
      expect(run.output).not.toContain(value);
    }
    expect(project.searchEverything([values.second])).toEqual([]);
  });

  it("acts on a signed webhook at once, and on no other", async () => {
    // What a program learns of where it runs must be as in the last `up`, or the guard would refuse.
    const program = buildProgram({
      more: `
const pulumi = require("@pulumi/pulumi");
const config = new pulumi.Config();
exports.place = [pulumi.getProject(), pulumi.getStack(), pulumi.getOrganization(), process.cwd()];
exports.config = [config.require("plain"), config.requireSecret("hidden")];
`,
    });
    project.write("index.js", program);
    await project.setConfig("plain", "shown");
    await project.setConfig("hidden", values.hidden, "secret");
    await deploy();

    const secretKey = values.webhook;
    const run = start(["auto-sync", "--interval", "1h", "--listen", "0"], {
      INFISICAL_WEBHOOK_SECRET: secretKey,
    });
    const { url } = await run.find("listening");
    await run.find("unchanged");
    infisical.set("dev:/app", "API_KEY", values.second);
    expect(await infisical.sendWebhook(String(url), "another key")).toBe(401);
    expect(await infisical.sendWebhook(String(url), secretKey, { timestamp: Date.now() - 3_600_000 })).toBe(
      401,
    );
    expect(run.events.filter(({ event }) => event === "unchanged")).toHaveLength(1);

    const tellOfChange = async (event: string) => {
      const from = run.events.length;
      expect(await infisical.sendWebhook(String(url), secretKey, { secretPath: "/app" })).toBe(202);
      return run.find(event, from);
    };
    await tellOfChange("synced");
    expect(readValue("API_KEY")).toBe(values.second);

    // The program and its errors are those of the moment.
    infisical.set("dev:/app", "API_KEY", values.third);
    project.write("index.js", `${program} exports.version = "other";`);
    expect(await tellOfChange("refused")).toMatchObject({
      excess: ["test-project-dev: output version differs from the last deployment"],
    });
    project.write("index.js", buildProgram({ args: "description: 5," }));
    expect(await tellOfChange("failed")).toMatchObject({
      message: expect.stringContaining("description"),
    });
    expect(readValue("API_KEY")).toBe(values.second);
    project.write("index.js", program);
    await tellOfChange("synced");
    expect(readValue("API_KEY")).toBe(values.third);

    expect(await run.stop()).toBe(0);
    expect(project.countProcesses()).toBe(0);
    for (const value of [values.first, values.second, values.third, values.hidden, infisical.clientSecret]) {
      expect(run.output).not.toContain(value);
    }
    expect(project.searchEverything([values.second, values.third])).toEqual([]);
  });

  it("leaves no process behind when it cannot listen, or is killed", async () => {
    await deploy();
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as AddressInfo;
    const webhook = { INFISICAL_WEBHOOK_SECRET: values.webhook };
    const refused = start(["auto-sync", "--listen", String(port)], webhook);
    expect(await refused.exited).toBe(2);
    expect(refused.output).toContain(`the port is in use: 127.0.0.1:${port}. Fix: `);
    expect(project.countProcesses()).toBe(0);
    taken.close();

    const killed = start(["auto-sync", "--listen", "0"], webhook);
    await killed.find("unchanged");
    killed.kill();
    await killed.exited;
    await expect.poll(() => project.countProcesses(), { timeout: 30_000 }).toBe(0);
  });

  it("refuses to roll back anything that another checkout has otherwise", async () => {
    await deploy();
    infisical.set("dev:/app", "API_KEY", values.second);
    project.write(
      "index.js",
      buildProgram({
        programValue: values.older,
        // The connection is a secret argument: its value is shown nowhere, and that it differs is seen all the same.
        args: 'description: "older", connection: { warehouse: "W" },',
        more: 'exports.version = "older";',
      }),
    );
    const run = start(["auto-sync", "--interval", "1s"]);
    const { excess } = await run.find("refused");
    expect([...(excess as string[])].sort()).toEqual([
      "app: connection differs from the last deployment",
      "app: description differs from the last deployment",
      "app: secrets.PROGRAM has another value in the program, which only `pulumi up` writes",
      "test-project-dev: output version differs from the last deployment",
    ]);
    expect(await run.stop()).toBe(0);
    expect(readValue("API_KEY")).toBe(values.first);

    project.write("index.js", buildProgram());
    const again = start(["auto-sync", "--interval", "1s"]);
    await again.find("synced");
    expect([readValue("API_KEY"), readValue("PROGRAM")]).toEqual([values.second, values.program]);
    await again.stop();
  });

  it("leaves other resources of the program alone", async () => {
    await deploy();
    project.write(
      "index.js",
      buildProgram({
        more: `new SnowflakeSecretSync("other", { secrets: { X: "x" }, destinationConfig: { database: "APP", schema: "PUBLIC" }, syncOptions: { initialSyncBehavior: "preserve-destination" } });`,
      }),
    );
    infisical.set("dev:/app", "API_KEY", values.second);
    const run = start(["auto-sync", "--interval", "1s"]);
    await run.find("synced");
    await run.stop();
    expect(readValue("API_KEY")).toBe(values.second);
    expect((await project.state()).map(({ urn }) => urn.split("::").at(-1))).toEqual(["app"]);
  });

  it("ends at once when there is no such stack", async () => {
    const run = startCli(project, ["auto-sync", "--stack", "nope", "--interval", "1s"], env);
    runs.push(run);
    expect(await run.exited).toBe(1);
    expect(run.events).toEqual([
      expect.objectContaining({ event: "following", stack: "nope" }),
      {
        error: {
          code: "NOT_FOUND",
          message:
            '[NOT_FOUND] stack "nope" not found. Fix: give a name that `pulumi stack ls` shows, and the project\'s folder with --cwd.',
          retryable: false,
        },
      },
    ]);
  });

  if (isNightly) {
    it("looks once at a changed key under ignoreChanges, and then lets it rest", async () => {
      project.write("index.js", buildProgram({ options: '{ ignoreChanges: ["secrets.API_KEY"] }' }));
      await deploy();
      infisical.set("dev:/app", "API_KEY", values.second);
      const run = start(["auto-sync", "--interval", "1s"]);
      await run.find("changed");
      await run.find("unchanged");
      snowflake.control.resetCounts();
      await run.find("unchanged", run.events.length);
      await run.find("unchanged", run.events.length);
      expect(snowflake.control.counts()).toMatchObject({ logins: 0, statements: 0 });
      expect(run.events.filter(({ event }) => event === "changed")).toHaveLength(1);
      expect(readValue("API_KEY")).toBe(values.first);
      await run.stop();
    });

    it("survives an unreachable source and an unreachable Snowflake, and then does what was to do, once", async () => {
      await deploy();
      infisical.fail({ kind: 502 });
      const run = start(["auto-sync", "--interval", "1s"]);
      expect(await run.find("failed")).toMatchObject({ code: "SOURCE_FAILED", retryable: true });

      infisical.fail(undefined);
      await run.find("unchanged");
      snowflake.control.addFault({
        on: "login",
        times: Number.POSITIVE_INFINITY,
        effect: { kind: "http-status", status: 503 },
      });
      infisical.set("dev:/app", "API_KEY", values.second);
      const before = run.events.length;
      expect(await run.find("failed", before)).toMatchObject({
        code: "ENGINE_FAILED",
        message: expect.stringMatching(
          /^\[ENGINE_FAILED\] pulumi failed, and nothing was changed: dev\. Fix: correct the problem in the messages below, then run again\.\n {2}app: .*\[UNREACHABLE\]/,
        ),
      });
      expect(readValue("API_KEY")).toBe(values.first);

      snowflake.control.clearFaults();
      await run.find("synced", before);
      expect(readValue("API_KEY")).toBe(values.second);
      await run.find("unchanged", run.events.length);
      expect(run.events.filter(({ event }) => event === "synced")).toHaveLength(1);
      await run.stop();
    });

    it("says that the config has changed when that is why it does not sync", async () => {
      await deploy();
      infisical.set("dev:/app", "API_KEY", values.second);
      await project.setConfig("snowflake:warehouse", "OTHER");
      const manual = start(["sync"]);
      expect(await manual.exited, manual.output).toBe(3);
      expect(manual.events.at(-1)).toMatchObject({
        event: "refused",
        excess: [
          "the stack's config has changed since the last deployment (the default provider would be updated)",
        ],
      });
    });

    it("says that another update is running when what differs is half of that update", async () => {
      await deploy();
      infisical.set("dev:/app", "API_KEY", values.second);
      project.write("index.js", buildProgram({ args: 'description: "newer",' }));
      // The person's write is done, and its answer takes a minute or two.
      snowflake.control.addFault({ match: /^ALTER SECRET/, effect: { kind: "dribble", everyMs: 100 } });
      let endPerson = (): void => undefined;
      const person = runKilled(project, "up", (kill) => {
        endPerson = kill;
      });
      await expect.poll(() => readValue("API_KEY"), { timeout: 60_000 }).toBe(values.second);
      const manual = start(["sync"]);
      expect(await manual.exited, manual.output).toBe(1);
      expect(manual.events.at(-1)).toMatchObject({
        error: {
          code: "TIMED_OUT",
          message:
            '[TIMED_OUT] another update of stack "dev" is running. Fix: run again when it has ended. If it was interrupted, run `pulumi cancel --stack dev`, then `pulumi up`.',
          retryable: true,
        },
      });
      endPerson();
      await person;
    });

    it("waits while a person holds the stack's lock", async () => {
      await deploy();
      // A run of a person that stays in the program until it is let go.
      const gate = createServer();
      await new Promise<void>((resolve) => gate.listen(0, "127.0.0.1", resolve));
      const address = gate.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      const hold = `await new Promise((done) => require("node:net").connect(${port}, "127.0.0.1").on("close", done));`;
      project.write(
        "index.js",
        `module.exports = (async () => { const exports = {}; if (process.env.HOLD) { ${hold} } ${buildProgram()} return exports; })();`,
      );
      const arrived = once(gate, "connection");
      const person = project.up({ env: { HOLD: "1" } });
      const [socket] = await arrived;
      infisical.set("dev:/app", "API_KEY", values.second);
      const run = start(["auto-sync", "--interval", "1s"]);
      await run.find("waiting");
      socket.destroy();
      gate.close();
      expect((await person).code).toBe(0);
      await run.find("unchanged");
      expect(readValue("API_KEY")).toBe(values.second);
      await run.stop();
    });

    it("leaves a sync with auto-sync off alone until the command sync runs", async () => {
      project.write("index.js", buildProgram({ args: "isAutoSyncEnabled: false," }));
      await deploy();
      expect(readValue("API_KEY")).toBeUndefined();
      const following = start(["auto-sync", "--interval", "1s"]);
      expect(await following.find("unchanged")).toMatchObject({ syncs: [] });
      await following.stop();

      const unknown = start(["sync", "--resource", "nobody"]);
      expect(await unknown.exited).toBe(1);
      expect(unknown.output).toContain(
        'stack \\"dev\\" has no sync of this name: nobody. Fix: give --resource one of: app.',
      );

      const manual = start(["sync", "--resource", "app"]);
      expect(await manual.exited, manual.output).toBe(0);
      expect(readValue("API_KEY")).toBe(values.first);
    });
  }
});

describe("auto-sync of the plugin's resource", () => {
  // What a dotenv file can hold without quotes.
  const values = {
    first: randomUUID(),
    second: randomUUID(),
    third: randomUUID(),
    gone: randomUUID(),
    come: randomUUID(),
    program: randomUUID(),
  };
  let stage: Stage;
  beforeEach(async () => {
    stage = await startStage("plugin", values);
  });
  afterEach(() => stage.stop());

  const buildSync = (more = "") => `
new SnowflakeSecretSync("app", {
  sources: [{ type: "dotenv", path: "app.env" }],
  secrets: { PROGRAM: v.program },
  destinationConfig: { database: "APP", schema: "SECRETS" },
  syncOptions: { initialSyncBehavior: "preserve-destination" },
  ${more}
});`;

  it("carries changed, new and removed keys over, and refuses what is more", async () => {
    const { project, server, seed } = stage;
    const env = buildConnectionEnv(server, seed);
    project.write("app.env", `API_KEY=${values.first}\nOLD=${values.gone}\n`);
    stage.setProgram(buildSync());
    const up = await project.up();
    expect(up.code, up.output).toBe(0);

    const run = startCli(project, ["auto-sync", "--stack", "dev", "--interval", "1s"], env);
    try {
      await run.find("unchanged");
      project.write("app.env", `API_KEY=${values.second}\nNEW=${values.come}\n`);
      expect(await run.find("synced")).toMatchObject({ changes: "app: ~ API_KEY, + NEW, - OLD" });
      expect(stage.held()).toEqual({ API_KEY: values.second, NEW: values.come, PROGRAM: values.program });

      stage.setProgram(buildSync('description: "another",'));
      project.write("app.env", `API_KEY=${values.third}\nNEW=${values.come}\n`);
      expect(await run.find("refused")).toMatchObject({
        excess: ["app: description differs from the last deployment"],
      });
      expect(stage.held()).toMatchObject({ API_KEY: values.second });
    } finally {
      await run.stop();
    }
    for (const value of Object.values(values)) expect(run.output).not.toContain(value);
  });
});
