import { spawn } from "node:child_process";

/** How a command in a terminal ended. */
export interface TerminalResult {
  readonly code: number | null;
  /** What the terminal shows, both streams. */
  readonly output: string;
}

const program = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";

/** For a shell: what stands behind it runs in a terminal of its own. */
export const terminalCommand = `python3 -c "${program}"`;

/** Runs a command as a person does: in a terminal of its own, which its children find as /dev/tty. */
export function runInTerminal(
  command: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string | undefined>> },
): Promise<TerminalResult> {
  const child = spawn("python3", ["-c", program, ...command], {
    cwd,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, output: output.replaceAll("\r\n", "\n") }));
  });
}
