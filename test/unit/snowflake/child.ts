import { spawn } from "node:child_process";
import { setImmediate as nextTurn } from "node:timers/promises";
import { inspect } from "node:util";
import { isProviderError } from "../../../provider/core/errors.js";
import { endOnInterrupt } from "../../../provider/engine/interrupt.js";
import { Operation } from "../../../provider/engine/operation.js";
import { getSession } from "../../../provider/snowflake/driver/pool.js";
import { openSession, type SessionTimeouts } from "../../../provider/snowflake/driver/session.js";
import { connect, type Reach } from "./connect.js";

/** What a process of its own did, and how it ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The lines that it wrote. */
  readonly lines: readonly string[];
  readonly stderr: string;
}

interface Options {
  readonly env?: Readonly<Record<string, string>>;
  /** Sees each line; may send a signal. */
  readonly onLine?: (line: string, kill: (signal: NodeJS.Signals) => void) => void;
}

/** Runs a scenario in a process of its own: whether one can end is seen there only. */
export function runScenario(
  name: keyof typeof scenarios,
  reach: Reach,
  options: Options = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--import", "tsx", __filename, name, JSON.stringify(reach)], {
      env: { ...process.env, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const lines: string[] = [];
    let rest = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      const parts = (rest + text).split("\n");
      rest = parts.pop() ?? "";
      for (const line of parts) {
        lines.push(line);
        options.onLine?.(line, (signal) => child.kill(signal));
      }
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal, lines, stderr }));
  });
}

const brief: SessionTimeouts = { loginTimeoutMs: 4_000, statementTimeoutMs: 500 };
const statement = { text: "SELECT CURRENT_ROLE()", operation: "ask for the role", target: "session" };

const scenarios = {
  /** A log-in that fails. */
  async "log in"(reach: Reach) {
    await attempt(() => openSession(connect(reach), brief));
    await showWhatRemains();
  },
  /** A statement that fails, while another one hangs that nobody waits for. */
  async "log in, ask, close"(reach: Reach) {
    const session = await openSession(connect(reach), { ...brief, loginTimeoutMs: 10_000 });
    await attempt(() => session.execute(statement));
    const ignored = session.execute(statement).catch(() => undefined);
    await session.close();
    await ignored;
    await showWhatRemains();
  },
  /** Works until it gets a signal. */
  async "hold a session"(reach: Reach) {
    await getSession(startOperation(), connect(reach));
    setInterval(() => undefined, 1_000);
    if (process.env.EXIT_CODE !== undefined) process.exitCode = Number(process.env.EXIT_CODE);
    console.log("ready");
  },
  /** Gets a signal in the middle of a log-in. */
  async "hang in a log-in"(reach: Reach) {
    const login = getSession(startOperation(), connect(reach));
    console.log("ready");
    await login;
  },
};

// As a host does.
function startOperation(): Operation {
  const operation = new Operation({ report: console.log, warn: console.log });
  endOnInterrupt(operation);
  return operation;
}

async function attempt(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
    console.log("done");
  } catch (error) {
    console.log(isProviderError(error) ? error.code : inspect(error));
  }
}

// What keeps a process from ending; its own pipes are none of the driver's.
async function showWhatRemains(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await nextTurn();
  const remaining = process.getActiveResourcesInfo().filter((kind) => !/^Pipe|^Immediate|^TTY/.test(kind));
  console.log(`remains: ${remaining.join(", ")}`);
}

async function main([name, reach]: readonly string[]): Promise<void> {
  if (process.env.NODE_EXTRA_CA_CERTS !== undefined) {
    const { default: driver } = await import("snowflake-sdk");
    // Nobody vouches for a test's certificate.
    driver.configure({ disableOCSPChecks: true });
  }
  await scenarios[name as keyof typeof scenarios](JSON.parse(reach ?? "{}") as Reach);
}

if (require.main === module) void main(process.argv.slice(2));
