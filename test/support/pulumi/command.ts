import { spawn } from "node:child_process";
import { basename } from "node:path";

/** What a run of a command gave. */
export interface CommandResult {
  /** The first words of the command, for messages. */
  readonly command: string;
  /** The exit code; -1 if a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Both streams as they came. */
  readonly output: string;
  /** The output without what differs from run to run: durations, and the dots that show that time passes. */
  readonly shown: string;
  readonly durationMs: number;
}

export interface CommandOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  /** What the command reads from its standard input. @default nothing */
  readonly input?: string;
  readonly onOutput?: (output: string, kill: (signal: NodeJS.Signals) => void) => void;
}

/** Runs a command without a shell and resolves to what it gave, whatever its exit code. */
export function runCommand(
  file: string,
  args: readonly string[],
  { cwd, env, timeoutMs, input, onOutput }: CommandOptions,
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const startedAt = Date.now();
    // A process group of its own, so that a run that hangs ends together with the plugins it started.
    const child = spawn(file, args, { cwd, env, stdio: ["pipe", "pipe", "pipe"], detached: true });
    // It may end without reading.
    child.stdin.on("error", () => undefined).end(input ?? "");
    let stdout = "";
    let stderr = "";
    let output = "";
    const kill = (signal: NodeJS.Signals) => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, signal);
      } catch {
        // It has ended already.
      }
    };
    const killWithParent = () => kill("SIGKILL");
    process.once("exit", killWithParent);
    const timer = setTimeout(() => kill("SIGKILL"), timeoutMs);
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      output += text;
      onOutput?.(output, kill);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      output += text;
      onOutput?.(output, kill);
    });
    const settle = () => {
      clearTimeout(timer);
      process.off("exit", killWithParent);
    };
    child.once("error", (error) => {
      settle();
      reject(error);
    });
    child.once("close", (code) => {
      settle();
      const command = [basename(file), ...args.slice(0, 2)].join(" ");
      const shown = withoutTimes(output);
      resolve({
        command,
        code: code ?? -1,
        stdout,
        stderr,
        output,
        shown,
        durationMs: Date.now() - startedAt,
      });
    });
  });
}

function withoutTimes(output: string): string {
  return output
    .replace(/^@ .*\.+$\n/gm, "")
    .replace(/^Duration: .*$\n/gm, "")
    .replace(/ \(\d+(\.\d+)?s\)/g, "")
    .replace(/[ \t]+$/gm, "");
}
