import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { projectFolder } from "../engine/engine.js";

// Python's own pseudo-terminal: it copies the child's screen to its output, and its input to the child.
const driver = `
import os, pty, sys
status = pty.spawn(sys.argv[1:])
sys.exit(os.waitstatus_to_exitcode(status))
`;

/**
 * Runs the built command line on a terminal, types `answer` when the screen shows `prompt`, and gives what the screen
 * showed.
 */
export async function runOnTerminal(
  args: readonly string[],
  { prompt, answer }: { readonly prompt: string; readonly answer: string },
): Promise<{ code: number; screen: string }> {
  const command = [process.execPath, join(projectFolder, "dist/sdk/cli/main.js"), ...args];
  const child = spawn("python3", ["-c", driver, ...command], { stdio: ["pipe", "pipe", "inherit"] });
  let screen = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const wasThere = screen.includes(prompt);
    screen += text;
    if (!wasThere && screen.includes(prompt)) child.stdin.write(answer);
  });
  const [code] = (await once(child, "close")) as [number];
  return { code, screen: screen.replaceAll("\r\n", "\n") };
}
