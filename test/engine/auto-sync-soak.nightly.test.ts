import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { SnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { type CliRun, startCli } from "../support/cli/run-cli.js";
import { type FollowedProject, startFollowedProject } from "../support/followed-project.js";
import type { InfisicalServer } from "../support/infisical-server/index.js";
import type { PulumiProject } from "../support/pulumi/project.js";

const looks = Number(process.env.SOAK_LOOKS ?? 2_000);
const changeEvery = 50;
const sampleEvery = Math.max(1, Math.floor(looks / 40));

/** What a process holds at one moment. */
interface Sample {
  readonly look: number;
  readonly residentMb: number;
  readonly sockets: number;
  readonly files: number;
  readonly children: number;
}

let snowflake: SnowflakeServer;
let infisical: InfisicalServer;
let project: PulumiProject;
let stage: FollowedProject;
let run: CliRun;
const values: string[] = [];

beforeAll(async () => {
  stage = await startFollowedProject({ secrets: {}, plants: [] });
  ({ snowflake, infisical, project } = stage);
  setValue(0);
  const up = await project.up();
  expect(up.code, up.output).toBe(0);
  run = startCli(
    project,
    ["auto-sync", "--stack", "dev", "--interval", "100ms", "--log-level", "debug"],
    stage.env,
  );
});
afterAll(async () => {
  await run?.stop();
  await stage?.stop();
});

/** A look ends with one of these. */
const isLook = ({ event }: Readonly<Record<string, unknown>>) =>
  ["unchanged", "synced", "failed", "refused", "waiting"].includes(String(event));

it(`stays as it is over ${looks} looks, with sources that change and servers that fail`, {
  timeout: 3 * 3_600_000,
}, async () => {
  const samples: Sample[] = [];
  const told: Record<string, number> = {};
  let done = 0;
  let read = 0;
  while (done < looks) {
    const event = await nextEvent(read);
    read += 1;
    if (!isLook(event)) continue;
    done += 1;
    told[String(event.event)] = (told[String(event.event)] ?? 0) + 1;
    disturb(done);
    if (done % sampleEvery === 0 && event.event === "unchanged") samples.push(takeSample(done));
  }
  infisical.fail(undefined);
  snowflake.control.clearFaults();
  setValue(looks + 1);
  await run.find("synced", run.events.length);
  expect(snowflake.control.secret("APP", "SECRETS", "API_KEY")?.value).toBe(values.at(-1));
  expect(await run.stop()).toBe(0);

  console.log(`looks by their end: ${JSON.stringify(told)}`);
  console.table(samples);
  // Each of these must have come about, or nothing was tried.
  for (const event of ["unchanged", "synced", "failed"]) expect(told[event], event).toBeGreaterThan(0);
  expect(told.refused).toBe(undefined);
  const [early, late] = [
    samples.slice(samples.length / 4, samples.length / 2),
    samples.slice(-samples.length / 4),
  ];
  const most = (of: readonly Sample[], what: keyof Sample) => Math.max(...of.map((sample) => sample[what]));
  expect(most(late, "residentMb")).toBeLessThan(most(early, "residentMb") * 1.1);
  expect(most(late, "files")).toBeLessThanOrEqual(most(early, "files"));
  expect(most(late, "sockets")).toBeLessThanOrEqual(most(early, "sockets"));
  expect(most(late, "children")).toBe(0);
  expect(snowflake.control.counts().openSessions).toBe(0);
  expect(values.filter((value) => run.output.includes(value))).toEqual([]);
  expect(run.output).not.toContain(infisical.clientSecret);
  expect(project.searchEverything(values)).toEqual([]);
});

/** Changes the source, and lets servers fail and be well again, so that each meets the other. */
function disturb(look: number): void {
  const step = look % (4 * changeEvery);
  if (look % changeEvery === 0) setValue(look);
  if (step === 10) infisical.fail({ kind: 500, times: 4 });
  if (step === 20) infisical.expireTokens();
  if (step === 2 * changeEvery - 1) {
    snowflake.control.addFault({
      times: 3,
      effect: { kind: "sql-error", code: "000603", message: "internal" },
    });
  }
  if (step === 3 * changeEvery - 1) {
    snowflake.control.addFault({
      on: "login",
      times: 1,
      effect: { kind: "sql-error", code: "390100", message: "no" },
    });
  }
}

function setValue(look: number): void {
  values.push(`value of look ${look}: "quoted" \\ and more`);
  infisical.set("dev:/app", "API_KEY", values.at(-1) ?? "");
}

async function nextEvent(index: number): Promise<Readonly<Record<string, unknown>>> {
  for (;;) {
    const event = run.events[index];
    if (event !== undefined) return event;
    await Promise.race([
      new Promise((resolve) => setTimeout(resolve, 20)),
      run.exited.then(() => {
        throw new Error(`it ended by itself:\n${run.output.slice(-2_000)}`);
      }),
    ]);
  }
}

/** Linux tells all of it under /proc. */
function takeSample(look: number): Sample {
  const folder = `/proc/${run.pid}`;
  const files = readdirSync(`${folder}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`${folder}/fd/${fd}`)];
    } catch {
      return []; // closed meanwhile
    }
  });
  const status = readFileSync(`${folder}/status`, "utf8");
  const children = readFileSync(`${folder}/task/${run.pid}/children`, "utf8").trim();
  return {
    look,
    residentMb: Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024),
    sockets: files.filter((target) => target.startsWith("socket:")).length,
    files: files.length,
    children: children === "" ? 0 : children.split(" ").length,
  };
}
