import { readFileSync } from "node:fs";
import { UnsecuredJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { type CliRun, startCli } from "../support/cli/run-cli.js";
import { type FollowedProject, followedProgram, startFollowedProject } from "../support/followed-project.js";
import type { InfisicalServer } from "../support/infisical-server/index.js";
import { judge } from "../support/prometheus/judge.js";
import { cloneStacks } from "../support/pulumi/clone-stacks.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import type { PulumiProject } from "../support/pulumi/project.js";

const values = plantValues("first", "second", "wrong");
const folder = "examples/monitoring";
const rules = readFileSync(`${folder}/auto-sync.rules.yml`, "utf8");

const program = `const pulumi = require("@pulumi/pulumi");
${followedProgram}
exports.version = pulumi.getStack() === "changed" ? 2 : 1;
`;

const hourSeconds = 3_600;
const weekSeconds = 7 * 24 * hourSeconds;

/** A service that follows a stack for each thing that may go wrong, and what it tells of that. */
describe("what a monitoring system sees of auto-sync", () => {
  let snowflake: SnowflakeServer;
  let infisical: InfisicalServer;
  let project: PulumiProject;
  let stage: FollowedProject;
  let run: CliRun;
  /** Before something went wrong, and after. */
  let before: string;
  let after: string;
  let startedAt: number;

  beforeAll(async () => {
    stage = await startFollowedProject({
      secrets: { API_KEY: values.first },
      plants: Object.values(values),
      program,
    });
    ({ snowflake, infisical, project } = stage);
    const { env } = stage;
    const up = await project.up();
    expect(up.code, up.output).toBe(0);
    const stacks = ["changed", "locked", "sourceless", "refused", "expiring"] as const;
    cloneStacks(project, stacks);

    startedAt = Math.floor(Date.now() / 1_000);
    const token = new UnsecuredJWT({}).setExpirationTime(startedAt + weekSeconds - hourSeconds).encode();
    snowflake.control.createUser({
      name: "TOKEN_USER",
      oauthTokens: [token],
      roles: [snowflake.connection.role],
    });
    const { SNOWFLAKE_PASSWORD: _, ...withoutPassword } = env;
    const choose = (name: string, variables: Readonly<Record<string, string>>) => ({
      projectDirectory: project.folder,
      environmentFile: stage.writeEnvironment(name, variables),
    });
    const entries = [
      { ...choose("common", env), stacks: ["dev", "changed", "locked"] },
      {
        // The good log-ins of others would count for the same user.
        ...choose("refused", {
          ...env,
          SNOWFLAKE_USER: "OTHER_USER",
          SNOWFLAKE_PASSWORD: values.wrong,
        }),
        stacks: ["refused"],
      },
      {
        ...choose("expiring", {
          ...withoutPassword,
          SNOWFLAKE_USER: "TOKEN_USER",
          SNOWFLAKE_AUTHENTICATOR: "OAUTH",
          SNOWFLAKE_TOKEN: token,
        }),
        stacks: ["expiring"],
      },
      {
        ...choose("sourceless", { ...env, INFISICAL_CLIENT_ID: "nobody" }),
        stacks: ["sourceless"],
      },
    ];
    project.write("stacks.json", JSON.stringify({ stacks: entries }));
    run = startCli(
      project,
      ["auto-sync", "--file", "stacks.json", "--interval", "1s", "--monitor", "0"],
      env,
    );
    const { monitor } = await run.find("listening");
    /** Scrapes until all of this is told. */
    const waitFor = async (...lines: readonly RegExp[]): Promise<string> => {
      for (const end = Date.now() + 180_000; ; await new Promise((resolve) => setTimeout(resolve, 500))) {
        const metrics = await (await fetch(`${monitor}metrics`)).text();
        const missing = lines.filter((line) => !line.test(metrics));
        if (missing.length === 0) return metrics;
        if (Date.now() > end)
          throw new Error(`${missing.join("\n")}\nis missing in\n${metrics}${run.output}`);
      }
    };
    before = await waitFor(
      ...[...stacks, "dev"]
        .filter((stack) => stack !== "sourceless")
        .map((stack) => new RegExp(`last_success_timestamp_seconds{[^}]*stack="${stack}"}`)),
    );
    stage.lock("locked", 2 ** 22 + 1);
    infisical.set("dev:/app", "API_KEY", values.second);
    after = await waitFor(
      /failures_in_a_row{[^}]*stack="sourceless"} [3-9]/,
      /auto_sync_refused{[^}]*stack="changed",reason="output"} 1/,
      /auto_sync_waiting{[^}]*stack="locked"} 1/,
      /refused_logins_in_a_row{[^}]*stack="refused"} [2-9]/,
      /auto_sync_login_expires_timestamp_seconds{[^}]*stack="expiring"} \d/,
      /looks_total{[^}]*stack="dev",outcome="synced"} 1/,
    );
    expect(await run.stop()).toBe(0);
  });
  afterAll(async () => {
    await run.stop();
    await stage.stop();
  });

  /** What Prometheus would say had it scraped the same every five minutes. */
  const ask = (metrics: string, minutes: number, queries: readonly string[] = []) => {
    const now = Math.floor(Date.now() / 1_000);
    const times = Array.from({ length: Math.ceil(minutes / 5) + 1 }, (_, index) => now + index * 300);
    return judge({
      rules,
      queries,
      scrapes: times.map((at) => ({ at, metrics })),
      labels: { job: "auto-sync", instance: "127.0.0.1:9464" },
    });
  };
  const listFiring = (metrics: string, minutes: number) =>
    ask(metrics, minutes)
      .firing.map(({ alert, labels: { stack = "" } }) => `${alert} ${stack}`.trim())
      // What keeps a stack from its log-in, or its secrets from being its own, is a failure too.
      .filter((name) => !/^AutoSyncFailing (refused|expiring)$/.test(name))
      .sort();

  it("lets each alert fire for the stack that it is of, and no other", () => {
    const ofAll = ask(after, 30);
    expect(ofAll.errors).toEqual([]);
    expect(listFiring(before.replaceAll(/.*(sourceless|expires).*\n/g, ""), 30)).toEqual([]);
    expect(listFiring(after, 30)).toEqual([
      "AutoSyncFailing sourceless",
      "AutoSyncLocked locked",
      "AutoSyncLoginNearLock refused",
      "AutoSyncRefused changed",
      "AutoSyncTokenExpires expiring",
    ]);
    expect(listFiring(after, 120)).toContain("AutoSyncStale dev");
    expect(listFiring("", 10)).toEqual(["AutoSyncDown"]);
    const fired = new Set(
      [after, ""].flatMap((metrics) => ask(metrics, 120).firing.map(({ alert }) => alert)),
    );
    const all = [...rules.matchAll(/- alert: (\w+)/g)].map(([, alert]) => alert);
    expect([...fired].sort()).toEqual(all.sort());
  });

  it("says in an alert's text which stack it is, and why", () => {
    const find = (wanted: string) => ask(after, 30).firing.find(({ alert }) => alert === wanted)?.annotations;
    expect(find("AutoSyncRefused")?.summary).toBe(
      "test-project/changed waits for a person to run pulumi up (reason: output).",
    );
    expect(find("AutoSyncTokenExpires")?.summary).toMatch(/expires in 6d 22h/);
  });

  it("answers each query of the dashboard, with metrics that the page of the service names", () => {
    const text = readFileSync(`${folder}/auto-sync.dashboard.json`, "utf8");
    const { panels } = JSON.parse(text) as { panels: { title: string; targets: { expr: string }[] }[] };
    const queries = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
    const asked = queries.map((query) =>
      query.replaceAll(/\$(project|stack)\b/g, ".*").replaceAll("$__rate_interval", "15m"),
    );
    const served = [...after.matchAll(/^# TYPE (\S+)/gm)].map(([, name = ""]) => name);
    for (const { query, error, metrics, series } of ask(after, 30, asked).queries) {
      expect(error, query).toBeUndefined();
      expect(served, query).toEqual(expect.arrayContaining([...metrics]));
      expect(series, query).toBeGreaterThan(0);
    }
    const page = readFileSync("docs/auto-sync-service.md", "utf8");
    const named = [...page.matchAll(/^\| `(auto_sync_\w+)` \|/gm)].map(([, name = ""]) => name);
    expect(named.sort()).toEqual(served.filter((name) => name.startsWith("auto_sync_")).sort());
  });

  it("counts what runs of Pulumi did on Snowflake, and names no secret", () => {
    const read = (pattern: RegExp) => Number(pattern.exec(after)?.[1]);
    expect(read(/statements_total{[^}]*stack="dev"} (\d+)/)).toBeGreaterThan(1);
    // The preview's and that of `up`.
    expect(read(/logins_total{[^}]*stack="dev",outcome="accepted"} (\d+)/)).toBe(2);
    expect(read(/changes_total{[^}]*stack="dev",kind="changed"} (\d+)/)).toBe(1);
    expect(read(/pending_changes{[^}]*stack="changed"} (\d+)/)).toBe(1);
    // One for each look: after a refusal in the preview there is no `up`.
    const looks = read(/looks_total{[^}]*stack="refused",outcome="failed"} (\d+)/);
    expect(read(/logins_total{[^}]*stack="refused",outcome="refused"} (\d+)/)).toBe(looks);
    expect(after).toMatch(/failures_total{[^}]*stack="refused",code="AUTHENTICATION_FAILED"}/);
    expect(after).not.toMatch(/API_KEY|_USER/);
    expect(project.searchEverything([values.second])).toEqual([]);
  });
});
