import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join, resolve, sep } from "node:path";

/** How a program is started. */
export interface ProgramCall {
  /** The whole path of the program; see `findProgram`. */
  readonly file: string;
  readonly args: readonly string[];
  readonly workingDirectory: string;
  readonly env: Environment;
  /** Of standard output, in bytes. */
  readonly maxBytes: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** How a program ended. Of its standard error only the length is kept. */
export interface ProgramResult {
  readonly output: Buffer;
  readonly errorBytes: number;
  /** "exit code 3", "signal SIGSEGV"; undefined where it did well. */
  readonly failure: string | undefined;
}

/** The program wrote more than `maxBytes`, and was ended. */
export class TooMuchOutput extends Error {}

/**
 * Runs a program without a shell, until it and all who hold its output have ended. Whatever it started is ended with it
 * when the signal is aborted, and when this process ends.
 *
 * @throws TooMuchOutput, the signal's reason where it was aborted before, and Node's error where the program cannot be
 *   started
 */
export async function runProgram(call: ProgramCall, signal: AbortSignal): Promise<ProgramResult> {
  const { file, args, workingDirectory, env, maxBytes } = call;
  // An abort that is over is told to nobody who listens from now on.
  signal.throwIfAborted();
  const child = spawn(file, args, {
    cwd: workingDirectory,
    env: { ...env },
    stdio: ["ignore", "pipe", "pipe"],
    // A process group of its own can be ended as a whole.
    detached: process.platform !== "win32",
    windowsHide: true,
  });
  const end = () => {
    endTree(child);
    // What left the group may hold them still, and would keep this process from ending.
    child.stdout.destroy();
    child.stderr.destroy();
  };
  process.once("exit", end);
  signal.addEventListener("abort", end, { once: true });
  try {
    return await new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      let errorBytes = 0;
      child.once("error", reject);
      child.stdout.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= maxBytes) chunks.push(chunk);
        else {
          end();
          reject(new TooMuchOutput());
        }
      });
      child.stderr.on("data", (chunk: Buffer) => {
        errorBytes += chunk.length;
      });
      child.once("close", (code, endedBy) =>
        resolve({
          output: Buffer.concat(chunks),
          errorBytes,
          failure: code === 0 ? undefined : code === null ? `signal ${endedBy}` : `exit code ${code}`,
        }),
      );
    });
  } finally {
    process.removeListener("exit", end);
    signal.removeEventListener("abort", end);
  }
}

function endTree({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    if (process.platform === "win32")
      spawn("taskkill", ["/pid", String(pid), "/T", "/F"], { stdio: "ignore" });
    else process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}

/**
 * The whole path of a program; undefined where there is none. A name is looked for in the folders of `PATH`, never in
 * the working folder, which may hold what somebody else put there. A path may be relative to `directory`.
 */
export function findProgram(program: string, directory: string, env: Environment): string | undefined {
  if (program.includes("/") || program.includes(sep)) {
    const file = resolve(directory, program);
    return isProgram(file) ? file : undefined;
  }
  const folders = (env.PATH ?? env.Path ?? "").split(delimiter).filter(isAbsolute);
  // What needs a shell on Windows (.cmd, .bat) cannot be run without one.
  const endings = process.platform === "win32" ? ["", ".exe", ".com"] : [""];
  return folders.flatMap((folder) => endings.map((ending) => join(folder, program + ending))).find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
