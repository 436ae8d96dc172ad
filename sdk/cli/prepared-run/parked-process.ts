import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";

/** What a parked process is told when its time comes. */
export interface ParkedStart {
  /** Its absolute path. */
  readonly script: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** A process that has loaded its packages and waits. It ends with this process, however that ends. */
export interface ParkedProcess {
  readonly isAlive: boolean;
  /** Becomes the script; once. */
  start(start: ParkedStart): void;
  /** The first line that the script prints; the rest is dropped. `undefined`: it ended before. */
  readonly firstLine: Promise<string | undefined>;
  /** Its exit code, null after a signal. */
  readonly exited: Promise<number | null>;
  /** Asks it to end as an engine asks its plugins, and makes it end if it does not. */
  end(): Promise<void>;
}

/** As long as an engine waits for its plugins. */
const endTimeoutMs = 5_000;

/** Starts a process in a folder and has it load packages as the folder's own code would. */
export function parkProcess(
  folder: string,
  packages: readonly string[],
  env: Readonly<Record<string, string>>,
): ParkedProcess {
  const child = fork(join(__dirname, "parked-main.js"), packages, {
    cwd: folder,
    env: { ...process.env, ...env },
    execArgv: [],
    // Out of reach of the terminal's Ctrl-C: what is under way is finished first.
    detached: true,
    stdio: ["ignore", "pipe", "ignore", "ipc"],
  });
  const exited = new Promise<number | null>((resolve) => {
    child.once("exit", resolve);
    // It could not be started.
    child.once("error", () => resolve(null));
  });
  return {
    get isAlive() {
      return child.exitCode === null && child.connected;
    },
    start: (start) => {
      child.send(start, () => undefined);
    },
    firstLine: readFirstLine(child, exited),
    exited,
    end: async () => {
      child.kill("SIGINT");
      const timer = setTimeout(() => child.kill("SIGKILL"), endTimeoutMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

async function readFirstLine(child: ChildProcess, exited: Promise<unknown>): Promise<string | undefined> {
  const stdout = child.stdout;
  if (stdout === null) return undefined;
  stdout.setEncoding("utf8");
  let text = "";
  const found = new Promise<string>((resolve) => {
    stdout.on("data", (chunk: string) => {
      if (text.includes("\n")) return;
      text += chunk;
      if (text.includes("\n")) resolve(text.slice(0, text.indexOf("\n")));
    });
  });
  return await Promise.race([found, exited.then(() => undefined)]);
}
