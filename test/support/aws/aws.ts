import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder, projectFolder } from "../engine/engine.js";
import { type ControlApi, openControlApi } from "./control-api.js";
import type { FaultList } from "./faults.js";
import { type AwsCall, type ProxyState, startProxy } from "./proxy.js";

/** An AWS for a test or the demo: Secrets Manager, Glue and STS. */
export interface Aws {
  /** The address that clients use: the proxy's. */
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Environment variables for a process that uses this AWS: credentials, region and `AWS_ENDPOINT_URL`. */
  readonly env: Readonly<Record<string, string>>;
  /** Rules for what goes wrong. */
  readonly faults: FaultList;
  /** Every call of clients since the last reset, oldest first. */
  readonly calls: readonly AwsCall[];
  /** How many calls of an operation, or of all, clients made since the last reset. */
  callCount(operation?: string): number;
  forgetCalls(): void;
  /** Caps the pages of Glue's listings and of ListSecrets; undefined: the service's own size. */
  setPageSize(pageSize: number | undefined): void;
  readonly control: ControlApi;
  /** A region that nobody has used yet: tests in regions of their own can run at once. */
  openRegion(): AwsRegion;
  /** Empties everything: objects, faults, calls, run states. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/** A region with faults, calls and objects of its own. */
export interface AwsRegion {
  readonly region: string;
  readonly endpoint: string;
  readonly faults: FaultList;
  readonly calls: AwsCall[];
  readonly control: ControlApi;
  close(): void;
}

const region = "us-east-1";
const startTimeoutMs = 60_000;
const credentials = { accessKeyId: "testing", secretAccessKey: "testing" } as const;

/** Starts moto and the proxy in front of it, each on a free port of this machine. */
export async function startAws(): Promise<Aws> {
  const moto = await startMoto();
  const state: ProxyState = {
    upstream: moto.address,
    runStates: new Map(),
    pageSize: undefined,
    deletions: new Set(),
  };
  const proxy = await startProxy(state);
  const { faults, calls } = proxy.lane;
  const control = openControlApi(state, { region, credentials });
  let regions = 0;

  // Runs would end at once; moto holds them, and the control API says in which state they are.
  const holdRuns = () =>
    post(`${moto.address}/moto-api/state-manager/set-transition`, {
      model_name: "glue::job_run",
      transition: { progression: "manual", times: 1_000_000_000 },
    });
  await holdRuns();

  return {
    endpoint: proxy.endpoint,
    region,
    credentials,
    env: {
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_REGION: region,
      AWS_ENDPOINT_URL: proxy.endpoint,
      AWS_EC2_METADATA_DISABLED: "true",
    },
    faults,
    calls,
    callCount: (operation) =>
      calls.filter((call) => operation === undefined || call.operation === operation).length,
    forgetCalls: () => {
      calls.length = 0;
    },
    openRegion: () => {
      regions += 1;
      const own = `us-test-${regions}`;
      const { endpoint } = proxy;
      return { region: own, endpoint, ...proxy.openLane(own), ...openRegionControlApi(state, own) };
    },
    setPageSize: (pageSize) => {
      state.pageSize = pageSize;
    },
    control,
    reset: async () => {
      await post(`${moto.address}/moto-api/reset`);
      await holdRuns();
      state.runStates.clear();
      state.pageSize = undefined;
      state.deletions.clear();
      faults.clear();
      calls.length = 0;
    },
    stop: async () => {
      control.close();
      await proxy.stop();
      await moto.stop();
    },
  };
}

function openRegionControlApi(state: ProxyState, own: string): Pick<AwsRegion, "control" | "close"> {
  const control = openControlApi(state, { region: own, credentials });
  return { control, close: () => control.close() };
}

/** The Python of moto's environment, which has boto3. */
export function pythonOfMoto(): string {
  const folder = join(cacheFolder, "moto", process.platform === "win32" ? "Scripts" : "bin");
  const python = join(folder, process.platform === "win32" ? "python.exe" : "python");
  if (existsSync(python)) return python;
  throw new Error("moto is not installed yet. `npm test` and `npm run demo` install it.");
}

async function startMoto(): Promise<{ address: string; stop(): Promise<void> }> {
  const python = pythonOfMoto();
  // Port 0: the system chooses a free one, and the server says which.
  const script = join(projectFolder, "test/support/aws/moto_like_aws.py");
  const child = spawn(python, [script, "-H", "127.0.0.1", "-p", "0"], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, PYTHONUNBUFFERED: "1", NO_COLOR: "1", MOTO_ALLOW_NONEXISTENT_REGION: "true" },
  });
  const address = await addressOf(child);
  return {
    address,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => child.once("close", resolve));
      child.kill("SIGKILL");
      await ended;
    },
  };
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = "";
    const timer = setTimeout(() => fail("moto did not start in time"), startTimeoutMs);
    const fail = (reason: string) => {
      clearTimeout(timer);
      child.kill("SIGKILL");
      reject(new Error(`${reason}:\n${output}`));
    };
    const read = (chunk: Buffer) => {
      if (output.length > 10_000) return;
      output += chunk.toString("utf8");
      const address = /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0];
      if (address === undefined) return;
      clearTimeout(timer);
      resolve(address);
    };
    // Reading goes on after the start, or moto would stop when the pipe is full.
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("error", (error) => fail(error.message));
    child.once("exit", () => fail("moto ended"));
  });
}

async function post(address: string, body?: unknown): Promise<void> {
  const answered = await fetch(address, {
    method: "POST",
    headers: { "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answered.ok) throw new Error(`moto answered ${answered.status} to ${new URL(address).pathname}`);
}
